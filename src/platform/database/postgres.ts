import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import { Client, Pool, type PoolClient, type QueryConfig } from 'pg';
import { Logger } from '@nestjs/common';
import { ConfigurationError } from '../config/environment-reader.js';
import { whenAvailable } from './availability.js';
import { Database, MIN_WORK_MEM, type Db, type Statement, type Transaction } from './database.js';
import { MIGRATION_LOCK, MIGRATIONS } from './migrations.js';
import { DatabaseUnavailableError, keepValuesOutOfErrors, toDatabaseError } from './query-error.js';
import * as schema from './schema.js';
import { transact } from './transact.js';

export interface PostgresOptions {
  /** How long the start waits for the server, and for other processes that migrate, in milliseconds. By default a minute. */
  readonly startTimeoutMs?: number;
  /** The largest number of connections. */
  readonly poolSize: number;
  /** How long a statement may take, and how long the wait for a connection, in milliseconds. */
  readonly timeoutMs: number;
}

/** By how much the server's timeout comes before the client's, so that a server that still responds can report it. */
const SERVER_LEAD_MS = 500;
/** How long a health check waits for its connection, and for its statement. Readiness has a deadline for both together. */
const HEALTH_CHECK_MS = 850;
/** How long one attempt to connect may take at the start. */
const CONNECT_MS = 10_000;
const START_TIMEOUT_MS = 60_000;
/** PostgreSQL and its client interpret 0 as no limit. */
const MIN_WAIT_MS = 1;
const LOCK_NOT_AVAILABLE = '55P03';
const APPLICATION_NAME = 'logto-profile-service';

/** The app's database on a PostgreSQL server. */
export class PostgresDatabase extends Database {
  readonly db;
  private readonly connections = new WeakMap<PoolClient, Db>();

  private constructor(
    private readonly pool: Pool,
    private readonly healthChecks: Pool,
  ) {
    super();
    const client = { query: (config: QueryConfig, values?: unknown[]) => this.run(config, values) };
    const transaction: Db['transaction'] = (work) => this.transaction(work);
    this.db = Object.assign(drizzle({ client: client as unknown as Pool, schema }), { transaction });
  }

  /**
   * Connects and migrates the tables, as soon as the server is available; replicas that start at the same time wait for each other.
   * @throws ConfigurationError if the server rejects the connection, or if `startTimeoutMs` passes
   */
  static async open(
    url: string,
    { poolSize, timeoutMs, startTimeoutMs = START_TIMEOUT_MS }: PostgresOptions,
  ): Promise<PostgresDatabase> {
    keepValuesOutOfErrors();
    await whenAvailable((deadlineAt) => migrateUnderLock(url, deadlineAt), startTimeoutMs);
    const pool = new Pool({
      connectionString: url,
      max: poolSize,
      connectionTimeoutMillis: timeoutMs,
      // A server that has stopped enforces no timeout of its own.
      query_timeout: timeoutMs,
      statement_timeout: Math.max(1, timeoutMs - SERVER_LEAD_MS),
      lock_timeout: Math.ceil(timeoutMs / 2),
      idle_in_transaction_session_timeout: 10_000,
      application_name: APPLICATION_NAME,
    });
    watchConnections(pool);
    return new PostgresDatabase(pool, createHealthCheckPool(url));
  }

  async query(statement: Statement) {
    const { rows, rowCount } = await this.run(statement);
    return { rows, rowCount: rowCount ?? 0 };
  }

  checkHealth(statement: Statement) {
    return this.run(statement, undefined, this.healthChecks);
  }

  async close(): Promise<void> {
    if (!this.pool.ended) await Promise.all([this.pool.end(), this.healthChecks.end()]);
  }

  private async connect(pool = this.pool): Promise<PoolClient> {
    try {
      return await pool.connect();
    } catch (error) {
      throw toDatabaseError(error, { isSent: false });
    }
  }

  /** Executes a statement. A connection on which it failed is not used again, unless the statement itself was wrong. */
  private async run(config: QueryConfig, values?: unknown[], pool?: Pool) {
    const client = await this.connect(pool);
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

/** Creates a pool of one connection, which stays open: otherwise, health checks would fail when all connections are in use. */
function createHealthCheckPool(url: string): Pool {
  const pool = new Pool({
    connectionString: url,
    max: 1,
    idleTimeoutMillis: 0,
    connectionTimeoutMillis: HEALTH_CHECK_MS,
    query_timeout: HEALTH_CHECK_MS,
    statement_timeout: HEALTH_CHECK_MS,
    options: `-c work_mem=${MIN_WORK_MEM}`,
    application_name: `${APPLICATION_NAME} health`,
  });
  // A health check reports a lost connection.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

async function migrateUnderLock(url: string, deadlineAt: number): Promise<void> {
  const connectionTimeoutMillis = Math.max(MIN_WAIT_MS, Math.min(CONNECT_MS, deadlineAt - performance.now()));
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis,
    keepAlive: true,
    application_name: APPLICATION_NAME,
  });
  client.on('error', () => undefined); // If the connection is lost, the current query fails and reports it.
  try {
    await client.connect();
    await acquireMigrationLock(client, deadlineAt);
    await migrate(drizzle(client), MIGRATIONS);
  } finally {
    await client.end(); // Also releases the lock.
  }
}

/** @throws ConfigurationError if another process still holds the lock at the deadline */
async function acquireMigrationLock(client: Client, deadlineAt: number): Promise<void> {
  const { rows } = await client.query<{ acquired: boolean }>('select pg_try_advisory_lock($1) as acquired', [
    MIGRATION_LOCK,
  ]);
  if (rows[0]!.acquired) return;
  const holder = await describeLockHolder(client);
  new Logger(PostgresDatabase.name).warn(`Waiting for the migration lock, which is held by ${holder}.`);
  const waitMs = Math.max(MIN_WAIT_MS, Math.ceil(deadlineAt - performance.now()));
  await client.query("select set_config('lock_timeout', $1, false)", [String(waitMs)]);
  try {
    const statement = { text: 'select pg_advisory_lock($1)', values: [MIGRATION_LOCK] };
    // A server that has stopped enforces no timeout of its own. The types do not declare the option.
    await client.query(Object.assign(statement, { query_timeout: waitMs + SERVER_LEAD_MS }));
  } catch (error) {
    if ((error as { code?: string }).code !== LOCK_NOT_AVAILABLE) throw error;
    throw new ConfigurationError([
      `The migration lock was not released in time; it is held by ${await describeLockHolder(client)}. ` +
        'If that process is not starting, end it or its connection.',
    ]);
  }
  await client.query('reset lock_timeout');
}

/** Describes the session that holds the migration lock, so that operators can find its process. */
async function describeLockHolder(client: Client): Promise<string> {
  const { rows } = await client.query<{ pid: number; name: string; address: string | null }>(
    `select pid, application_name as name, host(client_addr) as address
     from pg_locks join pg_stat_activity using (pid)
     where locktype = 'advisory' and granted and objsubid = 1 and (classid::bigint << 32 | objid::bigint) = $1`,
    [MIGRATION_LOCK],
  );
  const [holder] = rows;
  if (!holder) return 'another process';
  const { pid, name, address } = holder;
  return `the session with process ID ${pid} (${[name, address].filter(Boolean).join(' at ') || 'unnamed'})`;
}
