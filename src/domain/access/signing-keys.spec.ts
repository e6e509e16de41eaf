import { once } from 'node:events';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { createKey, type TestKey } from '../../../test/support/tokens.js';
import { fetchKeySet, SigningKeys, type KeySetFetch } from './signing-keys.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

let old: TestKey;
let rotated: TestKey;
let served: TestKey[] | Error;
let fetches: number;
let completedFetches: number;
let keys: SigningKeys;

// Before the timers of a test are replaced.
const realSetImmediate = setImmediate;

/** Advances the time. It stands still during fetches: importing keys is real work, and fake timers do not wait for it. */
const advance = async (ms: number) => {
  await jest.advanceTimersByTimeAsync(ms);
  while (completedFetches < fetches) await new Promise((resolve) => realSetImmediate(resolve));
};

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
const started = async () => {
  keys.onModuleInit();
  await keys.refresh();
};

/** Lets the interval between fetches pass without a timer firing, and fetches. */
const fetchAgain = async () => {
  jest.setSystemTime(Date.now() + SECOND);
  await keys.refresh();
};

/** Advances the time until a promise settles. Returns its result and the time that has passed. */
const settled = async <T>(promise: Promise<T>) => {
  const start = Date.now();
  let result: PromiseSettledResult<T> | undefined;
  void Promise.allSettled([promise]).then(([only]) => (result = only));
  while (!result && Date.now() - start < MINUTE) await advance(10);
  if (result?.status !== 'fulfilled') throw (result?.reason as unknown) ?? new Error('not settled within a minute');
  return { value: result.value, ms: Date.now() - start };
};

const find = async (kid: string) => (await settled(keys.find(kid))).value;
const findKid = async (kid: string) => (await find(kid))?.kid;
/** Requests keys with ids that Logto has never had; their results do not matter. */
const requestJunk = (name: string, count: number) =>
  Array.from({ length: count }, (_, index) => keys.find(`junk-${name}-${index}`).catch((error: unknown) => error));

describe('SigningKeys', () => {
  beforeEach(() => {
    jest.useFakeTimers();
    served = [old];
    fetches = 0;
    completedFetches = 0;
    keys = new SigningKeys('https://logto.example/oidc/jwks', { now: () => Date.now() }, fetcher);
    const refresh = keys.refresh.bind(keys);
    jest.spyOn(keys, 'refresh').mockImplementation(() => refresh().finally(() => (completedFetches = fetches)));
  });
  afterEach(() => {
    keys.onApplicationShutdown();
    jest.useRealTimers();
  });

  it('fetches once at the start for all waiting callers', async () => {
    keys.onModuleInit();
    const found = await Promise.all(Array.from({ length: 100 }, () => keys.find('old')));
    expect(found.every((key) => key?.kid === 'old')).toBe(true);
    expect(fetches).toBe(1);
  });

  it('fetches again every 5 minutes', async () => {
    await started();
    await advance(5 * MINUTE - 1);
    expect(fetches).toBe(1);
    await advance(1);
    expect(fetches).toBe(2);
  });

  it('fetches for an unknown id at once if the last fetch started a second ago', async () => {
    await started();
    served = [rotated, old];
    jest.setSystemTime(Date.now() + SECOND);
    expect((await keys.find('rotated'))?.kid).toBe('rotated');
    expect(fetches).toBe(2);
  });

  it('starts fetches at least a second apart', async () => {
    await started();
    served = [rotated, old];
    const found = keys.find('rotated');
    await advance(SECOND - 1);
    expect(fetches).toBe(1);
    expect((await settled(found)).value?.kid).toBe('rotated');
    expect(fetches).toBe(2);
  });

  it('shares a fetch between all waiting requests', async () => {
    await started();
    served = [rotated, old];
    const waiting = [keys.find('rotated'), keys.find('rotated'), ...requestJunk('a', 100)];
    const { value } = await settled(Promise.all(waiting));
    expect(value).toEqual([...Array(2).fill(expect.objectContaining({ kid: 'rotated' })), ...Array(100)]);
    expect(fetches).toBe(2);
  });

  it('fetches at most once a second for 10,000 unknown ids in 10 s', async () => {
    await started();
    const flood: Promise<unknown>[] = [];
    for (let step = 0; step < 100; step += 1) {
      flood.push(...requestJunk(`${step}`, 100));
      await advance(100);
    }
    expect(fetches).toBeLessThanOrEqual(11);
    await settled(Promise.all(flood));
    expect(fetches).toBeLessThanOrEqual(12);
  });

  it.each([
    ['few', 5],
    ['more than may wait', 500],
  ])(
    'accepts a rotated key within 2 s although unknown ids arrive before, during and after: %s',
    async (_many, count) => {
      await started();
      const flood = requestJunk('before', count);
      await advance(500);
      served = [rotated, old];
      const start = Date.now();
      let found: string | undefined;
      for (let step = 0; !found && Date.now() - start < 10 * SECOND; step += 1) {
        flood.push(...requestJunk(`${step}`, count));
        // A client sends the request again when the service is overloaded.
        void keys.find('rotated').then(
          (key) => (found ??= key?.kid),
          () => undefined,
        );
        await advance(100);
      }
      expect(found).toBe('rotated');
      expect(Date.now() - start).toBeLessThanOrEqual(2 * SECOND);
      await settled(Promise.all(flood));
    },
  );

  it('rejects requests beyond the number that may wait, and accepts others again after the fetch', async () => {
    await started();
    const waiting = requestJunk('a', 1_000);
    await expect(keys.find('rotated')).rejects.toMatchObject({
      code: 'overloaded',
      options: { headers: { 'Retry-After': '1' } },
    });
    expect((await keys.find('old'))?.kid).toBe('old');
    served = [rotated, old];
    await settled(Promise.all(waiting));
    expect(await findKid('rotated')).toBe('rotated');
  });

  it('rejects an unknown id without another fetch for 2 s', async () => {
    await started();
    expect(await find('junk')).toBeUndefined();
    const rejectedAt = Date.now();
    served = [rotated, old];
    jest.setSystemTime(rejectedAt + 2 * SECOND - 11);
    expect((await settled(keys.find('junk'))).ms).toBeLessThanOrEqual(10);
    expect(fetches).toBe(2);
    jest.setSystemTime(rejectedAt + 2 * SECOND);
    expect(await find('junk')).toBeUndefined();
    expect(fetches).toBe(3);
  });

  it('accepts a key 2 s after its id was rejected, however often it is requested in that time', async () => {
    await started();
    const start = Date.now();
    expect(await find('rotated')).toBeUndefined();
    served = [rotated, old];
    while (!(await find('rotated'))) {
      expect(Date.now() - start).toBeLessThan(5 * SECOND);
      await advance(100);
    }
    // A second until the first fetch, and two until the second.
    expect(Date.now() - start).toBeLessThanOrEqual(3.2 * SECOND);
  });

  it('accepts a rejected id as soon as a fetch for another id returns its key', async () => {
    await started();
    expect(await find('rotated')).toBeUndefined();
    served = [rotated, old];
    expect(await find('junk')).toBeUndefined();
    expect((await keys.find('rotated'))?.kid).toBe('rotated');
  });

  it('forgets a rejection when the clock is set back', async () => {
    await started();
    expect(await find('rotated')).toBeUndefined();
    served = [rotated, old];
    jest.setSystemTime(Date.now() - 60 * MINUTE);
    const { value, ms } = await settled(keys.find('rotated'));
    expect(value?.kid).toBe('rotated');
    expect(ms).toBeLessThanOrEqual(1.1 * SECOND);
  });

  it('does not reject an id after a fetch that started before its request', async () => {
    await started();
    jest.setSystemTime(Date.now() + SECOND);
    const underway = keys.refresh();
    await Promise.resolve(); // The fetch starts, with the keys that are served now.
    expect(fetches).toBe(2);
    served = [rotated, old];
    const found = keys.find('rotated');
    await underway;
    expect((await settled(found)).value?.kid).toBe('rotated');
    expect(fetches).toBe(3);
  });

  it('keeps its keys when Logto is unreachable, and fetches again sooner', async () => {
    await started();
    served = new Error('connection refused');
    await advance(5 * MINUTE);
    expect((await keys.find('old'))?.kid).toBe('old');
    served = [rotated];
    await advance(30 * SECOND);
    expect(fetches).toBe(3);
    expect(await findKid('rotated')).toBe('rotated');
  });

  it.each([
    ['no keys', { keys: [] }],
    ['no key set', {}],
    ['a key set of junk', { keys: [{ kty: 'EC', kid: 'old', crv: 'P-384', x: '!', y: '!' }] }],
  ])('keeps its keys when Logto responds with %s', async (_what, response) => {
    const responses: unknown[] = [{ keys: [old.jwk] }, response];
    keys = new SigningKeys('', { now: () => Date.now() }, async () => responses.shift() as { keys: unknown });
    await started();
    await fetchAgain();
    expect((await keys.find('old'))?.kid).toBe('old');
  });

  it('ignores entries of a key set that are no keys', async () => {
    const junk = [
      null,
      7,
      'x',
      true,
      [],
      {},
      { kty: null },
      { kty: 'EC', crv: 7, kid: 'j' },
      { kty: 'oct', k: 'AA', kid: 'o' },
    ];
    keys = new SigningKeys('', { now: () => Date.now() }, async () => ({ keys: [...junk, old.jwk, null] }));
    await expect(keys.find('old')).resolves.toMatchObject({ kid: 'old' });
    expect(keys.seen).toBe(true);
  });

  it('reports Logto as unavailable, and no key as unknown, before the first successful fetch', async () => {
    served = new Error('connection refused');
    await started();
    await expect(find('old')).rejects.toMatchObject({ code: 'upstream_unavailable' });
    expect(keys.seen).toBe(false);
    served = [old];
    expect(await findKid('old')).toBe('old');
    expect(keys.seen).toBe(true);
  });

  it('reports Logto as unavailable for an unknown id while fetches fail, and keeps its keys', async () => {
    await started();
    served = new Error('connection refused');
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await expect(find('rotated')).rejects.toMatchObject({ code: 'upstream_unavailable' });
      expect((await keys.find('old'))?.kid).toBe('old');
    }
    served = [rotated, old];
    expect(await findKid('rotated')).toBe('rotated');
  });

  it('fetches at most once a second while callers wait for the first keys', async () => {
    served = new Error('connection refused');
    await started();
    for (let round = 0; round < 20; round += 1) {
      Array.from({ length: 20 }, () => keys.find('old').catch(() => undefined));
      await advance(100);
    }
    expect(fetches).toBeLessThanOrEqual(1 + 2);
  });

  it('has a key until Logto no longer publishes it, and not one with the same id but other key material', async () => {
    await started();
    const key = (await keys.find('old'))!;
    await fetchAgain();
    expect(keys.holds(key)).toBe(true);
    served = [await createKey('old')];
    await fetchAgain();
    expect(keys.holds(key)).toBe(false);
    served = [rotated];
    await fetchAgain();
    expect(await find('old')).toBeUndefined();
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
    expect(await find('other')).toBeUndefined();
  });

  it('stops fetching when the application closes', async () => {
    await started();
    keys.onApplicationShutdown();
    await advance(20 * MINUTE);
    expect(fetches).toBe(1);
  });

  it('reports Logto as unavailable to waiting requests when the application closes', async () => {
    await started();
    const waiting = expect(keys.find('rotated')).rejects.toMatchObject({ code: 'upstream_unavailable' });
    keys.onApplicationShutdown();
    await waiting;
    await expect(keys.find('rotated')).rejects.toMatchObject({ code: 'upstream_unavailable' });
    expect(jest.getTimerCount()).toBe(0);
    expect(fetches).toBe(1);
  });
});

describe('fetchKeySet', () => {
  const LIMIT = 256 * 1024;
  const KEY_SET = '{"keys":[{"kid":"ü"}]}';
  let server: Server;
  let respond: RequestListener;
  let paths: string[];

  beforeEach(async () => {
    paths = [];
    server = createServer((request, response) => {
      paths.push(request.url!);
      respond(request, response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  const fetchKeys = () => fetchKeySet(5_000)(`http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`);
  const padded = (size: number) => KEY_SET.padEnd(size - 1); // One character has two bytes.

  it.each([
    ['in one chunk', (size: number) => [padded(size)]],
    ['in several chunks', (size: number) => [padded(size).slice(0, 9), padded(size).slice(9)]],
  ])('returns a key set of up to 256 KiB %s', async (_how, split) => {
    for (const size of [KEY_SET.length + 1, LIMIT]) {
      respond = (_request, response) => {
        for (const chunk of split(size)) response.write(chunk);
        response.end();
      };
      expect(await fetchKeys()).toEqual({ keys: [{ kid: 'ü' }] });
    }
  });

  it.each([
    ['with its length', (body: string) => body, { 'content-length': LIMIT + 1 }],
    ['without its length', (body: string) => body, {}],
    ['that is compressed', (body: string) => gzipSync(body), { 'content-encoding': 'gzip' }],
  ])('rejects a larger body %s', async (_what, encode, headers) => {
    respond = (_request, response) => {
      response.writeHead(200, headers);
      response.end(encode(padded(LIMIT + 1)));
    };
    await expect(fetchKeys()).rejects.toThrow('more than 262144 bytes');
  });

  it('closes the connection of a body that does not end', async () => {
    const closed = new Promise<void>((resolve) => {
      respond = (_request, response) => {
        const send = () => void (response.write(' '.repeat(65_536)) && setImmediate(send));
        response.on('drain', send).on('close', resolve);
        send();
      };
    });
    await expect(fetchKeys()).rejects.toThrow('more than 262144 bytes');
    await closed;
  });

  it.each([301, 302, 303, 307, 308])('does not follow a redirect with %d', async (status) => {
    respond = (_request, response) => void response.writeHead(status, { location: '/other' }).end(KEY_SET);
    await expect(fetchKeys()).rejects.toThrow('fetch failed');
    expect(paths).toEqual(['/jwks']);
  });

  it.each([204, 304, 404, 500])('rejects a response with status %d', async (status) => {
    respond = (_request, response) => void response.writeHead(status).end();
    await expect(fetchKeys()).rejects.toThrow(`HTTP ${status}`);
  });

  it.each(['', 'not JSON', '{"keys":['])('rejects a body that is not JSON: "%s"', async (body) => {
    respond = (_request, response) => void response.end(body);
    await expect(fetchKeys()).rejects.toThrow(SyntaxError);
  });

  it.each([
    ['does not respond', () => undefined],
    ['stops in the middle of the body', (response: ServerResponse) => void response.write('{"keys"')],
  ])('rejects after 5 s when the server %s', async (_what, start) => {
    const timeout = new AbortController();
    const createTimeout = jest.spyOn(AbortSignal, 'timeout').mockReturnValue(timeout.signal);
    const received = new Promise<void>((resolve) => {
      respond = (_request, response) => {
        start(response);
        resolve();
      };
    });
    const result = expect(fetchKeys()).rejects.toThrow('timeout');
    await received;
    timeout.abort(new Error('timeout'));
    await result;
    expect(createTimeout).toHaveBeenCalledWith(5_000);
  });

  it.each(['{}', '[]', 'null', '"keys"', '{"keys":{}}', '{"keys":"junk"}'])(
    'lets SigningKeys report Logto as unavailable when the key set is %s',
    async (body) => {
      respond = (_request, response) => void response.end(body);
      const keys = new SigningKeys('', { now: () => 0 }, fetchKeys);
      await expect(keys.find('old')).rejects.toMatchObject({ code: 'upstream_unavailable' });
      expect(keys.seen).toBe(false);
      keys.onApplicationShutdown();
    },
  );
});
