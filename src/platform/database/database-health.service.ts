import { Injectable } from '@nestjs/common';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { Database } from './database.js';
import { MIGRATIONS } from './migrations.js';
import { DatabaseUnavailableError, QueryError } from './query-error.js';

export type DatabaseProblem = 'database_unavailable' | 'database_read_only' | 'database_full' | 'database_not_migrated';

/** How long a successful write shows that the database accepts writes. */
const WRITE_EVERY_MS = 5_000;

const IS_READ_ONLY = {
  text: `select pg_is_in_recovery() or current_setting('transaction_read_only') = 'on' as "isReadOnly"`,
};

/**
 * Writes a row that always exists, which leaves nothing to delete, and reads the last migration. The series exceeds `work_mem` of
 * connections for health checks, so PostgreSQL writes it to a temporary file: an update alone would find room in a page that exists.
 */
const WRITE = {
  text: `with written as (update logto_profile.tenant set singleton = singleton returning 1)
         select (select count(*) from written) as written, (select max(created_at) from logto_profile.migration) as "migratedAt",
                (select count(*) from generate_series(1, 20000)) as spilled`,
};

const PROBLEMS: Readonly<Record<string, DatabaseProblem>> = {
  '25006': 'database_read_only',
  '53100': 'database_full',
  '3F000': 'database_not_migrated', // no such schema
  '42P01': 'database_not_migrated', // no such table
  '42703': 'database_not_migrated', // no such column
};

/** Checks whether the database is migrated and accepts writes, on a connection that requests do not use. */
@Injectable()
export class DatabaseHealthService {
  private readonly latestMigration = Math.max(
    ...readMigrationFiles(MIGRATIONS).map(({ folderMillis }) => folderMillis),
  );
  /** By `performance.now()`. */
  private writtenAt = -Infinity;

  constructor(private readonly database: Database) {}

  /** Returns the problem, or undefined if there is none. Writes at most every 5 s, and after each problem. Never rejects. */
  async check(): Promise<DatabaseProblem | undefined> {
    try {
      if (performance.now() - this.writtenAt < WRITE_EVERY_MS && !(await this.isReadOnly())) return undefined;
      this.writtenAt = -Infinity;
      const startedAt = performance.now();
      const { rows } = await this.database.checkHealth(WRITE);
      if (Number(rows[0]!['migratedAt']) < this.latestMigration) return 'database_not_migrated';
      this.writtenAt = startedAt;
      return undefined;
    } catch (error) {
      this.writtenAt = -Infinity;
      return toProblem(error);
    }
  }

  private async isReadOnly(): Promise<boolean> {
    const { rows } = await this.database.checkHealth(IS_READ_ONLY);
    return rows[0]!['isReadOnly'] === true;
  }
}

function toProblem(error: unknown): DatabaseProblem {
  const { code = '' } = (error instanceof DatabaseUnavailableError ? error.cause : error) as QueryError;
  return PROBLEMS[code] ?? 'database_unavailable';
}
