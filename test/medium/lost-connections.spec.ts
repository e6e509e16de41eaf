import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { CHANGES } from './support/changes.js';
import { CrashHarness } from './support/crash-harness.js';
import { findRedisUrl } from './support/redis.js';
import { TcpProxy } from './support/tcp-proxy.js';

/** Waits for a condition, for at most 10 s. */
async function waitUntil(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('The condition was not met within 10 s.');
    await delay(10);
  }
}

describe('a service whose connection to PostgreSQL is lost', () => {
  let harness: CrashHarness | undefined;
  beforeAll(async () => {
    harness = await CrashHarness.open('PostgreSQL', 60_000);
  }, 120_000);
  afterAll(() => harness?.close());

  /** Terminates a backend, as the server does on a restart, a failover or an idle-transaction timeout. */
  async function terminateBackend(backend: number): Promise<void> {
    await harness!.service.query(`select pg_terminate_backend(${backend})`);
    const alive = `select 1 from pg_stat_activity where pid = ${backend}`;
    await waitUntil(async () => (await harness!.service.query(alive)).length === 0);
  }

  const transactions = [
    { change: 'an identifier, a sensitive field and a proof', statements: 4 },
    { change: 'a sensitive field alone, and a proof', statements: 4 },
    { change: 'a call to Logto and the database', statements: 3 },
  ].flatMap(({ change, statements }) =>
    Array.from({ length: statements + 1 }, (_, after) => ({ change, after, isCommitSent: after === statements })),
  );

  it.each(transactions)(
    'continues to run and applies the change fully or not at all: $change, after statement $after of the transaction',
    async ({ change, after, isCommitSent }) => {
      if (!harness) return; // PostgreSQL is missing, and the run has reported it.
      const { service } = harness;
      const attempt = await harness.prepareChange(CHANGES[change]!);
      const { held } = await service.holdTransaction(after);
      const pendingResponse = harness.send(attempt);
      await terminateBackend(await held);
      await service.releaseTransaction();
      const response = await pendingResponse;
      expect(response).toMatchObject({ status: 503, body: { code: 'database_unavailable' } });
      expect(response!.body.outcome).toBe(isCommitSent ? 'unknown' : undefined);
      await service.expireLeases();
      expect(await harness.findInconsistency(attempt, response)).toBeUndefined();
    },
    60_000,
  );

  it('removes a lost connection from its pool', async () => {
    if (!harness) return; // PostgreSQL is missing, and the run has reported it.
    const { service } = harness;
    const change = CHANGES['a call to Logto and the database']!;
    for (let lostCount = 0; lostCount < 12; lostCount += 1) {
      const attempt = await harness.prepareChange(change);
      const { held } = await service.holdTransaction(lostCount % 3);
      const pendingResponse = harness.send(attempt);
      await terminateBackend(await held);
      await service.releaseTransaction();
      await pendingResponse;
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

  let sendCount = 0;
  /** Prepares a request that counts toward a limit. */
  const prepareSend = async () => {
    const { token } = await harness.prepareChange(CHANGES['three calls']!);
    sendCount += 1;
    return () =>
      harness.service.request('POST', '/v1/verification-codes', token, {
        body: { email: `lost-${process.pid}-${sendCount}@example.com` },
      });
  };

  const failures: Record<string, () => Promise<{ broken?: Promise<void>; restore?: () => unknown }>> = {
    'while it is idle': async () => {
      proxy.breakAll();
      return {};
    },
    'during a command': async () => ({ broken: proxy.breakOn('code-sends') }),
    'during the second command of a request': async () => ({ broken: proxy.breakOn('code-sends-per-recipient') }),
    'while it is established': async () => {
      const broken = proxy.breakOn('info');
      proxy.breakAll();
      return { broken };
    },
    'for a while': async () => {
      await proxy.reject();
      return { restore: () => proxy.accept() };
    },
    'without being closed': async () => ({ restore: proxy.stopForwarding() }),
  };

  it.each(Object.entries(failures))(
    'continues to run, and sends codes again when the connection is restored: %s',
    async (_when, fail) => {
      const [first, second] = [await prepareSend(), await prepareSend()];
      const { broken, restore } = await fail();
      const during = await first();
      // Without the counters nothing is sent. A connection that was restored in time makes no difference.
      if (during?.status !== 204) expect(during).toMatchObject({ status: 503, body: { code: 'database_unavailable' } });
      await broken;
      await restore?.();
      let after = await second();
      for (let tries = 0; after?.status !== 204 && tries < 60; tries += 1) {
        await delay(500);
        after = await second();
      }
      expect(after).toMatchObject({ status: 204 });
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

  const LOSSES = [
    ['before each call', 'before'],
    ['between each call and its response', 'after'],
    ['during the response to each call', 'during'],
  ] as const;

  it.each(LOSSES)(
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
      expect(await harness.findInconsistency(attempt, response)).toBeUndefined();
    },
    60_000,
  );

  it.each(LOSSES)('continues to run when the machine token is requested: %s', async (_when, drop) => {
    const attempt = await harness.prepareChange(CHANGES['three calls']!);
    harness.logto.faults.add({ operation: 'POST /oidc/token', times: 1, drop });
    harness.logto.faults.rejectTokens('used'); // The service must now request a new token.
    const response = await harness.send(attempt);
    harness.logto.faults.reset();
    expect(await harness.findInconsistency(attempt, response)).toBeUndefined();
  });

  it('continues to run when the connection is lost during the response with the signing keys', async () => {
    const attempt = await harness.prepareChange(CHANGES['three calls']!);
    harness.logto.faults.add({ operation: 'GET /oidc/jwks', times: 1, drop: 'during' });
    await harness.logto.rotateKeys(); // The service must now fetch the keys.
    const token = await harness.logto.issueToken(attempt.id);
    expect(await harness.service.request('GET', '/v1/profile', token)).toMatchObject({ status: 503 });
    expect(await harness.findInconsistency(attempt, undefined)).toBeUndefined();
  });
});
