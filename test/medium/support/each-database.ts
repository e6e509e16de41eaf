import { afterAll, beforeAll, describe } from '@jest/globals';
import type { Database } from '../../../src/platform/database/database.js';
import { EmbeddedDatabase, THROW_AWAY } from '../../../src/platform/database/embedded.js';
import { PostgresDatabase } from '../../../src/platform/database/postgres.js';
import { createPostgresDatabase } from './postgres.js';

const postgres = await createPostgresDatabase();

export interface DatabaseUnderTest {
  /** Opened before the first test, closed after the last. */
  readonly current: Database;
  /** The URL, for PostgreSQL only. */
  readonly url?: string;
}

/** Runs a suite on a new PostgreSQL database, which can be used once per test file, and on an embedded one. */
export function onEachDatabase(suite: (database: DatabaseUnderTest) => void): void {
  const targets: [string, string | undefined, () => Promise<Database>][] = [
    ['PGlite', undefined, () => EmbeddedDatabase.open(THROW_AWAY)],
  ];
  if (postgres) targets.push(['PostgreSQL', postgres.url, () => PostgresDatabase.open(postgres.url, 10)]);

  describe.each(targets)('on %s', (_name, url, open) => {
    const holder = { current: undefined as unknown as Database, url };
    beforeAll(async () => {
      holder.current = await open();
    });
    afterAll(async () => {
      await holder.current.close();
      if (url) await postgres?.drop();
    });
    suite(holder);
  });
}
