import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import { Client, Pool, type PoolClient } from 'pg';
import { Logger } from '@nestjs/common';
import { ConfigurationError } from '../config/environment-reader.js';
import { Database, type Db, type Statement, type Transaction } from './database.js';
import { MIGRATION_LOCK, MIGRATIONS } from './migrations.js';
import { keepValuesOutOfErrors, QueryError } from './query-error.js';
import * as schema from './schema.js';

/** The app's database on a PostgreSQL server. */
export class PostgresDatabase extends Database {
  readonly db;
  private readonly connections = new WeakMap<PoolClient, Db>();

  private constructor(private readonly pool: Pool) {
    super();
    const transaction: Db['transaction'] = (work) => this.transaction(work);
    this.db = Object.assign(drizzle(pool, { schema }), { transaction });
  }

  /**
   * Connects and migrates the tables; replicas that start at the same time wait for each other.
   * @param poolSize the largest number of connections
   * @throws ConfigurationError if the server cannot be reached or rejects the connection
   */
  static async open(url: string, poolSize: number): Promise<PostgresDatabase> {
    keepValuesOutOfErrors();
    await migrateUnderLock(url);
    const pool = new Pool({
      connectionString: url,
      max: poolSize,
      connectionTimeoutMillis: 5_000,
      statement_timeout: 10_000,
      idle_in_transaction_session_timeout: 10_000,
      application_name: 'logto-profile-service',
    });
    watchConnections(pool);
    return new PostgresDatabase(pool);
  }

  async query(statement: Statement) {
    try {
      const { rows, rowCount } = await this.pool.query(statement);
      return { rows: rows as Record<string, unknown>[], rowCount: rowCount ?? 0 };
    } catch (error) {
      throw new QueryError(error);
    }
  }

  async close(): Promise<void> {
    if (!this.pool.ended) await this.pool.end();
  }

  /**
   * Replaces Drizzle's `transaction`, which never releases the client if BEGIN fails, and hides the original error behind that of a
   * failed ROLLBACK. Both happen when the connection is lost.
   */
  private async transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const client = await this.pool.connect().catch((error: unknown) => {
      throw new QueryError(error);
    });
    let failure: { readonly error: unknown } | undefined;
    try {
      const result = await this.on(client).transaction(async (tx) => {
        try {
          return await work(tx);
        } catch (error) {
          failure = { error };
          throw error;
        }
      });
      client.release();
      return result;
    } catch (error) {
      // The connection can be reused only if the ROLLBACK succeeded.
      client.release(failure?.error !== error);
      throw failure ? failure.error : error;
    }
  }

  /** Drizzle for one connection. Cached, because creating it takes longer than a short statement. */
  private on(client: PoolClient): Db {
    const db = this.connections.get(client) ?? drizzle(client, { schema });
    this.connections.set(client, db);
    return db;
  }
}

/**
 * Listens to every connection of the pool. Without a listener, a connection that is lost would end the process: an idle one,
 * for which the pool emits `error`, and one in use between two statements of a transaction, which emits it itself.
 */
function watchConnections(pool: Pool): void {
  const logger = new Logger(PostgresDatabase.name);
  let lost = false;
  const onLost = (error: Error & { code?: string }) => {
    // Logged once per outage, which loses all connections and may report each of them more than once.
    if (!lost) logger.warn(`A connection to PostgreSQL was lost (${error.code ?? error.message}).`);
    lost = true;
  };
  pool.on('error', onLost);
  pool.on('connect', (client) => {
    client.on('error', onLost);
    if (lost) logger.log('PostgreSQL is connected again.');
    lost = false;
  });
}

async function migrateUnderLock(url: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined); // If the connection is lost, the current query fails and reports it.
  try {
    await client.connect();
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await migrate(drizzle(client), MIGRATIONS);
  } catch (error) {
    const reason = error instanceof AggregateError ? (error.errors[0] as Error).message : (error as Error).message;
    throw new ConfigurationError([`The database at DATABASE_URL could not be used: ${reason}`]);
  } finally {
    await client.end(); // Also releases the lock.
  }
}
