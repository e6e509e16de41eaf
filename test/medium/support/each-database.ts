import { afterAll, beforeAll, describe } from '@jest/globals';
import type { Database } from '../../../src/platform/database/database.js';
import { EmbeddedDatabase, TEMPORARY } from '../../../src/platform/database/embedded.js';
import { PostgresDatabase } from '../../../src/platform/database/postgres.js';
import { createPostgresDatabase } from './postgres.js';

const postgres = await createPostgresDatabase();

export interface DatabaseUnderTest {
  /** Open from before the first test until after the last. */
  readonly current: Database;
  /** The URL, for PostgreSQL only. */
  readonly url?: string;
}

/**
 * Runs a suite on an embedded database and, if there is a server, on a new PostgreSQL database. A test file can call it once.
 */
export function onEachDatabase(suite: (database: DatabaseUnderTest) => void): void {
  const targets: [string, string | undefined, () => Promise<Database>][] = [
    ['PGlite', undefined, () => EmbeddedDatabase.open(TEMPORARY)],
  ];
  if (postgres)
    targets.push([
      'PostgreSQL',
      postgres.url,
      () => PostgresDatabase.open(postgres.url, { poolSize: 10, timeoutMs: 5_000 }),
    ]);

  describe.each(targets)('on %s', (_name, url, open) => {
    const databaseUnderTest = { current: undefined as unknown as Database, url };
    beforeAll(async () => {
      databaseUnderTest.current = await open();
    });
    afterAll(async () => {
      await databaseUnderTest.current.close();
      if (url) await postgres?.drop();
    });
    suite(databaseUnderTest);
  });
}
