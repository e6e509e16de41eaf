import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';
import type * as schema from './schema.js';

/** Drizzle for this service's tables; the same for PostgreSQL and the embedded database. */
export type Db = PgDatabase<PgQueryResultHKT, typeof schema>;

/** The argument of the callback of `db.transaction`. */
export type Transaction = Parameters<Parameters<Db['transaction']>[0]>[0];

/** The smallest `work_mem` that PostgreSQL accepts. */
export const MIN_WORK_MEM = '64kB';

export interface Statement {
  /** SQL with `$1`, `$2`, … */
  readonly text: string;
  readonly values?: unknown[];
  /** For a frequent statement: PostgreSQL plans it once per connection. */
  readonly name?: string;
}

/**
 * The app's own database, migrated and ready. Also its injection token. A failed query throws DatabaseUnavailableError, or QueryError
 * if the statement is wrong or violates a constraint. Neither contains the query's values.
 */
export abstract class Database {
  abstract readonly db: Db;
  /** Executes one statement. Also used by rate-limiter-flexible, which has its own SQL (`storeType: 'client'`). */
  abstract query(statement: Statement): Promise<{ rows: Record<string, unknown>[]; rowCount: number }>;
  /**
   * Executes a statement of a health check, on a connection that requests do not use, with the smallest `work_mem`. On PostgreSQL it
   * fails within a second.
   */
  abstract checkHealth(statement: Statement): Promise<{ rows: Record<string, unknown>[] }>;
  abstract close(): Promise<void>;

  /** Nest calls it last when the application closes: everything else can still use the database until then. */
  onApplicationShutdown(): Promise<void> {
    return this.close();
  }
}
