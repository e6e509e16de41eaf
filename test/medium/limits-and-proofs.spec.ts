import { createHash, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { UserRowRepository } from '../../src/domain/users/user-row.repository.js';
import type { Caller } from '../../src/domain/access/caller.js';
import type { AppConfig } from '../../src/platform/config/app-config.js';
import type { Database } from '../../src/platform/database/database.js';
import { EmbeddedDatabase } from '../../src/platform/database/embedded.js';
import { CodeLimitsService } from '../../src/domain/limits/code-limits.service.js';
import { LimitStoreService } from '../../src/domain/limits/limit-store.service.js';
import { PasswordLimitsService } from '../../src/domain/limits/password-limits.service.js';
import { PasswordLockService } from '../../src/domain/limits/password-lock.service.js';
import type { LogtoUser } from '../../src/platform/management-api/logto-user.js';
import type { ManagementApiService } from '../../src/platform/management-api/management-api.service.js';
import { AddressProtectionService } from '../../src/domain/proofs/address-protection.service.js';
import { ProofService } from '../../src/domain/proofs/proof.service.js';
import { CodeRequestRepository } from '../../src/features/verification/code-request.repository.js';
import type { Recipient } from '../../src/features/verification/recipient.js';
import { onEachDatabase } from './support/each-database.js';
import { findRedisUrl } from './support/redis.js';
import { TcpProxy } from './support/tcp-proxy.js';

const redis = await findRedisUrl();
const limits = {
  passwordAttempts: 10,
  passwordAttemptsPerAddress: 100,
  codeSendsPerRecipient: 10,
  codeSendsPerUser: 20,
  wrongCodesPerUser: 20,
  wrongCodesPerRecipient: 50,
};
const config = { limits, mfaUsersProveBy: 'sign-in', logto: { m2mAppSecret: 'secret' } } as AppConfig;
const addresses = new AddressProtectionService(config);
const logto = { listMfaFactors: () => Promise.resolve([]) } as unknown as ManagementApiService;
const clock = { now: () => Date.now() };
const POLICY = { lifetimeMs: 600_000, maxAttempts: 10 };
const createRecipient = (): Recipient => {
  const address = `${randomUUID()}@example.com`;
  return { kind: 'email', address, addressHash: addresses.hash('email', address), purpose: 'address' };
};
const createCaller = (): Caller =>
  ({ userId: randomUUID(), clientId: 'page', impersonated: false, row: { securityEpoch: 0 } }) as Caller;

const countSuccesses = async (times: number, action: (i: number) => Promise<unknown>): Promise<number> => {
  const outcomes = await Promise.allSettled(Array.from({ length: times }, (_, i) => action(i)));
  return outcomes.filter(({ status }) => status === 'fulfilled').length;
};

onEachDatabase((database) => {
  const createReplicas = <T>(create: (database: Database) => T): [T, T] => [
    create(database.current),
    create(database.current),
  ];

  /** Creates a caller with a row, as the service does before it issues a proof or a code. */
  const createKnownCaller = async (): Promise<Caller> => {
    const caller = createCaller();
    await new UserRowRepository(database.current).ensure(caller.userId);
    return caller;
  };

  it('allows ten of a hundred concurrent password checks, and one after the lockout', async () => {
    let now = Date.now();
    const locks = createReplicas((db) => new PasswordLockService(db, { now: () => now }, config));
    const { userId } = createCaller();
    expect(await countSuccesses(100, (i) => locks[i % 2]!.begin(userId))).toBe(10);
    now += 60_000;
    expect(await countSuccesses(100, (i) => locks[i % 2]!.begin(userId))).toBe(1);
    await expect(locks[0].begin(userId)).rejects.toMatchObject({ options: { headers: { 'Retry-After': '120' } } });
  });

  it('counts code sends across replicas and restarts', async () => {
    const replicas = createReplicas((db) => new CodeLimitsService(new LimitStoreService(config, db), config));
    const { userId } = createCaller();
    expect(await countSuccesses(50, (i) => replicas[i % 2]!.countSend(userId, `hash${i}`))).toBe(20);
    const restarted = new CodeLimitsService(new LimitStoreService(config, database.current), config);
    await expect(restarted.countSend(userId, 'another hash')).rejects.toMatchObject({ code: 'rate_limited' });
  });

  it('allows one of fifty concurrent changes to consume a proof', async () => {
    const proofs = createReplicas(
      (db) => new ProofService(db, new UserRowRepository(db), clock, logto, config, addresses),
    );
    const caller = await createKnownCaller();
    const { verificationId } = (await proofs[0].issue(caller, 'signIn', { provesIdentity: true, securityEpoch: 0 }))!;
    const selection = await proofs[0].select(caller, [verificationId], { identity: true }, {} as LogtoUser);
    const consume = (i: number) => database.current.db.transaction((tx) => proofs[i % 2]!.consume(tx, selection));
    expect(await countSuccesses(50, consume)).toBe(1);
  });

  it('reserves a request for one of fifty concurrent checks', async () => {
    const requests = createReplicas((db) => new CodeRequestRepository(db, clock, addresses));
    const [caller, recipient] = [await createKnownCaller(), createRecipient()];
    await requests[0].setCurrent(await requests[0].create(caller, recipient));
    const reserved = await Promise.all(
      Array.from({ length: 50 }, (_, i) => requests[i % 2]!.reserve(caller, recipient, POLICY)),
    );
    expect(reserved.filter(Boolean)).toMatchObject([{ codeSentTo: recipient.address }]);
  });

  it('has one current code for an address, however many users request one concurrently', async () => {
    const requests = createReplicas((db) => new CodeRequestRepository(db, clock, addresses));
    const recipient = createRecipient();
    const callers = await Promise.all(Array.from({ length: 20 }, createKnownCaller));
    await Promise.all(
      callers.map(async (caller, i) => {
        await requests[i % 2]!.setCurrent(await requests[i % 2]!.create(caller, recipient));
      }),
    );
    const reserved = await Promise.all(callers.map((caller) => requests[0].reserve(caller, recipient, POLICY)));
    expect(reserved.filter((request) => request?.codeSentTo !== undefined)).toHaveLength(1);
    expect(reserved.filter(Boolean)).toHaveLength(20);
  });

  it('ignores a request that a later one of the same caller has replaced', async () => {
    const requests = new CodeRequestRepository(database.current, clock, addresses);
    const [caller, recipient] = [await createKnownCaller(), createRecipient()];
    const replaced = await requests.create(caller, recipient);
    await requests.setCurrent(await requests.create(caller, recipient));
    expect(await requests.setCurrent(replaced)).toBe(false);
    await requests.unsetCurrent(replaced);
    expect(await requests.reserve(caller, recipient, POLICY)).toMatchObject({ codeSentTo: recipient.address });
  });

  it('checks a code only as often and as long as the tenant allows', async () => {
    let now = Date.now();
    const requests = new CodeRequestRepository(database.current, { now: () => now }, addresses);
    const [caller, recipient] = [await createKnownCaller(), createRecipient()];
    await requests.create(caller, recipient);
    const tryCode = async (compared: boolean) => {
      const request = await requests.reserve(caller, recipient, POLICY);
      if (request) await requests.release(request, { compared });
      return request !== undefined;
    };
    expect(await tryCode(false)).toBe(true); // Logto was not reached, so the attempt does not count.
    for (let attempt = 0; attempt < POLICY.maxAttempts; attempt += 1) expect(await tryCode(true)).toBe(true);
    expect(await tryCode(true)).toBe(false);
    await requests.create(caller, recipient);
    now += POLICY.lifetimeMs;
    expect(await tryCode(true)).toBe(false);
    expect(await requests.exists(caller, recipient)).toBe(true);
  });

  it('stores no address in clear', async () => {
    const requests = new CodeRequestRepository(database.current, clock, addresses);
    const proofs = new ProofService(
      database.current,
      new UserRowRepository(database.current),
      clock,
      logto,
      config,
      addresses,
    );
    const [caller, recipient] = [await createKnownCaller(), createRecipient()];
    await requests.setCurrent(await requests.create(caller, recipient));
    await proofs.issue(caller, 'email', { address: recipient.address, provesIdentity: false, securityEpoch: 0 });
    const codes = new CodeLimitsService(new LimitStoreService(config, database.current), config);
    await codes.countSend(caller.userId, recipient.addressHash);
    for (const table of ['code_request', 'current_code', 'verification_record', 'rate_limit']) {
      const { rows } = await database.current.query({
        text: `select to_jsonb(t) from logto_profile.${table} t`,
        values: [],
      });
      const stored = JSON.stringify(rows);
      expect(stored).not.toContain(recipient.address.split('@')[0]);
      expect(stored).not.toContain(createHash('sha256').update(recipient.address).digest('base64url'));
    }
  });
});

(redis ? describe : describe.skip)('limits on Redis', () => {
  const stores: LimitStoreService[] = [];
  const unusedDatabase = {} as Database;
  const createReplica = () => {
    const store = new LimitStoreService({ ...config, redisUrl: redis, redisTimeoutMs: 5_000 }, unusedDatabase);
    stores.push(store);
    return new CodeLimitsService(store, config);
  };
  afterAll(() => {
    for (const store of stores) store.onApplicationShutdown();
  });

  let replicas: CodeLimitsService[];
  beforeAll(() => {
    replicas = [createReplica(), createReplica()];
  });

  it('counts code sends across replicas and restarts', async () => {
    const { userId } = createCaller();
    const send = (i: number) => replicas[i % 2]!.countSend(userId, randomUUID());
    expect(await countSuccesses(50, send)).toBe(20);
    await expect(createReplica().countSend(userId, randomUUID())).rejects.toMatchObject({
      code: 'rate_limited',
      options: { headers: { 'RateLimit-Policy': '"code-sends";q=20;w=600' } },
    });
  });

  describe('while Redis fails', () => {
    let proxy: TcpProxy;
    let lines: string[];
    beforeAll(async () => {
      proxy = await TcpProxy.start(redis!);
    });
    beforeEach(() => {
      lines = [];
      for (const level of ['warn', 'log'] as const) {
        jest.spyOn(Logger.prototype, level).mockImplementation((line: unknown) => void lines.push(String(line)));
      }
    });
    afterEach(() => {
      jest.restoreAllMocks();
    });
    afterAll(async () => {
      for (const store of stores) store.onApplicationShutdown();
      await proxy.reject();
    });

    const caller = { userId: randomUUID(), clientId: 'page', ip: '203.0.113.9' } as Caller;
    const createLimits = (db: Database) => {
      const own = { ...config, redisUrl: proxy.url, redisTimeoutMs: 400, trustProxy: false } as AppConfig;
      const store = new LimitStoreService(own, db);
      stores.push(store);
      const lock = new PasswordLockService(db, clock, own);
      return { codes: new CodeLimitsService(store, own), passwords: new PasswordLimitsService(store, lock, own) };
    };
    const now = performance.now.bind(performance);
    let skipped = 0;
    /** Lets the pause of the circuit breaker end. */
    const pass = () => {
      skipped += 30_000;
      jest.spyOn(performance, 'now').mockImplementation(() => now() + skipped);
    };

    it.each<[string, () => (() => unknown) | Promise<() => unknown>]>([
      ['it hangs', () => proxy.stopForwarding()],
      ['it is full', () => proxy.respondOn('evalsha', "-OOM command not allowed when used memory > 'maxmemory'.\r\n")],
      ['it rejects connections', () => proxy.reject().then(() => () => proxy.accept())],
    ])('rejects attempts and sends without making them, and logs one line: %s', async (_fault, fail) => {
      const embedded = await EmbeddedDatabase.open('memory://');
      const { codes, passwords } = createLimits(embedded);
      await codes.countSend(randomUUID(), randomUUID());
      const repair = await fail();
      const unavailable = {
        code: 'database_unavailable',
        status: 503,
        outcome: 'rejected',
        options: { headers: { 'Retry-After': expect.stringMatching(/^[1-9]\d*$/) } },
      };
      const attempt = jest.fn(() => Promise.resolve(true));
      for (let i = 0; i < 10; i += 1) {
        await expect(passwords.attempt(caller, attempt)).rejects.toMatchObject(unavailable);
        await expect(codes.attempt(caller.userId, 'hash', attempt)).rejects.toMatchObject(unavailable);
        await expect(codes.countSend(caller.userId, 'hash')).rejects.toMatchObject(unavailable);
        await expect(codes.sendToOwn(caller.userId, attempt as never)).rejects.toMatchObject(unavailable);
      }
      expect(attempt).not.toHaveBeenCalled();
      expect(lines).toEqual([expect.stringContaining('Redis is unavailable')]);

      await repair();
      pass();
      // Until it is connected again.
      while (!(await passwords.attempt(caller, attempt).catch(() => false))) pass();
      expect(lines).toEqual([lines[0], expect.stringContaining('Redis is available again')]);
      await embedded.close();
    });

    it('does not fail an action that has ended', async () => {
      const { codes } = createLimits(unusedDatabase);
      let repair!: () => void;
      const check = () => {
        repair = proxy.stopForwarding();
        return Promise.resolve('right');
      };
      expect(await codes.attempt(caller.userId, undefined, check)).toBe('right');
      repair();
    });
  });
});
