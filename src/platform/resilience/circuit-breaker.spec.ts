import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { CircuitBreaker, CircuitOpenError } from './circuit-breaker.js';

const down = new Error('down');
const returns = (value: unknown) => () => Promise.resolve(value);
const fails = () => Promise.reject(down);

let breaker: CircuitBreaker;
let requestedMs: number | undefined;

beforeEach(() => {
  jest.useFakeTimers();
  requestedMs = undefined;
  breaker = new CircuitBreaker({
    isFailure: (outcome) => ('error' in outcome ? outcome.error === down : outcome.value === 503),
    requestedPauseMs: () => requestedMs,
  });
});
afterEach(() => {
  jest.useRealTimers();
});

const failTimes = async (count: number) => {
  for (let i = 0; i < count; i += 1) await breaker.run(fails).catch(() => undefined);
};
/** Whether a call is made. */
const isCalled = async () => {
  const call = jest.fn(returns(200));
  await breaker.run(call).catch(() => undefined);
  return call.mock.calls.length > 0;
};

describe('the circuit breaker', () => {
  it('rejects calls without making them after five consecutive failures', async () => {
    await failTimes(4);
    await breaker.run(returns(200));
    await failTimes(4);
    expect(breaker.rejectingMs).toBe(0);
    await expect(breaker.run(fails)).rejects.toBe(down);
    expect(breaker.rejectingMs).toBe(1_000);
    const call = jest.fn(returns(200));
    await expect(breaker.run(call)).rejects.toEqual(new CircuitOpenError(1_000));
    expect(call).not.toHaveBeenCalled();
  });

  it('counts results that are failures, and no other errors', async () => {
    for (let i = 0; i < 10; i += 1) await breaker.run(() => Promise.reject(new Error('about one user'))).catch(() => 0);
    expect(breaker.rejectingMs).toBe(0);
    for (let i = 0; i < 5; i += 1) expect(await breaker.run(returns(503))).toBe(503);
    expect(breaker.rejectingMs).toBe(1_000);
  });

  it('makes one call as a probe after the pause, and rejects all others until it has ended', async () => {
    await failTimes(5);
    jest.advanceTimersByTime(1_000);
    let end!: (value: number) => void;
    const probe = breaker.run(() => new Promise<number>((resolve) => (end = resolve)));
    await expect(breaker.run(returns(200))).rejects.toBeInstanceOf(CircuitOpenError);
    expect(breaker.rejectingMs).toBeGreaterThan(0);
    end(200);
    expect(await probe).toBe(200);
    expect(await isCalled()).toBe(true);
    await failTimes(4);
    expect(await isCalled()).toBe(true);
  });

  it('does not count a probe that was not made after all as a success', async () => {
    const notMade = new Error('not made');
    breaker = new CircuitBreaker({
      isFailure: (outcome) => 'error' in outcome && outcome.error === down,
      isInconclusive: (outcome) => 'error' in outcome && outcome.error === notMade,
    });
    for (let i = 0; i < 10; i += 1) await breaker.run(() => Promise.reject(notMade)).catch(() => undefined);
    expect(breaker.rejectingMs).toBe(0);
    await failTimes(5);
    jest.advanceTimersByTime(1_000);
    await expect(breaker.run(() => Promise.reject(notMade))).rejects.toBe(notMade);
    expect(breaker.rejectingMs).toBe(2_000);
  });

  it('doubles the pause after each failed probe, up to 10 s, and starts over after a success', async () => {
    await failTimes(5);
    for (const seconds of [1, 2, 4, 8, 10, 10]) {
      expect(breaker.rejectingMs).toBe(seconds * 1_000);
      jest.advanceTimersByTime(seconds * 1_000 - 1);
      expect(await isCalled()).toBe(false);
      jest.advanceTimersByTime(1);
      await expect(breaker.run(fails)).rejects.toBe(down);
    }
    jest.advanceTimersByTime(10_000);
    await breaker.run(returns(200));
    await failTimes(5);
    expect(breaker.rejectingMs).toBe(1_000);
  });

  it('pauses for as long as the dependency asks', async () => {
    requestedMs = 40_000;
    await failTimes(5);
    expect(breaker.rejectingMs).toBe(40_000);
  });

  it('does not stay open when the clock is set back', async () => {
    await failTimes(5);
    jest.advanceTimersByTime(1_000);
    jest.setSystemTime(Date.now() - 3_600_000);
    expect(await isCalled()).toBe(true);
  });

  it('stays closed after a probe, whatever calls from before it report late', async () => {
    const late: (() => void)[] = [];
    const early = Array.from({ length: 3 }, () =>
      breaker.run(() => new Promise((_, reject) => late.push(() => reject(down)))).catch(() => undefined),
    );
    await failTimes(5);
    late.forEach((report) => report());
    await Promise.all(early);
    expect(breaker.rejectingMs).toBe(1_000);
    jest.advanceTimersByTime(1_000);
    await breaker.run(returns(200));
    expect(breaker.rejectingMs).toBe(0);
  });
});
