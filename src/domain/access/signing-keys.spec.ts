import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { createKey, type TestKey } from '../../../test/support/tokens.js';
import { SigningKeys, type KeySetFetch } from './signing-keys.js';

const MINUTE = 60_000;

let old: TestKey;
let rotated: TestKey;
let served: TestKey[] | Error;
let fetches: number;
let keys: SigningKeys;

/** Lets pending fetches complete. */
const settle = () => jest.advanceTimersByTimeAsync(0);

const fetcher: KeySetFetch = async () => {
  fetches += 1;
  // The response has the keys of the moment in which Logto sends it, not in which it arrives.
  const response = served;
  await Promise.resolve();
  if (response instanceof Error) throw response;
  return { keys: response.map(({ jwk }) => jwk) };
};

beforeAll(async () => {
  Logger.overrideLogger(false);
  [old, rotated] = await Promise.all([createKey('old'), createKey('rotated')]);
});
beforeEach(() => {
  jest.useFakeTimers();
  served = [old];
  fetches = 0;
  keys = new SigningKeys('https://logto.example/oidc/jwks', { now: () => Date.now() }, fetcher);
});
afterEach(() => {
  keys.onApplicationShutdown();
  jest.useRealTimers();
});

/** Importing keys is real asynchronous work that fake timers do not wait for. */
const started = async () => {
  keys.onModuleInit();
  await keys.refresh();
};

describe('SigningKeys', () => {
  it('fetches once at the start for all waiting callers', async () => {
    keys.onModuleInit();
    const found = await Promise.all(Array.from({ length: 100 }, () => keys.find('old')));
    expect(found.every((key) => key?.kid === 'old')).toBe(true);
    expect(fetches).toBe(1);
  });

  it('fetches again every 5 minutes', async () => {
    await started();
    await jest.advanceTimersByTimeAsync(5 * MINUTE - 1);
    expect(fetches).toBe(1);
    await jest.advanceTimersByTimeAsync(1);
    expect(fetches).toBe(2);
  });

  it('fetches an unknown key at once, so that a rotated key is accepted', async () => {
    await started();
    served = [rotated, old];
    expect((await keys.find('rotated'))?.kid).toBe('rotated');
    expect(fetches).toBe(2);
  });

  it('fetches at most once in 30 s for any number of unknown ids', async () => {
    await started();
    for (let second = 0; second < 60; second += 1) {
      const junk = Array.from({ length: 200 }, (_, index) => keys.find(`junk-${second}-${index}`));
      expect((await Promise.all(junk)).every((key) => key === undefined)).toBe(true);
      jest.setSystemTime(Date.now() + 1000);
    }
    expect(fetches).toBe(1 + 2);
  });

  it('accepts a key that was rotated during a flood of unknown ids within 30 s', async () => {
    await started();
    await keys.find('junk');
    served = [rotated, old];
    let waited = 0;
    for (; !(await keys.find('rotated')) && waited <= 30; waited += 1) {
      await Promise.all(Array.from({ length: 50 }, (_, index) => keys.find(`junk-${waited}-${index}`)));
      jest.setSystemTime(Date.now() + 1000);
    }
    expect(waited).toBeLessThanOrEqual(30);
    expect(fetches).toBe(3);
  });

  it('fetches again when a pending fetch did not return the key', async () => {
    await started();
    const underway = keys.refresh();
    served = [rotated, old];
    const found = await keys.find('rotated');
    await underway;
    expect(found?.kid).toBe('rotated');
    expect(fetches).toBe(3);
  });

  it('keeps its keys when Logto is unreachable, and fetches again sooner', async () => {
    await started();
    served = new Error('connection refused');
    await jest.advanceTimersByTimeAsync(5 * MINUTE);
    expect((await keys.find('old'))?.kid).toBe('old');
    served = [rotated];
    await jest.advanceTimersByTimeAsync(30_000);
    await keys.refresh();
    expect((await keys.find('rotated'))?.kid).toBe('rotated');
  });

  it.each([
    ['no keys', { keys: [] }],
    ['no key set', {}],
    ['a key set of junk', { keys: [{ kty: 'EC', kid: 'old', crv: 'P-384', x: '!', y: '!' }] }],
  ])('keeps its keys when Logto responds with %s', async (_what, response) => {
    const responses: unknown[] = [{ keys: [old.jwk] }, response];
    keys = new SigningKeys('', { now: () => Date.now() }, async () => responses.shift() as { keys: unknown });
    await started();
    await keys.refresh();
    expect((await keys.find('old'))?.kid).toBe('old');
  });

  it('reports Logto as unavailable, and no key as unknown, before the first successful fetch', async () => {
    served = new Error('connection refused');
    await started();
    await expect(keys.find('old')).rejects.toMatchObject({ code: 'upstream_unavailable' });
    served = [old];
    jest.setSystemTime(Date.now() + 2000);
    expect((await keys.find('old'))?.kid).toBe('old');
    expect(keys.seen).toBe(true);
  });

  it('reports Logto as unavailable for an unknown id while the fetch fails', async () => {
    await started();
    served = new Error('connection refused');
    await expect(keys.find('rotated')).rejects.toMatchObject({ code: 'upstream_unavailable' });
    expect((await keys.find('old'))?.kid).toBe('old');
  });

  it('fetches at most twice a second while callers wait for the first keys', async () => {
    served = new Error('connection refused');
    await started();
    for (let round = 0; round < 20; round += 1) {
      await Promise.allSettled(Array.from({ length: 20 }, () => keys.find('old')));
      jest.setSystemTime(Date.now() + 100);
    }
    expect(fetches).toBeLessThanOrEqual(1 + 4);
  });

  it('has a key until Logto no longer publishes it, and not one with the same id but other key material', async () => {
    await started();
    const key = (await keys.find('old'))!;
    await keys.refresh();
    expect(keys.holds(key)).toBe(true);
    served = [await createKey('old')];
    await keys.refresh();
    expect(keys.holds(key)).toBe(false);
    served = [rotated];
    await keys.refresh();
    expect(await keys.find('old')).toBeUndefined();
  });

  it.each([
    ['ES256', 'ES256'],
    ['ES384', 'ES384'],
    ['ES512', 'ES512'],
    ['RS256', 'RS256'],
  ])('derives the algorithm of an %s key without alg', async (alg, expected) => {
    served = [await createKey('plain', alg, false)];
    await started();
    expect((await keys.find('plain'))?.algorithm).toBe(expected);
  });

  it.each(['PS256', 'RS512', 'EdDSA'])('ignores a key for %s', async (alg) => {
    served = [old, await createKey('other', alg)];
    await started();
    expect(await keys.find('other')).toBeUndefined();
  });

  it('stops fetching when the application closes', async () => {
    await started();
    keys.onApplicationShutdown();
    await jest.advanceTimersByTimeAsync(20 * MINUTE);
    await settle();
    expect(fetches).toBe(1);
  });
});
