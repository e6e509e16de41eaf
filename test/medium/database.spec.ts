import { inspect } from 'node:util';
import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { eq, sql } from 'drizzle-orm';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { MIGRATIONS } from '../../src/platform/database/migrations.js';
import { PostgresDatabase } from '../../src/platform/database/postgres.js';
import { idempotencyKey, profileUser } from '../../src/platform/database/schema.js';
import { onEachDatabase } from './support/each-database.js';
import { createPostgresDatabase } from './support/postgres.js';
import { TcpProxy } from './support/tcp-proxy.js';

onEachDatabase((database) => {
  it('returns JSON and timestamps as they were stored', async () => {
    const row = {
      userId: 'u1',
      fields: { shippingAddress: { locality: 'Köln', lines: [1, null, 'ü'] } },
      leaseUntil: new Date(1_800_000_000_123),
    };
    await database.current.db.insert(profileUser).values(row);
    const [found] = await database.current.db.select().from(profileUser).where(eq(profileUser.userId, 'u1'));
    expect(found).toMatchObject({ ...row, fieldsVersion: 0, pending: null });
  });

  it('rolls back a failed transaction', async () => {
    const failing = database.current.db.transaction(async (tx) => {
      await tx.insert(profileUser).values({ userId: 'u2' });
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await database.current.db.select().from(profileUser).where(eq(profileUser.userId, 'u2'))).toEqual([]);
  });

  it('reports a failed query without its values', async () => {
    const row = { userId: 'u3', key: 'secret-key', requestHash: 'secret-hash', expiresAt: new Date() };
    await database.current.db.insert(idempotencyKey).values(row);
    const error = await database.current.db
      .insert(idempotencyKey)
      .values(row)
      .then(
        () => undefined,
        (reason: unknown) => reason,
      );
    expect(error).toMatchObject({ name: 'QueryError', code: '23505', constraint: 'idempotency_key_user_id_key_pk' });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('secret-');
  });

  it('executes plain SQL with parameters', async () => {
    const text = 'insert into logto_profile.rate_limit (key, points, expire) values ($1, $2, $3) returning points';
    const result = await database.current.query({ text, values: ['k', 3, 1_800_000_000_000] });
    expect(result).toMatchObject({ rows: [{ points: 3 }], rowCount: 1 });
  });
});

const migrationsDatabase = await createPostgresDatabase();

(migrationsDatabase ? describe : describe.skip)('replicas that start concurrently', () => {
  it('apply each migration once', async () => {
    const replicas = await Promise.all(
      Array.from({ length: 6 }, () =>
        PostgresDatabase.open(migrationsDatabase!.url, { poolSize: 1, timeoutMs: 5_000 }),
      ),
    );
    const { rows } = await replicas[5].query({ text: 'select count(*)::int as n from logto_profile.migration' });
    expect(rows).toEqual([{ n: readMigrationFiles(MIGRATIONS).length }]);
    await Promise.all(replicas.map((replica) => replica.close()));
    await migrationsDatabase!.drop();
  });
});

const POOL_SIZE = 3;
const proxiedDatabase = await createPostgresDatabase();

(proxiedDatabase ? describe : describe.skip)('lost connections to PostgreSQL', () => {
  let proxy: TcpProxy;
  let database: PostgresDatabase;
  beforeAll(async () => {
    proxy = await TcpProxy.start(proxiedDatabase!.url);
    database = await PostgresDatabase.open(proxy.url, { poolSize: POOL_SIZE, timeoutMs: 5_000 });
  });
  afterAll(async () => {
    await database?.close();
    await proxy?.reject();
    await proxiedDatabase?.drop();
  });

  let warn: jest.SpiedFunction<Logger['warn']>;
  let log: jest.SpiedFunction<Logger['log']>;
  beforeEach(() => {
    warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    log = jest.spyOn(Logger.prototype, 'log').mockImplementation(() => undefined);
  });
  afterEach(() => void jest.restoreAllMocks());

  const ping = () => database.query({ text: 'select 1' });

  /** Opens transactions that each execute a statement and then wait. `proceed` makes them execute another one. */
  async function openTransactions(count: number) {
    let proceed!: () => void;
    const released = new Promise<void>((resolve) => (proceed = resolve));
    const started: Promise<void>[] = [];
    const ended = Array.from({ length: count }, () => {
      const { promise, resolve } = createDeferred();
      started.push(promise);
      return database.db.transaction(async (tx) => {
        await tx.execute(sql`select 1`);
        resolve();
        await released;
        await tx.execute(sql`select 1`);
      });
    });
    await Promise.all(started);
    return { proceed, ended: Promise.allSettled(ended) };
  }

  const listStatuses = (settled: PromiseSettledResult<void>[]) => settled.map(({ status }) => status);
  const repeatPerConnection = (status: string) => Array(POOL_SIZE).fill(status);

  it.each(['begin', 'select 1', 'commit', 'rollback'])(
    'are removed from the pool when they are lost at "%s"',
    async (statement) => {
      for (let losses = 0; losses <= POOL_SIZE; losses += 1) {
        const broken = proxy.breakOn(statement);
        const transaction = database.db.transaction(async (tx) => {
          await tx.execute(sql`select 1`);
          if (statement === 'rollback') throw new Error('The work has failed.');
        });
        await expect(transaction).rejects.toMatchObject(
          statement === 'rollback'
            ? { message: 'The work has failed.' }
            : { code: 'database_unavailable', outcome: statement === 'commit' ? 'unknown' : 'rejected' },
        );
        await broken;
      }
      const { proceed, ended } = await openTransactions(POOL_SIZE);
      proceed();
      expect(listStatuses(await ended)).toEqual(repeatPerConnection('fulfilled'));
    },
  );

  it('are logged once per outage', async () => {
    for (let outage = 1; outage <= 2; outage += 1) {
      const { proceed, ended } = await openTransactions(POOL_SIZE);
      await proxy.reject();
      proceed();
      expect(listStatuses(await ended)).toEqual(repeatPerConnection('rejected'));
      await expect(ping()).rejects.toMatchObject({ outcome: 'not_sent', cause: { code: 'ECONNREFUSED' } });
      await proxy.accept();
      await ping();
      expect(warn).toHaveBeenCalledTimes(outage);
      expect(log).toHaveBeenCalledTimes(outage);
    }
    expect(warn.mock.calls[0]).toEqual([expect.stringMatching(/^A connection to PostgreSQL was lost \(.+\)\.$/)]);
  });
});

function createDeferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve!: () => void;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}
