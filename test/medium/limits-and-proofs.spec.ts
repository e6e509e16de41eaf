import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { UserRowRepository } from '../../src/domain/users/user-row.repository.js';
import type { Caller } from '../../src/domain/access/caller.js';
import type { AppConfig } from '../../src/platform/config/app-config.js';
import type { Database } from '../../src/platform/database/database.js';
import { CodeLimitsService } from '../../src/domain/limits/code-limits.service.js';
import { LimitStoreService } from '../../src/domain/limits/limit-store.service.js';
import { PasswordLockService } from '../../src/domain/limits/password-lock.service.js';
import type { LogtoUser } from '../../src/platform/management-api/logto-user.js';
import { ProofService } from '../../src/domain/proofs/proof.service.js';
import { CodeSendRepository } from '../../src/features/verification/code-send.repository.js';
import type { Recipient } from '../../src/features/verification/recipient.js';
import { onEachDatabase } from './support/each-database.js';
import { findRedisUrl } from './support/redis.js';

const redis = await findRedisUrl();
const limits = { passwordAttempts: 10, codeSendsPerRecipient: 10, codeSendsPerUser: 20, wrongCodesPerUser: 20 };
const config = { limits } as AppConfig;
const clock = { now: () => Date.now() };
const sent = () => Promise.resolve();
const createCaller = (): Caller =>
  ({ userId: randomUUID(), clientId: 'page', impersonated: false, row: { securityEpoch: 0 } }) as Caller;

const countSuccesses = async (times: number, action: (i: number) => Promise<unknown>): Promise<number> => {
  const outcomes = await Promise.allSettled(Array.from({ length: times }, (_, i) => action(i)));
  return outcomes.filter(({ status }) => status === 'fulfilled').length;
};

onEachDatabase((database) => {
  const createTwo = <T>(create: (database: Database) => T): [T, T] => [
    create(database.current),
    create(database.current),
  ];

  /** Creates a caller with a row, as the service does before it issues a proof or a code. */
  const createKnownCaller = async (): Promise<Caller> => {
    const caller = createCaller();
    await new UserRowRepository(database.current).ensure(caller.userId);
    return caller;
  };

  it('lets ten of a hundred concurrent passwords be compared, and one after the lockout', async () => {
    let now = Date.now();
    const locks = createTwo((each) => new PasswordLockService(each, { now: () => now }, config));
    const { userId } = createCaller();
    expect(await countSuccesses(100, (i) => locks[i % 2]!.begin(userId))).toBe(10);
    now += 60_000;
    expect(await countSuccesses(100, (i) => locks[i % 2]!.begin(userId))).toBe(1);
    await expect(locks[0].begin(userId)).rejects.toMatchObject({ options: { headers: { 'Retry-After': '120' } } });
  });

  it('counts code sends across replicas and restarts', async () => {
    const replicas = createTwo((each) => new CodeLimitsService(new LimitStoreService(config, each), config));
    const { userId } = createCaller();
    expect(await countSuccesses(50, (i) => replicas[i % 2]!.send(userId, `${i}@example.com`, sent))).toBe(20);
    const restarted = new CodeLimitsService(new LimitStoreService(config, database.current), config);
    await expect(restarted.send(userId, 'x@example.com', sent)).rejects.toMatchObject({ code: 'rate_limited' });
  });

  it('lets one of fifty concurrent changes consume a proof', async () => {
    const proofs = createTwo((each) => new ProofService(each, new UserRowRepository(each), clock));
    const caller = await createKnownCaller();
    const { verificationId } = (await proofs[0].issue(caller, 'signIn', { provesIdentity: true, securityEpoch: 0 }))!;
    const selection = await proofs[0].select(caller, [verificationId], { identity: true }, {} as LogtoUser);
    const take = (i: number) => database.current.db.transaction((tx) => proofs[i % 2]!.consume(tx, selection));
    expect(await countSuccesses(50, take)).toBe(1);
  });

  it('lets one of fifty concurrent checks consume a code, and only for its last sender', async () => {
    const sends = createTwo((each) => new CodeSendRepository(each, clock));
    const [first, last] = [await createKnownCaller(), await createKnownCaller()];
    const address = `${randomUUID()}@example.com`;
    const recipient: Recipient = { kind: 'email', address, key: address, purpose: 'address' };
    await sends[0].begin(first, recipient);
    await sends[1].begin(last, recipient);
    const taken = await Promise.all(
      Array.from({ length: 50 }, (_, i) => sends[i % 2]!.take(i % 5 ? last : first, recipient)),
    );
    expect(taken.filter(Boolean)).toMatchObject([{ userId: last.userId }]);
  });
});

(redis ? describe : describe.skip)('limits on Redis', () => {
  const stores: LimitStoreService[] = [];
  const unused = {} as Database;
  const replica = () => {
    const store = new LimitStoreService({ ...config, redisUrl: redis }, unused);
    stores.push(store);
    return new CodeLimitsService(store, config);
  };
  afterAll(() => {
    for (const store of stores) store.onApplicationShutdown();
  });

  let codes: CodeLimitsService[];
  beforeAll(() => {
    codes = [replica(), replica()];
  });

  it('counts code sends across replicas and restarts', async () => {
    const { userId } = createCaller();
    const send = (i: number) => codes[i % 2]!.send(userId, randomUUID(), sent);
    expect(await countSuccesses(50, send)).toBe(20);
    await expect(replica().send(userId, randomUUID(), sent)).rejects.toMatchObject({
      code: 'rate_limited',
      options: { headers: { 'RateLimit-Policy': '"code-sends";q=20;w=600' } },
    });
  });

  it('limits in memory while Redis is unreachable', async () => {
    const away = new LimitStoreService({ ...config, redisUrl: 'redis://127.0.0.1:1' }, unused);
    stores.push(away);
    const limited = new CodeLimitsService(away, config);
    const { userId } = createCaller();
    expect(await countSuccesses(25, () => limited.send(userId, randomUUID(), sent))).toBe(20);
  });
});
