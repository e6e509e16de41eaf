import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import { Client, Pool } from 'pg';
import { Logger } from '@nestjs/common';
import { ConfigurationError } from '../config/environment-reader.js';
import { Database, type Statement } from './database.js';
import { MIGRATION_LOCK, MIGRATIONS } from './migrations.js';
import { keepValuesOutOfErrors, QueryError } from './query-error.js';
import * as schema from './schema.js';

/** The app's database on a PostgreSQL server. */
export class PostgresDatabase extends Database {
  readonly db;

  private constructor(private readonly pool: Pool) {
    super();
    this.db = drizzle(pool, { schema });
  }

  /**
   * Connects and brings the tables up to date; replicas that start at once wait for each other.
   * @param poolSize connections at most
   * @throws ConfigurationError when the server cannot be reached or refuses
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
    // Without a listener an idle connection that the server drops would end the process; the pool replaces it.
    pool.on('error', (error) =>
      new Logger(PostgresDatabase.name).warn(`An idle connection was lost: ${error.message}`),
    );
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
}

async function migrateUnderLock(url: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined); // A connection lost here fails the query under way, which says so.
  try {
    await client.connect();
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await migrate(drizzle(client), MIGRATIONS);
  } catch (error) {
    const reason = error instanceof AggregateError ? (error.errors[0] as Error).message : (error as Error).message;
    throw new ConfigurationError([`The database at DATABASE_URL could not be used: ${reason}`]);
  } finally {
    await client.end(); // Also lets the lock go.
  }
}
