import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { AppConfig } from '../config/app-config.js';
import { PasswordQueue } from './password-queue.js';

const queueOf = (passwordQueueLimit: number) =>
  new PasswordQueue({ upstream: { passwordQueueLimit, deadlineMs: 10_000 } } as AppConfig);

/** Creates checks that end on demand, and records which ran and how many ran concurrently. */
const checks = (queue: PasswordQueue) => {
  const ran: string[] = [];
  const ends: (() => void)[] = [];
  let running = 0;
  let most = 0;
  return {
    ran,
    most: () => most,
    check: (user: string, fails = false) =>
      queue.run(user, async () => {
        ran.push(user);
        most = Math.max(most, (running += 1));
        await new Promise<void>((resolve) => ends.push(resolve));
        running -= 1;
        if (fails) throw new Error('failed');
      }),
    endOne: async () => {
      ends.shift()!();
      await new Promise((resolve) => process.nextTick(resolve));
    },
  };
};

afterEach(() => {
  jest.useRealTimers();
});

describe('the password queue', () => {
  it('runs fifty checks one at a time and alternates between users', async () => {
    const { check, endOne, ran, most } = checks(queueOf(50));
    const all = Promise.all([
      ...Array.from({ length: 46 }, () => check('greedy')),
      ...['a', 'b', 'a', 'b'].map((user) => check(user)),
    ]);
    for (let i = 0; i < 50; i += 1) await endOne();
    await all;
    expect(most()).toBe(1);
    expect(ran.slice(0, 6)).toEqual(['greedy', 'greedy', 'a', 'b', 'greedy', 'a']);
    expect(ran).toHaveLength(50);
  });

  it('continues after a failed check', async () => {
    const { check, endOne, ran } = checks(queueOf(5));
    const failing = expect(check('a', true)).rejects.toThrow('failed');
    const next = check('b');
    await endOne();
    await failing;
    await endOne();
    await next;
    expect(ran).toEqual(['a', 'b']);
  });

  it('rejects a check with Retry-After when it is full', async () => {
    const { check, endOne } = checks(queueOf(20));
    const all = Promise.all(Array.from({ length: 21 }, (_, user) => check(`u${user}`)));
    await expect(check('late')).rejects.toMatchObject({
      code: 'overloaded',
      status: 503,
      outcome: 'not_sent',
      options: { headers: { 'Retry-After': '2' } },
    });
    for (let i = 0; i < 21; i += 1) await endOne();
    await all;
  });

  it('replaces a check of the user with the most waiting checks when it is full', async () => {
    const { check, endOne, ran } = checks(queueOf(3));
    const first = check('greedy');
    const waiting = [check('greedy'), check('greedy'), check('greedy')];
    const last = expect(waiting.pop()).rejects.toMatchObject({ code: 'overloaded' });
    const newcomer = check('newcomer');
    await last;
    await expect(check('greedy')).rejects.toMatchObject({ code: 'overloaded' });
    for (let i = 0; i < 4; i += 1) await endOne();
    await Promise.all([first, newcomer, ...waiting]);
    expect(ran).toEqual(['greedy', 'greedy', 'newcomer', 'greedy']);
  });

  it('rejects a check that has waited too long', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick'] });
    const { check, endOne, ran } = checks(queueOf(3));
    const first = check('a');
    const late = expect(check('b')).rejects.toMatchObject({ code: 'overloaded' });
    jest.advanceTimersByTime(10_000);
    await late;
    await endOne();
    await first;
    expect(ran).toEqual(['a']);
  });
});
