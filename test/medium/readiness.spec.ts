import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { startDevLogto, type DevLogto } from '../../dev-logto/src/index.js';
import { Database } from '../../src/platform/database/database.js';
import { startStack, type Stack } from '../e2e/harness.js';
import { createPostgresDatabase } from './support/postgres.js';
import { TcpProxy } from './support/tcp-proxy.js';

const POOL_SIZE = 2;
const postgres = await createPostgresDatabase();
const proxy = postgres && (await TcpProxy.start(postgres.url));
const TARGETS: [string, Record<string, string>][] = [['PGlite', { DATABASE_FOLDER: 'memory://' }]];
if (proxy) TARGETS.push(['PostgreSQL', { DATABASE_URL: proxy.url, DATABASE_POOL_SIZE: String(POOL_SIZE) }]);

/** How long a result is reused for further probes, and how long a write counts. */
const REUSED_MS = 1_000;
const WRITTEN_MS = 5_000;

let logto: DevLogto;
beforeAll(async () => {
  logto = await startDevLogto({ port: 0 });
});
afterAll(async () => {
  await logto.stop();
  await proxy?.reject();
  await postgres?.drop();
});

describe.each(TARGETS)('GET /health/ready on %s', (name, environment) => {
  let stack: Stack;
  let database: Database;
  /** What `performance.now()` returns: it stands still, so the time that a probe takes changes nothing. */
  let now = performance.now();
  let statements: string[];
  beforeAll(async () => {
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    stack = await startStack({ logto, environment });
    database = stack.app.get(Database, { strict: false });
    await probeUntil(READY);
    const { checkHealth } = database;
    jest.spyOn(database, 'checkHealth').mockImplementation((statement) => {
      statements.push(/update/.test(statement.text) ? 'write' : 'read');
      return checkHealth.call(database, statement);
    });
  }, 60_000);
  afterAll(async () => {
    await stack?.stop();
    jest.restoreAllMocks();
  });
  beforeEach(() => {
    statements = [];
    now += WRITTEN_MS;
  });

  const query = (text: string) => database.query({ text });
  const READY = { status: 200, reasons: [] };
  const notReady = (reason: string) => ({ status: 503, reasons: [reason] });
  /** Probes after the last result has expired. */
  const probe = async () => {
    now += REUSED_MS;
    const { status, body } = await stack.api('GET', '/health/ready');
    return { status, reasons: (body.reasons as { code: string }[]).map(({ code }) => code) };
  };
  /** Probes until the result is the expected one: on a busy machine, a check may miss its deadline. */
  const probeUntil = async (expected: { status: number; reasons: string[] }) => {
    while (JSON.stringify(await probe()) !== JSON.stringify(expected));
  };

  it('writes at most every 5 s, and checks whether the database is read-only in between', async () => {
    let late = 0;
    for (let probes = 0; probes < 11; probes += 1) if ((await probe()).status !== 200) late += 1;
    expect(statements).toContain('read');
    // After a check that missed its deadline, the next one writes.
    expect(statements.filter((kind) => kind === 'write').length).toBeLessThanOrEqual(3 + late);
  });

  it('shares one check among concurrent probes', async () => {
    now += REUSED_MS;
    await Promise.all(Array.from({ length: 50 }, () => stack.api('GET', '/health/ready')));
    expect(statements).toHaveLength(1);
  });

  describe('when statements fail', () => {
    afterEach(() => query('drop trigger if exists fail on logto_profile.tenant'));

    it.each([
      ['the disk is full', '53100', 'database_full'],
      ['the database is read-only', '25006', 'database_read_only'],
      ['the disk fails', '58030', 'database_unavailable'],
    ])('returns 503 while %s', async (_fault, sqlState, reason) => {
      await query(`create or replace function logto_profile.fail() returns trigger language plpgsql as
                   $$ begin raise exception using errcode = '${sqlState}'; end $$`);
      await query(`create trigger fail before update on logto_profile.tenant
                   for each row execute function logto_profile.fail()`);
      await probeUntil(notReady(reason));
      await probeUntil(notReady(reason));
      await query('drop trigger fail on logto_profile.tenant');
      await probeUntil(READY);
    });
  });

  it('returns 503 while the tables are missing or outdated', async () => {
    await query('alter schema logto_profile rename to moved');
    await probeUntil(notReady('database_not_migrated'));
    await query('alter schema moved rename to logto_profile');
    await probeUntil(READY);
    now += WRITTEN_MS;
    await query('update logto_profile.migration set created_at = created_at - 1');
    await probeUntil(notReady('database_not_migrated'));
    await query('update logto_profile.migration set created_at = created_at + 1');
    await probeUntil(READY);
  });

  if (name === 'PGlite') return;

  it('returns 503 as soon as the database is read-only', async () => {
    const databaseName = new URL(postgres!.url).pathname.slice(1);
    const reconnect = () =>
      query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'logto-profile-service health'
             and datname = '${databaseName}'`);
    await probeUntil(READY);
    await query(`alter database ${databaseName} set default_transaction_read_only = on`);
    await reconnect();
    await probeUntil(notReady('database_read_only'));
    await query(
      `set default_transaction_read_only = off; alter database ${databaseName} reset default_transaction_read_only`,
    );
    await probeUntil(READY);
  });

  it('returns 200 while requests use all connections of the pool', async () => {
    let release!: () => void;
    const released = new Promise<void>((resolve) => (release = resolve));
    const started: Promise<void>[] = [];
    const transactions = Array.from({ length: POOL_SIZE }, () => {
      let start!: () => void;
      started.push(new Promise((resolve) => (start = resolve)));
      return database.db.transaction(async () => {
        start();
        await released;
      });
    });
    await Promise.all(started);
    await probeUntil(READY);
    release();
    await Promise.all(transactions);
  });

  it('returns 503 while PostgreSQL does not respond, without waiting for DATABASE_TIMEOUT_MS', async () => {
    const release = proxy!.stopForwarding();
    await probeUntil(notReady('database_unavailable'));
    release();
    await probeUntil(READY);
  });
});
