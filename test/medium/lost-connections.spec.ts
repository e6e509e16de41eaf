import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { CHANGES } from './support/changes.js';
import { CrashHarness } from './support/crash-harness.js';
import { findRedisUrl } from './support/redis.js';
import { TcpProxy } from './support/tcp-proxy.js';

/** Waits for a condition, for at most 10 s. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + 10_000;
  while (!(await condition())) {
    if (performance.now() > giveUpAt) throw new Error('The condition was not met within 10 s.');
    await delay(10);
  }
}

describe('a service whose connection to PostgreSQL is lost', () => {
  let harness: CrashHarness | undefined;
  beforeAll(async () => {
    harness = await CrashHarness.open('PostgreSQL', 60_000);
  }, 120_000);
  afterAll(() => harness?.close());

  /** Ends a backend, as the server does on a restart, a failover or an idle-transaction timeout. */
  async function terminate(backend: number): Promise<void> {
    await harness!.service.query(`select pg_terminate_backend(${backend})`);
    const alive = `select 1 from pg_stat_activity where pid = ${backend}`;
    await until(async () => (await harness!.service.query(alive)).length === 0);
  }

  const transactions = [
    { what: 'an identifier, a sensitive field and a proof', statements: 4 },
    { what: 'a sensitive field alone, and a proof', statements: 4 },
    { what: 'a call to Logto and the database', statements: 3 },
  ].flatMap(({ what, statements }) =>
    Array.from({ length: statements + 1 }, (_, after) => ({ what, after, committed: after === statements })),
  );

  it.each(transactions)(
    'continues to run and applies the change fully or not at all: $what, after statement $after of the transaction',
    async ({ what, after, committed }) => {
      if (!harness) return; // createPostgresDatabase reports it.
      const { service } = harness;
      const attempt = await harness.prepareChange(CHANGES[what]!);
      const { held } = await service.holdTransaction(after);
      const sent = harness.send(attempt);
      await terminate(await held);
      await service.releaseTransaction();
      const response = await sent;
      expect(response).toMatchObject({ status: 500 });
      await service.expireLeases();
      // Once COMMIT was sent, the client does not know whether the change was made.
      expect(await harness.findFault(attempt, committed ? undefined : response)).toBeUndefined();
    },
    60_000,
  );

  it('removes a lost connection from its pool', async () => {
    if (!harness) return; // createPostgresDatabase reports it.
    const { service } = harness;
    const change = CHANGES['a call to Logto and the database']!;
    for (let lost = 0; lost < 12; lost += 1) {
      const attempt = await harness.prepareChange(change);
      const { held } = await service.holdTransaction(lost % 3);
      const sent = harness.send(attempt);
      await terminate(await held);
      await service.releaseTransaction();
      await sent;
    }
    await service.expireLeases();
    const attempts = await Promise.all(Array.from({ length: 20 }, () => harness!.prepareChange(change)));
    const responses = await Promise.all(attempts.map((attempt) => harness!.send(attempt)));
    expect(responses.map((response) => response?.status)).toEqual(attempts.map(() => 200));
  }, 60_000);
});

const redis = await findRedisUrl();

(redis ? describe : describe.skip)('a service whose connection to Redis is lost', () => {
  let harness: CrashHarness;
  let proxy: TcpProxy;
  beforeAll(async () => {
    proxy = await TcpProxy.start(redis!);
    harness = (await CrashHarness.open('PGlite', 60_000, { REDIS_URL: proxy.url }))!;
  }, 120_000);
  afterAll(async () => {
    await harness?.close();
    await proxy?.reject();
  });

  let sends = 0;
  /** Prepares a request that counts against a limit. */
  const prepareSend = async () => {
    const { token } = await harness.prepareChange(CHANGES['three calls']!);
    sends += 1;
    return () =>
      harness.service.request('POST', '/v1/verification-codes', token, {
        body: { email: `lost-${process.pid}-${sends}@example.com` },
      });
  };

  const failures: Record<string, () => Promise<{ during?: Promise<void>; undo?: () => unknown }>> = {
    'while it is idle': async () => {
      proxy.breakAll();
      return {};
    },
    'during a command': async () => ({ during: proxy.breakOn('code-sends') }),
    'during the second command of a request': async () => ({ during: proxy.breakOn('code-sends-per-recipient') }),
    'while it is established': async () => {
      const during = proxy.breakOn('info');
      proxy.breakAll();
      return { during };
    },
    'for a while': async () => {
      await proxy.reject();
      return { undo: () => proxy.accept() };
    },
    'without being closed': async () => ({ undo: proxy.fallSilent() }),
  };

  it.each(Object.entries(failures))(
    'continues to run and counts in memory in the meantime: %s',
    async (_when, fail) => {
      const [first, second] = [await prepareSend(), await prepareSend()];
      const { during, undo } = await fail();
      expect(await first()).toMatchObject({ status: 204 });
      await during;
      await undo?.();
      expect(await second()).toMatchObject({ status: 204 });
    },
    60_000,
  );
});

describe('a service whose connection to Logto is lost', () => {
  let harness: CrashHarness;
  beforeAll(async () => {
    harness = (await CrashHarness.open('PGlite', 60_000))!;
  }, 120_000);
  afterEach(() => harness.logto.faults.reset());
  afterAll(() => harness?.close());

  const LOST = [
    ['before each call', 'before'],
    ['between each call and its response', 'after'],
    ['during the response to each call', 'during'],
  ] as const;

  it.each(LOST)(
    'continues to run and applies the change fully or not at all: %s',
    async (_when, drop) => {
      const attempt = await harness.prepareChange(CHANGES['three calls and the database']!);
      const user = '/api/users/*';
      for (const operation of [`GET ${user}`, `PATCH ${user}`, `PATCH ${user}/profile`, `PATCH ${user}/custom-data`]) {
        harness.logto.faults.add({ operation, times: 1, drop });
      }
      const response = await harness.send(attempt);
      harness.logto.faults.reset();
      await harness.service.expireLeases();
      expect(await harness.findFault(attempt, response)).toBeUndefined();
    },
    60_000,
  );

  it.each(LOST)('continues to run when the machine token is requested: %s', async (_when, drop) => {
    const attempt = await harness.prepareChange(CHANGES['three calls']!);
    harness.logto.faults.add({ operation: 'POST /oidc/token', times: 1, drop });
    harness.logto.faults.rejectTokens('used'); // So that a new one is needed.
    const response = await harness.send(attempt);
    harness.logto.faults.reset();
    expect(await harness.findFault(attempt, response)).toBeUndefined();
  });

  it('continues to run when the connection is lost during the response with the signing keys', async () => {
    const attempt = await harness.prepareChange(CHANGES['three calls']!);
    harness.logto.faults.add({ operation: 'GET /oidc/jwks', times: 1, drop: 'during' });
    await harness.logto.rotateKeys(); // So that the next token needs them.
    const token = await harness.logto.issueToken(attempt.id);
    expect(await harness.service.request('GET', '/v1/profile', token)).toMatchObject({ status: 503 });
    expect(await harness.findFault(attempt, undefined)).toBeUndefined();
  });
});
