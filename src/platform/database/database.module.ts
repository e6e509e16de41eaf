import { Global, Module } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { Database } from './database.js';
import { EmbeddedDatabase } from './embedded.js';
import { PostgresDatabase } from './postgres.js';
import { ExpiredRowsService } from './expired-rows.service.js';

/** Provides `Database`: PostgreSQL if a URL is configured, otherwise the embedded one. */
@Global()
@Module({
  providers: [
    {
      provide: Database,
      useFactory: ({ database }: AppConfig): Promise<Database> =>
        database.url === undefined
          ? EmbeddedDatabase.open(database.folder)
          : PostgresDatabase.open(database.url, database.poolSize),
      inject: [AppConfig],
    },
    ExpiredRowsService,
  ],
  exports: [Database],
})
export class DatabaseModule {}
