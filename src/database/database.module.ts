import { Global, Module } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { Database } from './database.js';
import { EmbeddedDatabase } from './embedded.js';
import { FieldCipher } from './field-cipher.js';
import { PostgresDatabase } from './postgres.js';
import { Sweeper } from './sweeper.service.js';

/** Gives `Database` (PostgreSQL where a URL is configured, else the embedded one) and `FieldCipher` to everyone. */
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
    FieldCipher,
    Sweeper,
  ],
  exports: [Database, FieldCipher],
})
export class DatabaseModule {}
