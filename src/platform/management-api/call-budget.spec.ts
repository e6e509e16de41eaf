import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import type { AppConfig } from '../config/app-config.js';
import { SystemClock } from '../config/clock.js';
import { CallBudget, type CallKind } from './call-budget.js';

const budgetOf = (budgetPer10s?: number) =>
  new CallBudget({ upstream: { budgetPer10s } } as AppConfig, new SystemClock());

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const PATIENT = 60_000;

describe('the budget of calls', () => {
  it('lets everything through when none is set', async () => {
    const budget = budgetOf();
    await Promise.all(Array.from({ length: 1000 }, () => budget.take('read', 0)));
    expect(jest.getTimerCount()).toBe(0);
  });

  it('lets reads go before writes, and the token before both', async () => {
    const budget = budgetOf(1);
    const order: CallKind[] = [];
    const take = (kind: CallKind) => budget.take(kind, performance.now() + PATIENT).then(() => order.push(kind));
    await take('write');
    const all = Promise.all([take('write'), take('read'), take('token')]);
    await jest.advanceTimersByTimeAsync(30_000);
    await all;
    expect(order).toEqual(['write', 'token', 'read', 'write']);
  });

  it('refuses with Retry-After when too many of a kind wait', async () => {
    const budget = budgetOf(2);
    const deadlineAt = performance.now() + PATIENT;
    const calls = Promise.all(Array.from({ length: 4 }, () => budget.take('write', deadlineAt)));
    await expect(budget.take('write', deadlineAt)).rejects.toMatchObject({
      code: 'overloaded',
      outcome: 'not_sent',
      options: { headers: { 'Retry-After': '10' } },
    });
    const read = budget.take('read', deadlineAt);
    await jest.advanceTimersByTimeAsync(20_000);
    await Promise.all([calls, read]);
  });

  it('refuses a call whose patience ends, and gives its place to nobody else', async () => {
    const budget = budgetOf(1);
    await budget.take('read', PATIENT);
    const impatient = expect(budget.take('read', performance.now() + 1_000)).rejects.toMatchObject({
      code: 'overloaded',
    });
    await jest.advanceTimersByTimeAsync(1_000);
    await impatient;
    const next = budget.take('read', performance.now() + PATIENT);
    await jest.advanceTimersByTimeAsync(9_000);
    await next;
  });

  it('never lets more go in any 10 s than allowed, whatever comes when', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.tuple(fc.integer({ min: 0, max: 8_000 }), fc.constantFrom<CallKind>('read', 'write')), {
          minLength: 1,
          maxLength: 30,
        }),
        async (allowed, arrivals) => {
          const budget = budgetOf(allowed);
          const gone: number[] = [];
          for (const [pause, kind] of arrivals) {
            await jest.advanceTimersByTimeAsync(pause);
            budget.take(kind, performance.now() + PATIENT).then(
              () => gone.push(Date.now()),
              () => undefined,
            );
          }
          await jest.advanceTimersByTimeAsync(PATIENT);
          gone.forEach((time, index) => {
            const before = gone[index - allowed];
            if (before !== undefined) expect(time - before).toBeGreaterThanOrEqual(10_000);
          });
          expect(gone.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 50 },
    );
  });
});
