import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { DependencyError } from '../../platform/errors/dependency-error.js';
import type { SendGuard } from '../../platform/management-api/send-guard.js';
import type { UserRow } from '../users/user-row.repository.js';
import { UserLease } from './user-lease.js';
import type { UserLeaseRepository } from './user-lease.repository.js';

const TIMING = { leaseMs: 3_000, renewEveryMs: 1_000, unsettledMs: 10_000, patienceMs: 10_000 };

/** What the lease wrote: how long it lasts from now, or `released`. */
let written: (number | 'released')[];
let isOurs: boolean;
const record = (value: number | 'released') => {
  written.push(value);
  return Promise.resolve(isOurs);
};
const repository = {
  renew: (_user: string, _lease: string, milliseconds: number) => record(milliseconds),
  renewExpired: () => Promise.resolve(isOurs),
  expire: (_user: string, _lease: string, milliseconds: number) => record(milliseconds),
  release: () => record('released'),
} as unknown as UserLeaseRepository;

let lease: UserLease;
beforeEach(() => {
  jest.useFakeTimers();
  written = [];
  isOurs = true;
  lease = new UserLease(repository, TIMING, 'u1', 'lease-1', {} as UserRow, performance.now());
});
afterEach(async () => {
  await lease.close();
  jest.useRealTimers();
});

const unknownOutcome = new DependencyError('upstream_timeout', 'unknown');
const rejected = new DependencyError('identifier_taken', 'rejected');
/** A call to Logto that is sent, and then fails. */
const sentCall = (error: Error, { responded }: { responded: boolean }) =>
  lease.call((guard) => {
    expect(guard.maySend()).toBe(true);
    if (responded) guard.onResponse();
    return Promise.reject(error);
  });

describe('a user lease', () => {
  it('is renewed every second while it is held', async () => {
    await jest.advanceTimersByTimeAsync(2_500);
    expect(written).toEqual([3_000, 3_000]);
    expect(lease.maySend()).toBe(true);
  });

  it('lasts longer during a call, because the call may arrive after a crash', async () => {
    let end!: () => void;
    const call = lease.call(() => new Promise<void>((resolve) => (end = resolve)));
    await jest.advanceTimersByTimeAsync(1_500);
    expect(written).toEqual([13_000, 13_000]);
    end();
    await call;
    await jest.advanceTimersByTimeAsync(1_000);
    expect(written.at(-1)).toBe(3_000);
  });

  it('forbids a call to be sent once it could not be renewed in time', async () => {
    let guard!: SendGuard;
    const call = lease.call((given) => {
      guard = given;
      return new Promise(() => undefined);
    });
    void call;
    await jest.advanceTimersByTimeAsync(0);
    const renew = jest.spyOn(repository, 'renew').mockRejectedValue(new Error('The connection was lost.'));
    await jest.advanceTimersByTimeAsync(2_999);
    expect(guard.maySend()).toBe(true);
    await jest.advanceTimersByTimeAsync(1);
    expect(guard.maySend()).toBe(false);
    renew.mockRestore();
    await jest.advanceTimersByTimeAsync(1_000);
    expect(guard.maySend()).toBe(true);
  });

  it('forbids calls once another replica has it, and once it has ended', async () => {
    isOurs = false;
    await jest.advanceTimersByTimeAsync(1_000);
    expect(lease.maySend()).toBe(false);
    const make = jest.fn<() => Promise<void>>();
    await expect(lease.call(make)).rejects.toMatchObject({ code: 'overloaded' });
    expect(make).not.toHaveBeenCalled();
    isOurs = true;
    await jest.advanceTimersByTimeAsync(1_000);
    await lease.close();
    expect(lease.maySend()).toBe(false);
  });

  it.each<[string, () => Promise<unknown>, number | 'released']>([
    ['an unused lease', () => Promise.resolve(), 'released'],
    ['a call that was rejected', () => sentCall(rejected, { responded: true }), 'released'],
    ['a call without a response', () => sentCall(unknownOutcome, { responded: false }), 10_000],
    ['a call that Logto responded to with 500', () => sentCall(unknownOutcome, { responded: true }), 'released'],
    ['a call of a store that does not use the guard', () => lease.call(() => Promise.reject(unknownOutcome)), 10_000],
  ])('lasts, after it is closed, until no call can take effect any more: %s', async (_what, use, last) => {
    await use().catch(() => undefined);
    await lease.close();
    expect(written.at(-1)).toBe(last);
  });

  it('counts the time since the call was sent', async () => {
    await sentCall(unknownOutcome, { responded: false }).catch(() => undefined);
    await jest.advanceTimersByTimeAsync(4_000);
    await lease.close();
    expect(written.at(-1)).toBe(6_000);
  });

  it('is not renewed after it was closed', async () => {
    await lease.close();
    const count = written.length;
    await jest.advanceTimersByTimeAsync(5_000);
    expect(written).toHaveLength(count);
  });
});
