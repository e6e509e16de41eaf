import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { makeKey, type TestKey } from '../../../test/support/tokens.js';
import { SigningKeys, type KeySetFetch } from './signing-keys.js';

const MINUTE = 60_000;

let old: TestKey;
let rotated: TestKey;
let served: TestKey[] | Error;
let fetches: number;
let keys: SigningKeys;

/** Lets fetches that were asked for come back. */
const settle = () => jest.advanceTimersByTimeAsync(0);

const fetcher: KeySetFetch = async () => {
  fetches += 1;
  // Served as they are when the answer leaves Logto, not when it arrives.
  const answer = served;
  await Promise.resolve();
  if (answer instanceof Error) throw answer;
  return { keys: answer.map(({ jwk }) => jwk) };
};

beforeAll(async () => {
  Logger.overrideLogger(false);
  [old, rotated] = await Promise.all([makeKey('old'), makeKey('rotated')]);
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
  it('fetches once at the start, for all who wait', async () => {
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

  it('finds a rotated key at once', async () => {
    await started();
    served = [rotated, old];
    expect((await keys.find('rotated'))?.kid).toBe('rotated');
    expect(fetches).toBe(2);
  });

  it('fetches once in 30 s for unknown ids, however many there are', async () => {
    await started();
    for (let second = 0; second < 60; second += 1) {
      const junk = Array.from({ length: 200 }, (_, index) => keys.find(`junk-${second}-${index}`));
      expect((await Promise.all(junk)).every((key) => key === undefined)).toBe(true);
      jest.setSystemTime(Date.now() + 1000);
    }
    expect(fetches).toBe(1 + 2);
  });

  it('lets a key in that was rotated during a flood of junk ids, within 30 s', async () => {
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

  it('asks again when a fetch that was already on its way did not bring the key', async () => {
    await started();
    const underway = keys.refresh();
    served = [rotated, old];
    const found = await keys.find('rotated');
    await underway;
    expect(found?.kid).toBe('rotated');
    expect(fetches).toBe(3);
  });

  it('keeps the keys it has when Logto cannot be reached, and tries again sooner', async () => {
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
  ])('keeps the keys it has when it is answered %s', async (_what, answer) => {
    const answers: unknown[] = [{ keys: [old.jwk] }, answer];
    keys = new SigningKeys('', { now: () => Date.now() }, async () => answers.shift() as { keys: unknown });
    await started();
    await keys.refresh();
    expect((await keys.find('old'))?.kid).toBe('old');
  });

  it('says that Logto is unavailable, rather than that a key is unknown, until it has answered once', async () => {
    served = new Error('connection refused');
    await started();
    await expect(keys.find('old')).rejects.toMatchObject({ code: 'upstream_unavailable' });
    served = [old];
    jest.setSystemTime(Date.now() + 2000);
    expect((await keys.find('old'))?.kid).toBe('old');
    expect(keys.seen).toBe(true);
  });

  it('says the same of an unknown id while its fetch fails', async () => {
    await started();
    served = new Error('connection refused');
    await expect(keys.find('rotated')).rejects.toMatchObject({ code: 'upstream_unavailable' });
    expect((await keys.find('old'))?.kid).toBe('old');
  });

  it('is called no more than twice a second by those who wait for the first keys', async () => {
    served = new Error('connection refused');
    await started();
    for (let round = 0; round < 20; round += 1) {
      await Promise.allSettled(Array.from({ length: 20 }, () => keys.find('old')));
      jest.setSystemTime(Date.now() + 100);
    }
    expect(fetches).toBeLessThanOrEqual(1 + 4);
  });

  it('holds a key until it is gone, and not one of the same id with other material', async () => {
    await started();
    const key = (await keys.find('old'))!;
    await keys.refresh();
    expect(keys.holds(key)).toBe(true);
    served = [await makeKey('old')];
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
  ])('knows the algorithm of an %s key that does not say it', async (alg, expected) => {
    served = [await makeKey('plain', alg, false)];
    await started();
    expect((await keys.find('plain'))?.algorithm).toBe(expected);
  });

  it.each(['PS256', 'RS512', 'EdDSA'])('passes over a key for %s', async (alg) => {
    served = [old, await makeKey('other', alg)];
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
