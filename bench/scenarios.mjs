import { setTimeout as sleep } from 'node:timers/promises';
import { Agent } from 'undici';
import { createClient, load, measure, median } from './load.mjs';
import { probe } from './servers.mjs';

const path = '/v1/profile';
const authorization = (token) => ({ authorization: `Bearer ${token}` });
const read = ({ token }, headers = {}) => ({ method: 'GET', path, headers: { ...authorization(token), ...headers } });

/** Creates a request that makes a different change each time it is sent. */
const write = ({ token }, patch) => {
  let turn = 0;
  return {
    method: 'PATCH',
    path,
    headers: { ...authorization(token), 'content-type': 'application/json' },
    setupRequest: (request) => ({ ...request, body: JSON.stringify(patch(`${(turn += 1)} ${Date.now()}`)) }),
  };
};

const UNCACHED = { 'cache-control': 'no-cache' };
const oneStore = (text) => ({ name: `Bench ${text}` });
const twoStores = (text) => ({ ...oneStore(text), emergencyContact: { name: `Contact ${text}` } });

/** The variants of reads by name, as options of `load`. */
export const readers = ({ upstream, api, users, service, baseline, limit }) => ({
  upstream: {
    url: upstream.url,
    requests: users.map(({ id }) => ({ method: 'GET', path: `/api/users/${id}`, headers: api.headers })),
  },
  straightforward: { url: baseline.url, requests: users.map((user) => read(user)) },
  first: { url: service.url, requests: users.map((user) => read(user, UNCACHED)) },
  warm: { url: service.url, requests: users.map((user) => read(user)) },
  limit: { url: limit.url, requests: users.map(({ id }) => ({ method: 'GET', path: `/${id}` })) },
});

/** Options of `load` for requests with tokens that the service has not cached. */
export const coldTokens = ({ service }, tokens) => ({
  url: service.url,
  requests: [
    { method: 'GET', path, setupRequest: (request) => ({ ...request, headers: authorization(tokens.next()) }) },
  ],
});

/** The variants of writes by name, as options of `load`. */
export const writers = ({ users, service }) => ({
  oneStoreWrite: { url: service.url, requests: users.map((user) => write(user, oneStore)) },
  twoStoreWrite: { url: service.url, requests: users.map((user) => write(user, twoStores)) },
});

/**
 * Measures how much longer requests through the service take than the calls to Logto that they need, with one connection.
 * Both kinds alternate, so that a slow second of the machine affects both.
 * @returns {Promise<{ firstReadExtraMs: number, oneStoreWriteExtraMs: number, twoStoreWriteExtraMs: number }>}
 */
export const measureExtraCost = async ({ upstream, api, users, service }, count) => {
  const direct = createClient(upstream.url);
  const through = createClient(service.url);
  const medians = async (...requests) => {
    const times = requests.map(() => []);
    const warmUp = Math.min(50, count);
    for (let turn = -warmUp; turn < count; turn += 1) {
      const user = users[(turn + warmUp) % users.length];
      for (const [index, request] of requests.entries()) {
        const ms = await measure(() => request(user, `${turn} ${Date.now()}`));
        if (turn >= 0) times[index].push(ms);
      }
    }
    return times.map(median);
  };
  const readDirectly = ({ id }) => direct.request('GET', `/api/users/${id}`, api.headers);
  const writeDirectly = async (user, text) => {
    await readDirectly(user);
    await direct.request('PATCH', `/api/users/${user.id}`, api.headers, { name: `Direct ${text}` });
  };
  const readThrough = ({ token }) => through.request('GET', path, { ...authorization(token), ...UNCACHED });
  const writeThrough =
    (patch) =>
    ({ token }, text) =>
      through.request('PATCH', path, authorization(token), patch(text));

  const [readMs, readThroughMs] = await medians(readDirectly, readThrough);
  const [writeMs, oneMs, twoMs] = await medians(writeDirectly, writeThrough(oneStore), writeThrough(twoStores));
  await Promise.all([direct.close(), through.close()]);
  return {
    firstReadExtraMs: readThroughMs - readMs,
    oneStoreWriteExtraMs: oneMs - writeMs,
    twoStoreWriteExtraMs: twoMs - writeMs,
  };
};

export const COLD_TOKENS_PER_SECOND = 500;

/** Sends 500 requests a second with uncached tokens. @returns the p99 delay of the event loop in milliseconds */
export const measureColdTokenDelay = async ({ service }, tokens, seconds) => {
  const dispatcher = new Agent({ connections: 16, pipelining: 1 });
  let failure;
  const send = async () => {
    const headers = authorization(tokens.next());
    const { statusCode, body } = await dispatcher.request({ origin: service.url, method: 'GET', path, headers });
    await body.dump();
    if (statusCode !== 200) throw new Error(`GET ${path}: ${statusCode}`);
  };
  await probe(service, 'watchLoop');
  const started = performance.now();
  const count = seconds * COLD_TOKENS_PER_SECOND;
  const sent = [];
  while (!failure && sent.length < count) {
    const due = Math.min(count, Math.floor(((performance.now() - started) / 1000) * COLD_TOKENS_PER_SECOND));
    while (sent.length < due) sent.push(send().catch((error) => (failure ??= error)));
    await sleep(2);
  }
  await Promise.all(sent);
  const delay = await probe(service, 'loopDelayP99Ms');
  await dispatcher.close();
  if (failure) throw failure;
  return delay;
};

/**
 * Starts another replica of the service on the existing database.
 * @returns {Promise<{ readyMs: number, restingMb: number }>} resident memory 2 s after the service is ready
 */
export const measureStart = async ({ startService }) => {
  const service = await startService();
  await sleep(2000);
  const restingMb = await probe(service, 'rssMb');
  await service.stop();
  return { readyMs: service.readyMs, restingMb };
};

/**
 * Sends reads, uncached reads and writes in the ratio 10 : 1 : 1 over 32 connections.
 * @param log called with the memory after each minute
 * @returns {Promise<number[]>} resident memory after each minute, in MB
 */
export const soak = async ({ users, service }, minutes, log) => {
  const requests = users.flatMap((user) => [
    ...Array.from({ length: 10 }, () => read(user)),
    read(user, UNCACHED),
    write(user, (text) => ({ nickname: `Soak ${text}` })),
  ]);
  const memory = [];
  for (let minute = 1; minute <= minutes; minute += 1) {
    await load({ url: service.url, requests, connections: 32, seconds: 60 });
    memory.push(Math.round(await probe(service, 'rssMb')));
    log(`minute ${minute} of ${minutes}: ${memory.at(-1)} MB`);
  }
  return memory;
};
