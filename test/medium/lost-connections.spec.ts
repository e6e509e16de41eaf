import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { CHANGES } from './support/changes.js';
import { CrashScene } from './support/crash-scene.js';
import { redisUrl } from './support/redis.js';
import { TcpProxy } from './support/tcp-proxy.js';

/** Waits for a condition, for at most 10 s. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + 10_000;
  while (!(await condition())) {
    if (performance.now() > giveUpAt) throw new Error('It did not come about within 10 s.');
    await delay(10);
  }
}

describe('a service whose connection to PostgreSQL is lost', () => {
  let scene: CrashScene | undefined;
  beforeAll(async () => {
    scene = await CrashScene.open('PostgreSQL', 60_000);
  }, 120_000);
  afterAll(() => scene?.close());

  /** As the server does on a restart or a failover, or for a transaction that was idle for too long. */
  async function terminate(backend: number): Promise<void> {
    await scene!.service.query(`select pg_terminate_backend(${backend})`);
    const alive = `select 1 from pg_stat_activity where pid = ${backend}`;
    await until(async () => (await scene!.service.query(alive)).length === 0);
  }

  const transactions = [
    { what: 'an identifier, a sensitive field and a proof', statements: 4 },
    { what: 'a sensitive field alone, and a proof', statements: 4 },
    { what: 'a call to Logto and the database', statements: 3 },
  ].flatMap(({ what, statements }) =>
    Array.from({ length: statements + 1 }, (_, after) => ({ what, after, committed: after === statements })),
  );

  it.each(transactions)(
    'lives on, with the change whole or not made: $what, after statement $after of the transaction',
    async ({ what, after, committed }) => {
      if (!scene) return; // createPostgresDatabase reports it.
      const { service } = scene;
      const attempt = await scene.attempt(CHANGES[what]!);
      const { held } = await service.holdTransaction(after);
      const sent = scene.send(attempt);
      await terminate(await held);
      await service.goOn();
      const response = await sent;
      expect(response).toMatchObject({ status: 500 });
      await service.expireLeases();
      // Once COMMIT was sent, the client does not know whether the change was made.
      expect(await scene.faultOf(attempt, committed ? undefined : response)).toBeUndefined();
    },
    60_000,
  );

  it('keeps no lost connection in its pool', async () => {
    if (!scene) return; // createPostgresDatabase reports it.
    const { service } = scene;
    const change = CHANGES['a call to Logto and the database']!;
    for (let lost = 0; lost < 12; lost += 1) {
      const attempt = await scene.attempt(change);
      const { held } = await service.holdTransaction(lost % 3);
      const sent = scene.send(attempt);
      await terminate(await held);
      await service.goOn();
      await sent;
    }
    await service.expireLeases();
    const attempts = await Promise.all(Array.from({ length: 20 }, () => scene!.attempt(change)));
    const responses = await Promise.all(attempts.map((attempt) => scene!.send(attempt)));
    expect(responses.map((response) => response?.status)).toEqual(attempts.map(() => 200));
  }, 60_000);
});

const redis = await redisUrl();

(redis ? describe : describe.skip)('a service whose connection to Redis is lost', () => {
  let scene: CrashScene;
  let proxy: TcpProxy;
  beforeAll(async () => {
    proxy = await TcpProxy.start(redis!);
    scene = (await CrashScene.open('PGlite', 60_000, { REDIS_URL: proxy.url }))!;
  }, 120_000);
  afterAll(async () => {
    await scene?.close();
    await proxy?.reject();
  });

  let sends = 0;
  /** A request that counts against a limit. */
  const send = async () => {
    const { token } = await scene.attempt(CHANGES['three calls']!);
    sends += 1;
    return () =>
      scene.service.request('POST', '/v1/verification-codes', token, {
        body: { email: `lost-${process.pid}-${sends}@example.com` },
      });
  };

  const accidents: Record<string, () => Promise<{ during?: Promise<void>; undo?: () => unknown }>> = {
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

  it.each(Object.entries(accidents))(
    'lives on, and counts by itself in the meantime: %s',
    async (_when, accident) => {
      const [first, second] = [await send(), await send()];
      const { during, undo } = await accident();
      expect(await first()).toMatchObject({ status: 204 });
      await during;
      await undo?.();
      expect(await second()).toMatchObject({ status: 204 });
    },
    60_000,
  );
});

describe('a service whose connection to Logto is lost', () => {
  let scene: CrashScene;
  beforeAll(async () => {
    scene = (await CrashScene.open('PGlite', 60_000))!;
  }, 120_000);
  afterEach(() => scene.logto.faults.reset());
  afterAll(() => scene?.close());

  const LOST = [
    ['before each call', 'before'],
    ['between each call and its response', 'after'],
    ['during the response to each call', 'during'],
  ] as const;

  it.each(LOST)(
    'lives on, with the change whole or not made: %s',
    async (_when, drop) => {
      const attempt = await scene.attempt(CHANGES['three calls and the database']!);
      const user = '/api/users/*';
      for (const operation of [`GET ${user}`, `PATCH ${user}`, `PATCH ${user}/profile`, `PATCH ${user}/custom-data`]) {
        scene.logto.faults.add({ operation, times: 1, drop });
      }
      const response = await scene.send(attempt);
      scene.logto.faults.reset();
      await scene.service.expireLeases();
      expect(await scene.faultOf(attempt, response)).toBeUndefined();
    },
    60_000,
  );

  it.each(LOST)('lives on: %s, for a machine token', async (_when, drop) => {
    const attempt = await scene.attempt(CHANGES['three calls']!);
    scene.logto.faults.add({ operation: 'POST /oidc/token', times: 1, drop });
    scene.logto.faults.refuseTokens('used'); // So that a new one is needed.
    const response = await scene.send(attempt);
    scene.logto.faults.reset();
    expect(await scene.faultOf(attempt, response)).toBeUndefined();
  });

  it('lives on: during the response with its signing keys', async () => {
    const attempt = await scene.attempt(CHANGES['three calls']!);
    scene.logto.faults.add({ operation: 'GET /oidc/jwks', times: 1, drop: 'during' });
    await scene.logto.rotateKeys(); // So that the next token needs them.
    const token = await scene.logto.issueToken(attempt.id);
    expect(await scene.service.request('GET', '/v1/profile', token)).toMatchObject({ status: 503 });
    expect(await scene.faultOf(attempt, undefined)).toBeUndefined();
  });
});
