import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import { Client, Pool, type PoolClient, type QueryConfig } from 'pg';
import { Logger } from '@nestjs/common';
import { ConfigurationError } from '../config/environment-reader.js';
import { Database, type Db, type Statement, type Transaction } from './database.js';
import { MIGRATION_LOCK, MIGRATIONS } from './migrations.js';
import { DatabaseUnavailableError, keepValuesOutOfErrors, toDatabaseError } from './query-error.js';
import * as schema from './schema.js';
import { transact } from './transact.js';

export interface PostgresOptions {
  /** The largest number of connections. */
  readonly poolSize: number;
  /** How long a statement may take, and how long the wait for a connection, in milliseconds. */
  readonly timeoutMs: number;
}

/** By how much the server's timeout comes before the client's, so that a server that still responds can report it. */
const SERVER_LEAD_MS = 500;

/** The app's database on a PostgreSQL server. */
export class PostgresDatabase extends Database {
  readonly db;
  private readonly connections = new WeakMap<PoolClient, Db>();

  private constructor(private readonly pool: Pool) {
    super();
    const client = { query: (config: QueryConfig, values?: unknown[]) => this.run(config, values) };
    const transaction: Db['transaction'] = (work) => this.transaction(work);
    this.db = Object.assign(drizzle({ client: client as unknown as Pool, schema }), { transaction });
  }

  /**
   * Connects and migrates the tables; replicas that start at the same time wait for each other.
   * @throws ConfigurationError if the server cannot be reached or rejects the connection
   */
  static async open(url: string, { poolSize, timeoutMs }: PostgresOptions): Promise<PostgresDatabase> {
    keepValuesOutOfErrors();
    await migrateUnderLock(url);
    const pool = new Pool({
      connectionString: url,
      max: poolSize,
      connectionTimeoutMillis: timeoutMs,
      // A server that has stopped enforces no timeout of its own.
      query_timeout: timeoutMs,
      statement_timeout: Math.max(1, timeoutMs - SERVER_LEAD_MS),
      lock_timeout: Math.ceil(timeoutMs / 2),
      idle_in_transaction_session_timeout: 10_000,
      application_name: 'logto-profile-service',
    });
    watchConnections(pool);
    return new PostgresDatabase(pool);
  }

  async query(statement: Statement) {
    const { rows, rowCount } = await this.run(statement);
    return { rows, rowCount: rowCount ?? 0 };
  }

  async close(): Promise<void> {
    if (!this.pool.ended) await this.pool.end();
  }

  private async connect(): Promise<PoolClient> {
    try {
      return await this.pool.connect();
    } catch (error) {
      throw toDatabaseError(error, { isSent: false });
    }
  }

  /** Executes a statement. A connection on which it failed is not used again, unless the statement itself was wrong. */
  private async run(config: QueryConfig, values?: unknown[]) {
    const client = await this.connect();
    try {
      const result = await client.query<Record<string, unknown>>(config, values);
      client.release();
      return result;
    } catch (cause) {
      const error = toDatabaseError(cause);
      client.release(error instanceof DatabaseUnavailableError);
      throw error;
    }
  }

  /**
   * Replaces Drizzle's `transaction`, which never releases the client if BEGIN fails, and waits for a ROLLBACK on a connection that no
   * longer responds.
   */
  private async transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const client = await this.connect();
    const begin: Db['transaction'] = (run) => this.on(client).transaction(run);
    try {
      const result = await transact(begin, async (tx) => {
        try {
          return await work(tx);
        } catch (error) {
          if (error instanceof DatabaseUnavailableError) void client.end();
          throw error;
        }
      });
      client.release();
      return result;
    } catch (error) {
      // The connection can be reused only if the ROLLBACK succeeded.
      client.release(error instanceof DatabaseUnavailableError || client.getTransactionStatus() !== 'I');
      throw error;
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
