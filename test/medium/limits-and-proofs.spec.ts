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
import type { ManagementApiService } from '../../src/platform/management-api/management-api.service.js';
import { ProofService } from '../../src/domain/proofs/proof.service.js';
import { CodeSendRepository } from '../../src/features/verification/code-send.repository.js';
import type { Recipient } from '../../src/features/verification/recipient.js';
import { onEachDatabase } from './support/each-database.js';
import { findRedisUrl } from './support/redis.js';

const redis = await findRedisUrl();
const limits = {
  passwordAttempts: 10,
  codeSendsPerRecipient: 10,
  codeSendsPerUser: 20,
  wrongCodesPerUser: 20,
  wrongCodesPerRecipient: 50,
};
const config = { limits, mfaUsersProveBy: 'sign-in' } as AppConfig;
const logto = { listMfaFactors: () => Promise.resolve([]) } as unknown as ManagementApiService;
const clock = { now: () => Date.now() };
const sendMessage = () => Promise.resolve();
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
    expect(await countSuccesses(50, (i) => replicas[i % 2]!.send(userId, `${i}@example.com`, sendMessage))).toBe(20);
    const restarted = new CodeLimitsService(new LimitStoreService(config, database.current), config);
    await expect(restarted.send(userId, 'x@example.com', sendMessage)).rejects.toMatchObject({ code: 'rate_limited' });
  });

  it('allows one of fifty concurrent changes to consume a proof', async () => {
    const proofs = createReplicas((db) => new ProofService(db, new UserRowRepository(db), clock, logto, config));
    const caller = await createKnownCaller();
    const { verificationId } = (await proofs[0].issue(caller, 'signIn', { provesIdentity: true, securityEpoch: 0 }))!;
    const selection = await proofs[0].select(caller, [verificationId], { identity: true }, {} as LogtoUser);
    const consume = (i: number) => database.current.db.transaction((tx) => proofs[i % 2]!.consume(tx, selection));
    expect(await countSuccesses(50, consume)).toBe(1);
  });

  it('allows one of fifty concurrent checks to consume a code, and only for the last user who requested it', async () => {
    const sends = createReplicas((db) => new CodeSendRepository(db, clock));
    const [firstSender, lastSender] = [await createKnownCaller(), await createKnownCaller()];
    const address = `${randomUUID()}@example.com`;
    const recipient: Recipient = { kind: 'email', address, key: address, purpose: 'address' };
    await sends[0].begin(firstSender, recipient);
    await sends[1].begin(lastSender, recipient);
    const consumed = await Promise.all(
      Array.from({ length: 50 }, (_, i) => sends[i % 2]!.take(i % 5 ? lastSender : firstSender, recipient)),
    );
    expect(consumed.filter(Boolean)).toMatchObject([{ userId: lastSender.userId }]);
  });
});

(redis ? describe : describe.skip)('limits on Redis', () => {
  const stores: LimitStoreService[] = [];
  const unusedDatabase = {} as Database;
  const createReplica = () => {
    const store = new LimitStoreService({ ...config, redisUrl: redis }, unusedDatabase);
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
    const send = (i: number) => replicas[i % 2]!.send(userId, randomUUID(), sendMessage);
    expect(await countSuccesses(50, send)).toBe(20);
    await expect(createReplica().send(userId, randomUUID(), sendMessage)).rejects.toMatchObject({
      code: 'rate_limited',
      options: { headers: { 'RateLimit-Policy': '"code-sends";q=20;w=600' } },
    });
  });

  it('counts in memory while Redis is unreachable', async () => {
    const unreachable = new LimitStoreService({ ...config, redisUrl: 'redis://127.0.0.1:1' }, unusedDatabase);
    stores.push(unreachable);
    const limited = new CodeLimitsService(unreachable, config);
    const { userId } = createCaller();
    expect(await countSuccesses(25, () => limited.send(userId, randomUUID(), sendMessage))).toBe(20);
  });
});
