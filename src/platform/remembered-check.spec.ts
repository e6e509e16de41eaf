import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { RememberedCheck } from './remembered-check.js';

const EVERY_MS = 60_000;
const RETRY_MS = 1_000;

describe('RememberedCheck', () => {
  let now: number;
  let outcomes: (() => Promise<string | undefined>)[];
  let check: RememberedCheck<string>;
  const run = jest.fn<() => Promise<string | undefined>>(() => outcomes.shift()!());
  const succeed = () => Promise.resolve(undefined);
  const fail = () => Promise.resolve('rejected');
  const beUnavailable = () => Promise.reject(new Error('unavailable'));

  beforeEach(() => {
    now = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    run.mockClear();
    check = new RememberedCheck({ run, initially: 'unverified', everyMs: EVERY_MS, retryMs: RETRY_MS });
  });
  afterEach(() => void jest.restoreAllMocks());

  it('waits for the first result and remembers it', async () => {
    outcomes = [succeed];
    expect(await check.check()).toBeUndefined();
    now += EVERY_MS - 1;
    expect(await check.check()).toBeUndefined();
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('runs once for concurrent callers', async () => {
    outcomes = [fail];
    expect(await Promise.all([check.check(), check.check()])).toEqual(['rejected', 'rejected']);
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('has the initial result while it has not succeeded, and tries again after a pause', async () => {
    outcomes = [beUnavailable, succeed];
    expect(await check.check()).toBe('unverified');
    now += RETRY_MS - 1;
    expect(await check.check()).toBe('unverified');
    expect(run).toHaveBeenCalledTimes(1);
    now += 1;
    expect(await check.check()).toBeUndefined();
  });

  it('keeps the last result while the other server is unavailable or does not respond', async () => {
    outcomes = [succeed, beUnavailable, () => new Promise(() => undefined)];
    await check.check();
    now += EVERY_MS;
    expect(await check.check()).toBeUndefined();
    await new Promise(setImmediate);
    expect(await check.check()).toBeUndefined();
    now += RETRY_MS;
    expect(await check.check()).toBeUndefined();
    expect(run).toHaveBeenCalledTimes(3);
  });

  it('updates the result in the background', async () => {
    outcomes = [succeed, fail, succeed];
    await check.check();
    now += EVERY_MS;
    await check.check();
    await new Promise(setImmediate);
    expect(await check.check()).toBe('rejected');
    now += RETRY_MS;
    await check.check();
    await new Promise(setImmediate);
    expect(await check.check()).toBeUndefined();
  });
});
