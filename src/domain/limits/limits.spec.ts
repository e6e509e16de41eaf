import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { AppConfig } from '../../platform/config/app-config.js';
import { EmbeddedDatabase } from '../../platform/database/embedded.js';
import { passwordLock, rateLimit } from '../../platform/database/schema.js';
import { ProblemError } from '../../platform/errors/problem-error.js';
import { UpstreamError } from '../../platform/management-api/upstream-error.js';
import type { Caller } from '../access/caller.js';
import { CodeLimitsService } from './code-limits.service.js';
import { IdentifierLimitsService } from './identifier-limits.service.js';
import { LimitStoreService } from './limit-store.service.js';
import { PasswordLimitsService } from './password-limits.service.js';
import { PasswordLockService } from './password-lock.service.js';

const MINUTE = 60_000;
const config = {
  trustProxy: false,
  limits: {
    passwordAttempts: 10,
    passwordAttemptsPerAddress: 100,
    codeSendsPerRecipient: 10,
    codeSendsPerUser: 20,
    wrongCodesPerUser: 20,
    wrongCodesPerRecipient: 50,
    takenIdentifiersPerUser: 20,
  },
} as AppConfig;
const from = (ip: string, userId = 'alice') => ({ userId, clientId: 'page', ip }) as Caller;
const alice = from('203.0.113.7');

let database: EmbeddedDatabase;
let now: number;

beforeAll(async () => {
  database = await EmbeddedDatabase.open('memory://');
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.db.delete(passwordLock);
  await database.db.delete(rateLimit);
  now = 1_800_000_000_000;
  jest.spyOn(Date, 'now').mockImplementation(() => now);
});
afterEach(() => {
  jest.restoreAllMocks();
});

/** Creates the services of another replica, or of this one after a restart: only the database is shared. */
const createReplica = (changed: Partial<AppConfig> = {}) => {
  const own = { ...config, ...changed } as AppConfig;
  const store = new LimitStoreService(own, database);
  return {
    passwords: new PasswordLimitsService(store, new PasswordLockService(database, { now: () => now }, own), own),
    codes: new CodeLimitsService(store, own),
  };
};

const count = async (attempts: number, action: () => Promise<unknown>) => {
  const outcomes = await Promise.all(
    Array.from({ length: attempts }, () =>
      action().then(
        () => 'done',
        (error: unknown) => (error instanceof ProblemError ? error.code : Promise.reject(error)),
      ),
    ),
  );
  return outcomes.filter((outcome) => outcome === 'done').length;
};
const retryAfter = (action: Promise<unknown>) =>
  action.then(
    () => 0,
    (error: unknown) => Number((error as ProblemError).options.headers?.['Retry-After']),
  );

describe('wrong passwords', () => {
  const wrong = () => Promise.resolve(false);
  const right = () => Promise.resolve(true);

  it('lock the user after ten in a row, for 1, 2, 4, … minutes', async () => {
    const { passwords } = createReplica();
    expect(await count(10, () => passwords.attempt(alice, wrong))).toBe(10);
    for (const minutes of [1, 2, 4, 8]) {
      expect(await retryAfter(passwords.attempt(alice, right))).toBe(minutes * 60);
      now += minutes * MINUTE - 1;
      expect(await retryAfter(passwords.attempt(alice, right))).toBe(1);
      now += 1;
      expect(await passwords.attempt(alice, wrong)).toBe(false);
    }
  });

  it('are rejected with the limit and Retry-After', async () => {
    const { passwords } = createReplica();
    await count(10, () => passwords.attempt(alice, wrong));
    await expect(passwords.attempt(alice, right)).rejects.toMatchObject({
      code: 'too_many_attempts',
      options: {
        headers: {
          'Retry-After': '60',
          RateLimit: '"wrong-passwords";r=0;t=60',
          'RateLimit-Policy': '"wrong-passwords";q=10',
        },
      },
    });
  });

  it('are counted before they are compared, across replicas: ten of fifty concurrent attempts are compared', async () => {
    const [one, two] = [createReplica(), createReplica()];
    let turn = 0;
    expect(await count(50, () => (turn++ % 2 ? one : two).passwords.attempt(alice, wrong))).toBe(10);
    now += MINUTE;
    expect(await count(50, () => (turn++ % 2 ? one : two).passwords.attempt(alice, wrong))).toBe(1);
  });

  it('are no longer counted after a right one', async () => {
    const { passwords } = createReplica();
    await count(9, () => passwords.attempt(alice, wrong));
    expect(await passwords.attempt(alice, right)).toBe(true);
    expect(await count(20, () => passwords.attempt(alice, wrong))).toBe(10);
  });

  it('do not lock other users of the same address', async () => {
    const { passwords } = createReplica();
    await count(200, () => passwords.attempt(alice, wrong));
    expect(await passwords.attempt(from(alice.ip, 'bob'), right)).toBe(true);
  });

  it('are counted only if they were compared', async () => {
    const { passwords } = createReplica();
    const away = () => Promise.reject(new ProblemError('upstream_unavailable'));
    await count(9, () => passwords.attempt(alice, wrong));
    for (let i = 0; i < 30; i++) await expect(passwords.attempt(alice, away)).rejects.toMatchObject({ status: 503 });
    expect(await count(5, () => passwords.attempt(alice, wrong))).toBe(1);
  });

  it('are limited to a hundred from one address in ten minutes, for all users together', async () => {
    const { passwords } = createReplica();
    const guess = (i: number, ip = alice.ip) => passwords.attempt(from(ip, `user${i}`), wrong);
    let i = 0;
    expect(await count(120, () => guess(i++))).toBe(100);
    expect(await retryAfter(guess(500))).toBe(600);
    expect(await guess(500, '203.0.113.8')).toBe(false);
    now += 10 * MINUTE;
    expect(await guess(500)).toBe(false);
  });

  it('are counted together for an IPv6 subscriber', async () => {
    const { passwords } = createReplica();
    let i = 0;
    const guess = () => passwords.attempt(from(`2001:db8:0:1::${(i++).toString(16)}`, `user${i}`), wrong);
    expect(await count(120, guess)).toBe(100);
  });

  it.each(['127.0.0.1', '::1', '10.1.2.3', '::ffff:192.168.0.9', 'fd00::1'])(
    'are not limited for the address %s unless a proxy is trusted',
    async (ip) => {
      let i = 0;
      const attempts = ({ passwords }: ReturnType<typeof createReplica>) =>
        count(103, () => passwords.attempt(from(ip, `user${i++}`), wrong));
      expect(await attempts(createReplica())).toBe(103);
      expect(await attempts(createReplica({ trustProxy: true }))).toBe(100);
    },
  );
});

describe('code sends', () => {
  it('are limited to ten by one user to one recipient in ten minutes, whatever other users send', async () => {
    const { codes } = createReplica();
    expect(await count(15, () => codes.countSend('alice', 'hash'))).toBe(10);
    expect(await retryAfter(codes.countSend('alice', 'hash'))).toBe(600);
    await codes.countSend('bob', 'hash');
    now += 10 * MINUTE;
    await codes.countSend('alice', 'hash');
  });

  it('to the own address have a budget of their own', async () => {
    const { codes } = createReplica();
    const sent = () => Promise.resolve();
    let i = 0;
    await count(30, () => codes.countSend('alice', `hash${i++}`));
    expect(await count(15, () => codes.sendToOwn('alice', sent))).toBe(10);
    expect(await retryAfter(codes.sendToOwn('alice', sent))).toBe(600);
  });

  it.each([
    ['counted if Logto could not deliver the message', new UpstreamError('message_not_sent', 'rejected'), 10],
    ['not counted if Logto has no connector', new UpstreamError('channel_not_configured', 'rejected'), 30],
    ['not counted if Logto was not reached', new UpstreamError('upstream_unavailable', 'not_sent'), 30],
  ])('to the own address are %s', async (_what, error, expected) => {
    const { codes } = createReplica();
    const attempts = jest.fn(() => Promise.reject(error));
    for (let n = 0; n < 30; n += 1) await codes.sendToOwn('alice', attempts).catch(() => undefined);
    expect(attempts).toHaveBeenCalledTimes(expected);
  });

  it('are limited to twenty by one user, across replicas', async () => {
    const [one, two] = [createReplica(), createReplica()];
    let i = 0;
    expect(await count(30, () => (i % 2 ? one : two).codes.countSend('alice', `hash${i++}`))).toBe(20);
  });

  it('are not counted if they were rejected', async () => {
    const { codes } = createReplica();
    expect(await count(30, () => codes.countSend('alice', 'one hash'))).toBe(10);
    expect(await count(30, () => codes.countSend('alice', 'another hash'))).toBe(10);
  });
});

describe('wrong codes', () => {
  const compared = () => Promise.reject(new UpstreamError('invalid_code', 'rejected'));
  const notCompared = () => Promise.reject(new ProblemError('code_expired'));

  it('are limited to twenty in an hour, counting only those that Logto compared', async () => {
    const { codes } = createReplica();
    let checks = 0;
    const guess = () => codes.attempt('alice', 'x@example.com', () => (checks++, compared()));
    for (let i = 0; i < 10; i++) await codes.attempt('alice', 'x@example.com', notCompared).catch(() => undefined);
    await codes.attempt('alice', 'x@example.com', () => Promise.resolve());
    await count(30, guess);
    expect(checks).toBe(20);
    await expect(guess()).rejects.toMatchObject({ code: 'too_many_attempts' });
    now += 60 * MINUTE;
    await expect(guess()).rejects.toMatchObject({ code: 'invalid_code' });
  });

  it('are limited to fifty for an address by all users together', async () => {
    const { codes } = createReplica();
    let checks = 0;
    const guess = (n: number) => codes.attempt(`user${n}`, 'x@example.com', () => (checks++, compared()));
    for (let n = 0; n < 80; n++) await guess(n).catch(() => undefined);
    expect(checks).toBe(50);
    await expect(codes.attempt('owner', undefined, () => Promise.resolve('right'))).resolves.toBe('right');
  });
});

describe('changes to an identifier that is taken', () => {
  const isTaken = () => Promise.reject(new UpstreamError('identifier_taken', 'rejected'));

  it('are limited to twenty in an hour, without counting other changes', async () => {
    const limit = new IdentifierLimitsService(new LimitStoreService(config, database), config);
    for (let i = 0; i < 30; i++) await limit.attempt('alice', () => Promise.resolve());
    let tries = 0;
    const guess = () => limit.attempt('alice', () => (tries++, isTaken()));
    await Promise.allSettled(Array.from({ length: 30 }, guess));
    expect(tries).toBe(20);
    await expect(guess()).rejects.toMatchObject({ code: 'too_many_attempts' });
    await expect(limit.attempt('bob', () => Promise.resolve('free'))).resolves.toBe('free');
    now += 60 * MINUTE;
    await expect(guess()).rejects.toMatchObject({ code: 'identifier_taken' });
  });
});
