import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { AppConfig } from '../../platform/config/app-config.js';
import type { Database } from '../../platform/database/database.js';
import type { ErrorCode } from '../../platform/errors/error-catalogue.js';
import { ProblemError } from '../../platform/errors/problem-error.js';
import type { LogtoUser } from '../../platform/management-api/logto-user.js';
import type { ManagementApiService } from '../../platform/management-api/management-api.service.js';
import { UpstreamError } from '../../platform/management-api/upstream-error.js';
import { LogtoUserCache } from './logto-user-cache.js';
import type { WebhookArrivalsService } from './webhook-arrivals.service.js';
import { LogtoUserService } from './logto-user.service.js';
import type { UserRow, UserRowRepository } from './user-row.repository.js';

const EMPTY: UserRow = {
  exists: false,
  fields: {},
  fieldsVersion: 0,
  logtoVersion: 0,
  unchangedSince: -Infinity,
  securityEpoch: 0,
  clientCutoffs: {},
  callStarted: false,
};
const MAX_AGE_MS = 2_000;

let row: UserRow;
let now: number;
let isSuspended: boolean;
let reader: LogtoUserService;
let cache: LogtoUserCache;
const getUser = jest.fn<ManagementApiService['getUser']>();
const ensure = jest.fn<UserRowRepository['ensure']>();
const removeEmpty = jest.fn<UserRowRepository['removeEmpty']>();

function setUp(config: Partial<AppConfig> = {}): void {
  row = { ...EMPTY, exists: true, logtoVersion: 1 };
  now = 1_000_000;
  isSuspended = false;
  getUser.mockReset().mockImplementation((id) => Promise.resolve({ id, isSuspended } as LogtoUser));
  ensure.mockReset().mockResolvedValue(EMPTY);
  removeEmpty.mockReset().mockResolvedValue();
  const rows = {
    knows: () => row.exists,
    read: () => Promise.resolve(row),
    ensure,
    removeEmpty,
    bumpLogtoVersion: () => {
      row = { ...row, logtoVersion: row.logtoVersion + 1, unchangedSince: performance.now() };
      return Promise.resolve();
    },
  } as unknown as UserRowRepository;
  const clock = { now: () => now };
  const all = { cacheMaxAgeMs: MAX_AGE_MS, ...config } as AppConfig;
  cache = new LogtoUserCache(rows, {} as Database, clock, all, { areArriving: false } as WebhookArrivalsService);
  reader = new LogtoUserService({ getUser } as unknown as ManagementApiService, rows, cache, clock);
}
beforeEach(() => setUp());

describe('a cached read', () => {
  it('calls Logto once while the cached user is valid', async () => {
    await reader.readCached('u1');
    now += MAX_AGE_MS - 1;
    await reader.readCached('u1');
    expect(getUser).toHaveBeenCalledTimes(1);
  });

  it('calls Logto again when the cached user is old or of another version, or a change is pending', async () => {
    await reader.readCached('u1');
    now += MAX_AGE_MS;
    await reader.readCached('u1');
    await cache.invalidate('u1');
    await reader.readCached('u1');
    row = { ...row, lease: 'someone' };
    await reader.readCached('u1');
    await reader.readCached('u1');
    expect(getUser).toHaveBeenCalledTimes(5);
  });

  it('does not cache the response to a read that started before the version was bumped', async () => {
    getUser.mockImplementationOnce(async (id) => {
      await cache.invalidate('u1');
      return { id, isSuspended } as LogtoUser;
    });
    await reader.readCached('u1');
    await reader.readCached('u1');
    expect(getUser).toHaveBeenCalledTimes(2);
    row = EMPTY;
    await reader.readCached('u1');
    expect(ensure).toHaveBeenCalledWith('u1'); // The row also decides which calls are shared.
  });

  it('caches nothing when the cache is disabled', async () => {
    setUp({ cacheMaxAgeMs: 0 });
    await reader.readCached('u1');
    await reader.readCached('u1');
    expect(getUser).toHaveBeenCalledTimes(2);
    row = EMPTY;
    await reader.readCached('u1');
    expect(ensure).toHaveBeenCalledWith('u1'); // The row also decides which calls are shared.
  });

  it('creates a missing row before it calls Logto, so that a change in the meantime is noticed', async () => {
    row = EMPTY;
    getUser.mockImplementationOnce((id) => {
      expect(ensure).toHaveBeenCalledWith('u1');
      return Promise.resolve({ id, isSuspended } as LogtoUser);
    });
    await reader.readCached('u1');
    expect(getUser).toHaveBeenCalledTimes(1);
  });

  it('shares one call between concurrent readers, but not across a change', async () => {
    const responses: (() => void)[] = [];
    getUser.mockImplementation(
      (id) => new Promise((resolve) => responses.push(() => resolve({ id, isSuspended } as LogtoUser))),
    );
    const early = Array.from({ length: 100 }, () => reader.readCached('u1'));
    await new Promise(setImmediate);
    row = { ...row, logtoVersion: 2, unchangedSince: performance.now() };
    const late = reader.readCached('u1');
    await new Promise(setImmediate);
    expect(getUser).toHaveBeenCalledTimes(2);
    for (const respond of responses) respond();
    await Promise.all([...early, late]);
  });

  it('calls Logto once for a suspended account while the cached user is valid', async () => {
    isSuspended = true;
    for (let n = 0; n < 10; n += 1)
      await expect(reader.readCached('u1')).rejects.toMatchObject({ code: 'account_suspended' });
    expect(getUser).toHaveBeenCalledTimes(1);
  });

  it('rejects all waiting readers when a call fails, and calls Logto again afterwards', async () => {
    getUser.mockRejectedValueOnce(new Error('down'));
    const results = await Promise.allSettled([reader.readCached('u1'), reader.readCached('u1')]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect((await reader.readCached('u1')).id).toBe('u1');
  });
});

describe('while Logto is unavailable, a read', () => {
  const STALE_MS = 300_000;
  const down = (code: ErrorCode = 'upstream_unavailable') =>
    getUser.mockRejectedValue(new UpstreamError(code, 'not_sent'));
  const read = async () => {
    const consistent = await reader.readConsistent('u1', { fresh: false });
    return consistent ?? (await reader.readCachedUnder(row, 'u1'));
  };
  beforeEach(async () => {
    setUp({ staleIfErrorMs: STALE_MS });
    await reader.readCached('u1');
    now += MAX_AGE_MS + 1;
  });

  it('returns the cached user, with its age, until STALE_IF_ERROR_S', async () => {
    down();
    expect(await read()).toMatchObject({ user: { id: 'u1' }, staleMs: MAX_AGE_MS + 1 });
    now += STALE_MS - MAX_AGE_MS;
    await expect(read()).rejects.toMatchObject({ code: 'upstream_unavailable' });
  });

  it.each<[string, () => void]>([
    ['something may have changed', () => (row = { ...row, logtoVersion: row.logtoVersion + 2 })],
    ['a change has called Logto', () => (row = { ...row, logtoVersion: 3, lease: 'someone', callStarted: true })],
    ['the row was erased', () => (row = EMPTY)],
  ])('rejects if %s since the user was cached', async (_what, change) => {
    change();
    down();
    await expect(read()).rejects.toMatchObject({ code: 'upstream_unavailable' });
  });

  it('returns the cached user while a change has not called Logto yet', async () => {
    row = { ...row, logtoVersion: 3, lease: 'someone' };
    down();
    expect(await read()).toMatchObject({ user: { id: 'u1' } });
  });

  it.each(['upstream_timeout', 'upstream_failed'] as const)('returns the cached user after %s', async (code) => {
    down(code);
    expect(await read()).toMatchObject({ user: { id: 'u1' } });
  });

  it.each(['overloaded', 'account_not_found'] as const)('rejects after %s, which is another reason', async (code) => {
    down(code);
    await expect(read()).rejects.toMatchObject({ code });
  });

  it('rejects a suspended account as suspended', async () => {
    isSuspended = true;
    await reader.readCached('u1').catch(() => undefined);
    now += MAX_AGE_MS + 1;
    down();
    await expect(read()).rejects.toMatchObject({ code: 'account_suspended' });
  });

  it('rejects if Logto must be called', async () => {
    down();
    await expect(reader.readFresh('u1')).rejects.toMatchObject({ code: 'upstream_unavailable' });
    await expect(reader.readConsistent('u1', { fresh: true })).rejects.toMatchObject({ code: 'upstream_unavailable' });
  });
});

describe('a consistent read', () => {
  it('calls Logto once and caches the user', async () => {
    expect(await reader.readConsistent('u1', { fresh: false })).toMatchObject({
      user: { id: 'u1' },
      row: { logtoVersion: 1 },
    });
    await reader.readCached('u1');
    expect(getUser).toHaveBeenCalledTimes(1);
  });

  it('returns nothing if there is a cached user, unless that must not be used', async () => {
    await reader.readCached('u1');
    expect(await reader.readConsistent('u1', { fresh: false })).toBeUndefined();
    expect(await reader.readConsistent('u1', { fresh: true })).toBeDefined();
    expect(getUser).toHaveBeenCalledTimes(2);
  });

  it('returns nothing if the user was changed since the call started', async () => {
    getUser.mockImplementationOnce(async (id) => {
      await cache.invalidate('u1');
      return { id, isSuspended } as LogtoUser;
    });
    expect(await reader.readConsistent('u1', { fresh: false })).toBeUndefined();
  });

  it('shares a call, but not one that started before a change', async () => {
    const responses: (() => void)[] = [];
    getUser.mockImplementation(
      (id) => new Promise((resolve) => responses.push(() => resolve({ id, isSuspended } as LogtoUser))),
    );
    const early = reader.readConsistent('u1', { fresh: false });
    await cache.invalidate('u1');
    const late = [reader.readConsistent('u1', { fresh: false }), reader.readCached('u1')];
    await new Promise(setImmediate);
    expect(getUser).toHaveBeenCalledTimes(2);
    for (const respond of responses) respond();
    expect(await early).toBeUndefined();
    expect(await late[0]).toBeUndefined();
    expect(await late[1]).toMatchObject({ id: 'u1' });
  });

  it.each([
    ['fails', () => Promise.reject(new ProblemError('upstream_timeout'))],
    ['returns a suspended user', () => Promise.resolve({ id: 'u1', isSuspended: true } as LogtoUser)],
  ])('is not rejected by a call that started before a change and %s', async (_how, outcome) => {
    let respond!: () => void;
    getUser.mockImplementationOnce(async () => {
      await new Promise<void>((resolve) => (respond = resolve));
      return outcome();
    });
    const early = reader.readConsistent('u1', { fresh: false });
    early.catch(() => undefined);
    await cache.invalidate('u1');
    const late = reader.readConsistent('u1', { fresh: false });
    respond();
    expect(await late).toBeUndefined();
    expect(getUser).toHaveBeenCalledTimes(1);
  });

  it('returns nothing while the row is missing', async () => {
    row = EMPTY;
    expect(await reader.readConsistent('u1', { fresh: true })).toBeUndefined();
    expect(getUser).not.toHaveBeenCalled();
  });

  it('rejects a suspended account', async () => {
    isSuspended = true;
    await expect(reader.readConsistent('u1', { fresh: false })).rejects.toMatchObject({ code: 'account_suspended' });
  });
});

describe('a suspended account', () => {
  it('is rejected by every read, also from the cache', async () => {
    isSuspended = true;
    for (const read of [reader.readCached('u1'), reader.readCached('u1'), reader.readFresh('u1')]) {
      await expect(read).rejects.toMatchObject({ code: 'account_suspended' });
    }
  });
});

describe('a fresh read', () => {
  it('always calls Logto', async () => {
    await reader.readCached('u1');
    await Promise.all([reader.readFresh('u1'), reader.readFresh('u1')]);
    expect(getUser).toHaveBeenCalledTimes(3);
  });

  it('removes the row of a user that Logto does not know', async () => {
    getUser.mockRejectedValue(new ProblemError('account_not_found'));
    for (const read of [reader.readFresh('u1'), reader.readCached('u1')]) {
      await expect(read).rejects.toMatchObject({ code: 'account_not_found' });
    }
    expect(removeEmpty).toHaveBeenCalledTimes(2);
  });
});
