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

const LONG_WAIT_MS = 60_000;

describe('the call budget', () => {
  it('allows every call when it is not set', async () => {
    const budget = budgetOf();
    await Promise.all(Array.from({ length: 1000 }, () => budget.take('read', 0)));
    expect(jest.getTimerCount()).toBe(0);
  });

  it('allows reads before writes, and token requests before both', async () => {
    const budget = budgetOf(1);
    const order: CallKind[] = [];
    const take = (kind: CallKind) => budget.take(kind, performance.now() + LONG_WAIT_MS).then(() => order.push(kind));
    await take('write');
    const all = Promise.all([take('write'), take('read'), take('token')]);
    await jest.advanceTimersByTimeAsync(30_000);
    await all;
    expect(order).toEqual(['write', 'token', 'read', 'write']);
  });

  it('rejects with Retry-After when too many calls of a kind wait', async () => {
    const budget = budgetOf(2);
    const deadlineAt = performance.now() + LONG_WAIT_MS;
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

  it('rejects a call that has waited too long and leaves its share to the next one', async () => {
    const budget = budgetOf(1);
    await budget.take('read', LONG_WAIT_MS);
    const impatient = expect(budget.take('read', performance.now() + 1_000)).rejects.toMatchObject({
      code: 'overloaded',
    });
    await jest.advanceTimersByTimeAsync(1_000);
    await impatient;
    const next = budget.take('read', performance.now() + LONG_WAIT_MS);
    await jest.advanceTimersByTimeAsync(9_000);
    await next;
  });

  it('never allows more calls than the budget in any 10 s', async () => {
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
            budget.take(kind, performance.now() + LONG_WAIT_MS).then(
              () => gone.push(Date.now()),
              () => undefined,
            );
          }
          await jest.advanceTimersByTimeAsync(LONG_WAIT_MS);
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
