import { Global, Module } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { whenAvailable } from './availability.js';
import { Database } from './database.js';
import { DatabaseHealthService } from './database-health.service.js';
import { EmbeddedDatabase } from './embedded.js';
import { PostgresDatabase } from './postgres.js';
import { ExpiredRowsService } from './expired-rows.service.js';
import { checkTenant } from './tenant-record.js';

/** Provides `Database`: PostgreSQL if a URL is configured, otherwise the embedded one. It belongs to the configured tenant. */
@Global()
@Module({
  providers: [
    {
      provide: Database,
      useFactory: async ({ database: { url, folder, ...options }, logto }: AppConfig): Promise<Database> => {
        const database = await (url === undefined
          ? EmbeddedDatabase.open(folder)
          : PostgresDatabase.open(url, options));
        await whenAvailable(() => checkTenant(database, logto), options.startTimeoutMs).catch(
          async (error: unknown) => {
            await database.close();
            throw error;
          },
        );
        return database;
      },
      inject: [AppConfig],
    },
    DatabaseHealthService,
    ExpiredRowsService,
  ],
  exports: [Database, DatabaseHealthService],
})
export class DatabaseModule {}
