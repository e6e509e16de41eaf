import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import type { AppConfig } from '../config/app-config.js';
import { CallScheduler, type CallKind } from './call-scheduler.js';
import { UpstreamError } from './upstream-error.js';

const LONG_MS = 60_000;

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

/** Calls that end on demand. */
class Calls {
  /** `user kind`, in the order of their start. */
  readonly started: string[] = [];
  readonly startedAt: number[] = [];
  running = 0;
  mostRunning = 0;
  private readonly ends: (() => void)[] = [];
  readonly scheduler: CallScheduler;

  constructor(upstream: Partial<AppConfig['upstream']> = {}) {
    const config = { upstream: { connections: 4, passwordQueueLimit: 3, ...upstream } } as AppConfig;
    this.scheduler = new CallScheduler(config);
  }

  /** A call that runs until `end`. */
  call(user: string | undefined, kind: CallKind, { waitMs = LONG_MS, fails = false } = {}): Promise<void> {
    const startBy = performance.now() + waitMs;
    const promise = this.scheduler.run({ kind, userId: user, startBy }, async () => {
      this.started.push(`${user ?? 'nobody'} ${kind}`);
      this.startedAt.push(performance.now());
      this.running += 1;
      this.mostRunning = Math.max(this.mostRunning, this.running);
      await new Promise<void>((resolve) => this.ends.push(resolve));
      this.running -= 1;
      if (fails) throw new Error('failed');
    });
    promise.catch(() => undefined);
    return promise;
  }

  many(count: number, user: string, kind: CallKind, options = {}): Promise<void>[] {
    return Array.from({ length: count }, () => this.call(user, kind, options));
  }

  async end(count = 1): Promise<void> {
    for (let i = 0; i < count; i += 1) {
      this.ends.shift()!();
      await settled();
    }
  }

  async endAll(): Promise<void> {
    while (this.ends.length > 0) await this.end();
  }
}

/** Lets promises that can be settled do so, without moving the clock. */
const settled = () => jest.advanceTimersByTimeAsync(0);
const overloaded = (retryAfter: string) => ({
  code: 'overloaded',
  status: 503,
  outcome: 'not_sent',
  options: { headers: { 'Retry-After': retryAfter } },
});

describe('the connections of a kind', () => {
  it('are shared by users in turns, and one user leaves half of them to others', async () => {
    const calls = new Calls({ connections: 4 });
    calls.many(6, 'greedy', 'read');
    calls.call('other', 'read');
    await settled();
    expect(calls.started).toEqual(['greedy read', 'greedy read', 'other read']);
    calls.call('third', 'read');
    calls.call('fourth', 'read');
    await calls.end();
    expect(calls.started.slice(3)).toEqual(['third read', 'fourth read']);
    await calls.endAll();
    expect(calls.started).toHaveLength(9);
  });

  it('are those of this kind only', async () => {
    const calls = new Calls({ connections: 1 });
    for (const kind of ['read', 'write', 'password', 'message', 'token'] as const) calls.call('a', kind);
    await settled();
    expect(calls.running).toBe(5);
    calls.many(3, 'b', 'read');
    await settled();
    expect(calls.running).toBe(5);
    await calls.endAll();
  });

  it('serve calls on nobody’s behalf as one more user', async () => {
    const calls = new Calls({ connections: 1 });
    calls.call('a', 'read');
    for (let i = 0; i < 3; i += 1) calls.call(undefined, 'read');
    calls.call('b', 'read');
    await calls.endAll();
    expect(calls.started).toEqual(['a read', 'nobody read', 'b read', 'nobody read', 'nobody read']);
  });

  it('are free again after a failed call', async () => {
    const calls = new Calls({ connections: 1 });
    const failing = calls.call('a', 'write', { fails: true });
    const next = calls.call('b', 'write');
    await calls.end();
    await expect(failing).rejects.toThrow('failed');
    await calls.end();
    await next;
  });

  it('reject a call that has waited until it could no longer start in time', async () => {
    const calls = new Calls({ connections: 1 });
    calls.call('a', 'read');
    const late = expect(calls.call('b', 'read', { waitMs: 1_000 })).rejects.toMatchObject(overloaded('1'));
    await jest.advanceTimersByTimeAsync(1_000);
    await late;
    await calls.endAll();
    expect(calls.started).toEqual(['a read']);
  });

  it('reject all waiting calls that would fail', async () => {
    const calls = new Calls({ connections: 1 });
    calls.call('a', 'read');
    const [reads, write] = [calls.many(2, 'a', 'read'), [calls.call('a', 'write'), calls.call('b', 'write')]];
    calls.scheduler.rejectWaiting('read', () => new UpstreamError('upstream_unavailable', 'not_sent'));
    for (const read of reads) await expect(read).rejects.toMatchObject({ code: 'upstream_unavailable' });
    await calls.endAll();
    await Promise.all(write);
  });
});

describe('calls for which Logto hashes a password', () => {
  it('run one at a time, of the users in turns', async () => {
    const calls = new Calls({ passwordQueueLimit: 50 });
    calls.many(46, 'greedy', 'password');
    for (const user of ['a', 'b', 'a', 'b']) calls.call(user, 'password');
    await calls.endAll();
    expect(calls.mostRunning).toBe(1);
    expect(calls.started.slice(0, 6)).toEqual(
      ['greedy', 'greedy', 'a', 'b', 'greedy', 'a'].map((u) => `${u} password`),
    );
    expect(calls.started).toHaveLength(50);
  });

  it('are rejected with Retry-After when too many wait', async () => {
    const calls = new Calls({ passwordQueueLimit: 20 });
    for (let user = 0; user < 21; user += 1) calls.call(`u${user}`, 'password');
    await expect(calls.call('late', 'password')).rejects.toMatchObject(overloaded('2'));
    await calls.endAll();
    expect(calls.started).toHaveLength(21);
  });

  it('replace a waiting one of the user who has the most when too many wait', async () => {
    const calls = new Calls({ passwordQueueLimit: 3 });
    const greedy = calls.many(4, 'greedy', 'password');
    const newcomer = calls.call('newcomer', 'password');
    await expect(greedy.pop()).rejects.toMatchObject({ code: 'overloaded' });
    await expect(calls.call('greedy', 'password')).rejects.toMatchObject({ code: 'overloaded' });
    await calls.endAll();
    await Promise.all([...greedy, newcomer]);
    expect(calls.started).toEqual(['greedy', 'greedy', 'newcomer', 'greedy'].map((user) => `${user} password`));
  });
});

describe('a budget', () => {
  /** Calls that end at once, so that only the budget limits them. */
  class QuickCalls extends Calls {
    constructor(budgetPer10s: number) {
      super({ budgetPer10s, connections: 1_000 });
    }

    override async call(...[user, kind, { waitMs = LONG_MS } = {}]: Parameters<Calls['call']>): Promise<void> {
      const call = { kind, userId: user, startBy: performance.now() + waitMs };
      await this.scheduler.run(call, () => {
        this.started.push(`${user ?? 'nobody'} ${kind}`);
        this.startedAt.push(performance.now());
        return Promise.resolve();
      });
    }

    count(call: string): number {
      return this.started.filter((each) => each === call).length;
    }
  }

  it('leaves room for other users, and a quarter for calls other than reads', async () => {
    const calls = new QuickCalls(200);
    void Promise.allSettled(calls.many(300, 'greedy', 'read'));
    await settled();
    expect(calls.started).toHaveLength(75);
    await Promise.all([...calls.many(20, 'b', 'read'), ...calls.many(20, 'b', 'write'), calls.call('c', 'message')]);
    expect(calls.startedAt.at(-1)).toBe(calls.startedAt[0]);
    void Promise.allSettled(Array.from({ length: 300 }, (_, i) => calls.many(3, `u${i}`, 'read')).flat());
    await settled();
    expect(calls.started.length).toBeGreaterThanOrEqual(150);
    await calls.call('c', 'write');
    await calls.call(undefined, 'token');
    expect(calls.startedAt.at(-1)).toBe(calls.startedAt[0]);
  });

  it('is not limited per user when it is not set', async () => {
    const calls = new Calls({ connections: 10_000 });
    calls.many(1_000, 'a', 'read');
    await settled();
    expect(calls.running).toBe(1_000);
    await calls.endAll();
  });

  it('rejects at once what cannot start in time, and says when it could', async () => {
    const calls = new QuickCalls(8);
    void Promise.allSettled(calls.many(3, 'a', 'read'));
    await settled();
    expect(calls.started).toHaveLength(3);
    const early = calls.call('a', 'read', { waitMs: 5_000 });
    await expect(early).rejects.toMatchObject(overloaded('10'));
    await jest.advanceTimersByTimeAsync(6_000);
    await Promise.all([calls.call('a', 'read', { waitMs: 5_000 }), jest.advanceTimersByTimeAsync(4_000)]);
    expect(calls.startedAt.at(-1)! - calls.startedAt[0]!).toBe(10_000);
  });

  it('rejects a waiting call as soon as the calls of others have delayed it too much', async () => {
    const calls = new QuickCalls(1);
    await calls.call('a', 'write');
    await jest.advanceTimersByTimeAsync(5_000);
    const delayed = expect(calls.call('a', 'write', { waitMs: 6_000 })).rejects.toMatchObject(overloaded('15'));
    const others = calls.call('b', 'write', { waitMs: 6_000 });
    await delayed;
    await jest.advanceTimersByTimeAsync(5_000);
    await others;
    expect(calls.started).toEqual(['a write', 'b write']);
  });

  it('is never exceeded in any 10 s, and every call that has the time is made', async () => {
    const kinds = fc.constantFrom<CallKind>('read', 'write', 'token', 'message');
    const arrival = fc.tuple(fc.integer({ min: 0, max: 4_000 }), fc.constantFrom('a', 'b', 'c'), kinds);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 9 }),
        fc.array(arrival, { minLength: 1, maxLength: 30 }),
        async (budget, arrivals) => {
          const calls = new QuickCalls(budget);
          const outcomes: Promise<string>[] = [];
          for (const [pauseMs, user, kind] of arrivals) {
            await jest.advanceTimersByTimeAsync(pauseMs);
            const call = calls.call(user, kind, { waitMs: 10 * LONG_MS });
            outcomes.push(
              call.then(
                () => 'made',
                (error: UpstreamError) => error.code,
              ),
            );
          }
          await jest.advanceTimersByTimeAsync(10 * LONG_MS);
          calls.startedAt.forEach((time, index) => {
            const before = calls.startedAt[index - budget];
            if (before !== undefined) expect(time - before).toBeGreaterThanOrEqual(10_000);
          });
          expect(new Set(await Promise.all(outcomes))).toEqual(new Set(['made']));
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('a pause that Logto has asked for', () => {
  it('delays all calls, and rejects those that it delays too much', async () => {
    const calls = new Calls();
    calls.scheduler.pauseFor(3_000);
    await expect(calls.call('a', 'read', { waitMs: 2_000 })).rejects.toMatchObject(overloaded('3'));
    calls.call('a', 'write', { waitMs: 5_000 });
    calls.call('b', 'read', { waitMs: 5_000 });
    await jest.advanceTimersByTimeAsync(2_999);
    expect(calls.started).toEqual([]);
    await jest.advanceTimersByTimeAsync(1);
    expect(calls.started).toEqual(['a write', 'b read']);
    await calls.endAll();
  });

  it('rejects the calls that wait already if they could start only too late', async () => {
    const calls = new Calls({ connections: 1 });
    calls.call('a', 'read');
    const waiting = calls.call('b', 'read', { waitMs: 5_000 });
    calls.scheduler.pauseFor(7_000);
    await expect(waiting).rejects.toMatchObject(overloaded('7'));
    await calls.endAll();
  });
});
