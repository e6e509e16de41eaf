import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';
import type * as schema from './schema.js';

/** Drizzle over this service's tables; the same for PostgreSQL and the embedded database. */
export type Db = PgDatabase<PgQueryResultHKT, typeof schema>;

/** What `db.transaction` hands to its callback. */
export type Transaction = Parameters<Parameters<Db['transaction']>[0]>[0];

export interface Statement {
  /** SQL with `$1`, `$2`, … */
  readonly text: string;
  readonly values?: unknown[];
  /** For one that is asked often: PostgreSQL plans it once a connection. */
  readonly name?: string;
}

/**
 * The app's own database, migrated and ready. Also its injection token. Failed queries throw QueryError, which holds
 * none of the values concerned.
 */
export abstract class Database {
  abstract readonly db: Db;
  /** One statement as it is, for libraries that bring their own SQL (rate-limiter-flexible: `storeType: 'client'`). */
  abstract query(statement: Statement): Promise<{ rows: Record<string, unknown>[]; rowCount: number }>;
  abstract close(): Promise<void>;

  /** Nest calls it last when the application closes, so that all else may still use the database. */
  onApplicationShutdown(): Promise<void> {
    return this.close();
  }
}
