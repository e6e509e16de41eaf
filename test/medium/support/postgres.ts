import { randomBytes } from 'node:crypto';
import { Client } from 'pg';

const server = process.env.TEST_DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres';

/**
 * Creates a database on the test server (`TEST_DATABASE_URL`, by default on the standard loopback port).
 * Without a server, it prints a warning and returns undefined, or throws with `REQUIRE_SERVICES`.
 */
export async function createPostgresDatabase(): Promise<{ url: string; drop(): Promise<void> } | undefined> {
  const name = `profile_test_${randomBytes(6).toString('hex')}`;
  try {
    await administer(`create database ${name}`);
  } catch (error) {
    if (process.env.REQUIRE_SERVICES) throw error;
    process.stderr.write(`\n*** SKIPPED: no PostgreSQL for tests (${(error as Error).message}) ***\n\n`);
    return undefined;
  }
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => administer(`drop database ${name} with (force)`) };
}

async function administer(statement: string): Promise<void> {
  const client = new Client({ connectionString: server, connectionTimeoutMillis: 3_000 });
  try {
    await client.connect();
    await client.query(statement);
  } finally {
    await client.end();
  }
}
