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

  it('rolls a failed transaction back', async () => {
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

const fresh = await createPostgresDatabase();

(fresh ? describe : describe.skip)('replicas that start concurrently', () => {
  it('apply each migration once', async () => {
    const replicas = await Promise.all(Array.from({ length: 6 }, () => PostgresDatabase.open(fresh!.url, 1)));
    const { rows } = await replicas[5].query({ text: 'select count(*)::int as n from logto_profile.migration' });
    expect(rows).toEqual([{ n: readMigrationFiles(MIGRATIONS).length }]);
    await Promise.all(replicas.map((replica) => replica.close()));
    await fresh!.drop();
  });
});

const POOL = 3;
const behindProxy = await createPostgresDatabase();

(behindProxy ? describe : describe.skip)('lost connections to PostgreSQL', () => {
  let proxy: TcpProxy;
  let database: PostgresDatabase;
  beforeAll(async () => {
    proxy = await TcpProxy.start(behindProxy!.url);
    database = await PostgresDatabase.open(proxy.url, POOL);
  });
  afterAll(async () => {
    await database?.close();
    await proxy?.reject();
    await behindProxy?.drop();
  });

  let warn: jest.SpiedFunction<Logger['warn']>;
  let log: jest.SpiedFunction<Logger['log']>;
  beforeEach(() => {
    warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    log = jest.spyOn(Logger.prototype, 'log').mockImplementation(() => undefined);
  });
  afterEach(() => void jest.restoreAllMocks());

  const ping = () => database.query({ text: 'select 1' });

  /** Opens `count` transactions that each execute a statement and wait; `proceed` lets them execute another. */
  async function openTransactions(count: number) {
    let proceed!: () => void;
    const released = new Promise<void>((resolve) => (proceed = resolve));
    const begun: Promise<void>[] = [];
    const ended = Array.from({ length: count }, () => {
      const { promise, resolve } = deferred();
      begun.push(promise);
      return database.db.transaction(async (tx) => {
        await tx.execute(sql`select 1`);
        resolve();
        await released;
        await tx.execute(sql`select 1`);
      });
    });
    await Promise.all(begun);
    return { proceed, ended: Promise.allSettled(ended) };
  }

  const statuses = (settled: PromiseSettledResult<void>[]) => settled.map(({ status }) => status);
  const repeat = (status: string) => Array(POOL).fill(status);

  it.each(['begin', 'select 1', 'commit', 'rollback'])(
    'leave the pool when the loss happens at "%s"',
    async (statement) => {
      for (let times = 0; times <= POOL; times += 1) {
        const broken = proxy.breakOn(statement);
        const lost = database.db.transaction(async (tx) => {
          await tx.execute(sql`select 1`);
          if (statement === 'rollback') throw new Error('The work has failed.');
        });
        await expect(lost).rejects.toMatchObject(
          statement === 'rollback' ? { message: 'The work has failed.' } : { name: 'QueryError' },
        );
        await broken;
      }
      const { proceed, ended } = await openTransactions(POOL);
      proceed();
      expect(statuses(await ended)).toEqual(repeat('fulfilled'));
    },
  );

  it('are logged once per outage', async () => {
    for (let outage = 1; outage <= 2; outage += 1) {
      const { proceed, ended } = await openTransactions(POOL);
      await proxy.reject();
      proceed();
      expect(statuses(await ended)).toEqual(repeat('rejected'));
      await expect(ping()).rejects.toMatchObject({ name: 'QueryError', code: 'ECONNREFUSED' });
      await proxy.accept();
      await ping();
      expect(warn).toHaveBeenCalledTimes(outage);
      expect(log).toHaveBeenCalledTimes(outage);
    }
    expect(warn.mock.calls[0]).toEqual([expect.stringMatching(/^A connection to PostgreSQL was lost \(.+\)\.$/)]);
  });
});

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve!: () => void;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}
