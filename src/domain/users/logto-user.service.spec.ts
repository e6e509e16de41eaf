import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { AppConfig } from '../../platform/config/app-config.js';
import type { Database } from '../../platform/database/database.js';
import { ProblemError } from '../../platform/errors/problem-error.js';
import type { LogtoUser } from '../../platform/management-api/logto-user.js';
import type { ManagementApiService } from '../../platform/management-api/management-api.service.js';
import { LogtoUserCache } from './logto-user-cache.js';
import { LogtoUserService } from './logto-user.service.js';
import type { UserRow, UserRowRepository } from './user-row.repository.js';

const EMPTY: UserRow = {
  exists: false,
  fields: {},
  fieldsVersion: 0,
  logtoVersion: 0,
  unchangedSince: -Infinity,
  securityEpoch: 0,
};
const MAX_AGE_MS = 2_000;

let row: UserRow;
let now: number;
let isSuspended: boolean;
let reader: LogtoUserService;
let copies: LogtoUserCache;
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
  copies = new LogtoUserCache(rows, {} as Database, clock, all);
  reader = new LogtoUserService({ getUser } as unknown as ManagementApiService, rows, copies, clock);
}
beforeEach(() => setUp());

describe('recent reads', () => {
  it('ask Logto once while the copy counts', async () => {
    await reader.readCached('u1');
    now += MAX_AGE_MS - 1;
    await reader.readCached('u1');
    expect(getUser).toHaveBeenCalledTimes(1);
  });

  it('ask again when the copy is old, was made under another version, or somebody is writing', async () => {
    await reader.readCached('u1');
    now += MAX_AGE_MS;
    await reader.readCached('u1');
    await copies.invalidate('u1');
    await reader.readCached('u1');
    row = { ...row, lease: 'someone' };
    await reader.readCached('u1');
    await reader.readCached('u1');
    expect(getUser).toHaveBeenCalledTimes(5);
  });

  it('keep no copy of what was asked before the version was raised', async () => {
    getUser.mockImplementationOnce(async (id) => {
      await copies.invalidate('u1');
      return { id, isSuspended } as LogtoUser;
    });
    await reader.readCached('u1');
    await reader.readCached('u1');
    expect(getUser).toHaveBeenCalledTimes(2);
    row = EMPTY;
    await reader.readCached('u1');
    expect(ensure).toHaveBeenCalledWith('u1'); // Whom to share a call with is for the row to tell, too.
  });

  it('keep none at all where copies are switched off', async () => {
    setUp({ cacheMaxAgeMs: 0 });
    await reader.readCached('u1');
    await reader.readCached('u1');
    expect(getUser).toHaveBeenCalledTimes(2);
    row = EMPTY;
    await reader.readCached('u1');
    expect(ensure).toHaveBeenCalledWith('u1'); // Whom to share a call with is for the row to tell, too.
  });

  it('make the row that is missing before they ask, so that a change meanwhile is noticed', async () => {
    row = EMPTY;
    getUser.mockImplementationOnce((id) => {
      expect(ensure).toHaveBeenCalledWith('u1');
      return Promise.resolve({ id, isSuspended } as LogtoUser);
    });
    await reader.readCached('u1');
    expect(getUser).toHaveBeenCalledTimes(1);
  });

  it('share one call between readers at the same time, but not across a change', async () => {
    const answers: (() => void)[] = [];
    getUser.mockImplementation(
      (id) => new Promise((resolve) => answers.push(() => resolve({ id, isSuspended } as LogtoUser))),
    );
    const early = Array.from({ length: 100 }, () => reader.readCached('u1'));
    await new Promise(setImmediate);
    row = { ...row, logtoVersion: 2, unchangedSince: performance.now() };
    const late = reader.readCached('u1');
    await new Promise(setImmediate);
    expect(getUser).toHaveBeenCalledTimes(2);
    for (const answer of answers) answer();
    await Promise.all([...early, late]);
  });

  it('ask once about a suspended account while a copy counts', async () => {
    isSuspended = true;
    for (let n = 0; n < 10; n += 1)
      await expect(reader.readCached('u1')).rejects.toMatchObject({ code: 'account_suspended' });
    expect(getUser).toHaveBeenCalledTimes(1);
  });

  it('tell a failure to everyone who waits, and ask again after it', async () => {
    getUser.mockRejectedValueOnce(new Error('down'));
    const results = await Promise.allSettled([reader.readCached('u1'), reader.readCached('u1')]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect((await reader.readCached('u1')).id).toBe('u1');
  });
});

describe('reads of both parts', () => {
  it('ask Logto once, and leave a copy', async () => {
    expect(await reader.readConsistent('u1', { fresh: false })).toMatchObject({
      user: { id: 'u1' },
      row: { logtoVersion: 1 },
    });
    await reader.readCached('u1');
    expect(getUser).toHaveBeenCalledTimes(1);
  });

  it('leave it to the row to judge where there is a copy, unless it may not be used', async () => {
    await reader.readCached('u1');
    expect(await reader.readConsistent('u1', { fresh: false })).toBeUndefined();
    expect(await reader.readConsistent('u1', { fresh: true })).toBeDefined();
    expect(getUser).toHaveBeenCalledTimes(2);
  });

  it('are worth nothing when something changed since Logto was asked', async () => {
    getUser.mockImplementationOnce(async (id) => {
      await copies.invalidate('u1');
      return { id, isSuspended } as LogtoUser;
    });
    expect(await reader.readConsistent('u1', { fresh: false })).toBeUndefined();
  });

  it('share a call, and are not content with one from before a change', async () => {
    const answers: (() => void)[] = [];
    getUser.mockImplementation(
      (id) => new Promise((resolve) => answers.push(() => resolve({ id, isSuspended } as LogtoUser))),
    );
    const early = reader.readConsistent('u1', { fresh: false });
    await copies.invalidate('u1');
    const late = [reader.readConsistent('u1', { fresh: false }), reader.readCached('u1')];
    await new Promise(setImmediate);
    expect(getUser).toHaveBeenCalledTimes(2);
    for (const answer of answers) answer();
    expect(await early).toBeUndefined();
    expect(await late[0]).toBeUndefined();
    expect(await late[1]).toMatchObject({ id: 'u1' });
  });

  it.each([
    ['failed', () => Promise.reject(new ProblemError('upstream_timeout'))],
    ['says suspended', () => Promise.resolve({ id: 'u1', isSuspended: true } as LogtoUser)],
  ])('are not refused by a question from before a change that %s', async (_how, outcome) => {
    let answer!: () => void;
    getUser.mockImplementationOnce(async () => {
      await new Promise<void>((resolve) => (answer = resolve));
      return outcome();
    });
    const early = reader.readConsistent('u1', { fresh: false });
    early.catch(() => undefined);
    await copies.invalidate('u1');
    const late = reader.readConsistent('u1', { fresh: false });
    answer();
    expect(await late).toBeUndefined();
    expect(getUser).toHaveBeenCalledTimes(1);
  });

  it('are left to those who make the row, where it is missing', async () => {
    row = EMPTY;
    expect(await reader.readConsistent('u1', { fresh: true })).toBeUndefined();
    expect(getUser).not.toHaveBeenCalled();
  });

  it('refuse a suspended account', async () => {
    isSuspended = true;
    await expect(reader.readConsistent('u1', { fresh: false })).rejects.toMatchObject({ code: 'account_suspended' });
  });
});

describe('a suspended account', () => {
  it('is refused by every read, copies included', async () => {
    isSuspended = true;
    for (const read of [reader.readCached('u1'), reader.readCached('u1'), reader.readFresh('u1')]) {
      await expect(read).rejects.toMatchObject({ code: 'account_suspended' });
    }
  });
});

describe('fresh reads', () => {
  it('always ask Logto', async () => {
    await reader.readCached('u1');
    await Promise.all([reader.readFresh('u1'), reader.readFresh('u1')]);
    expect(getUser).toHaveBeenCalledTimes(3);
  });

  it('leave no trace of a user whom Logto does not know', async () => {
    getUser.mockRejectedValue(new ProblemError('account_not_found'));
    for (const read of [reader.readFresh('u1'), reader.readCached('u1')]) {
      await expect(read).rejects.toMatchObject({ code: 'account_not_found' });
    }
    expect(removeEmpty).toHaveBeenCalledTimes(2);
  });
});
