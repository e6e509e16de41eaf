import { Agent } from 'undici';
import { load, median, timeEach } from './load.mjs';
import { probe } from './servers.mjs';

const authorization = (token) => ({ authorization: `Bearer ${token}` });
const reads = (users, headers = {}) =>
  users.map(({ token }) => ({ method: 'GET', path: '/v1/profile', headers: { ...authorization(token), ...headers } }));

/** Who is read from, by name; each as `load` wants it. */
export const readers = ({ upstream, api, users, service, baseline, limit }) => ({
  upstream: {
    url: upstream.url,
    requests: users.map(({ id }) => ({ method: 'GET', path: `/api/users/${id}`, headers: api.headers })),
  },
  straightforward: { url: baseline.url, requests: reads(users) },
  first: { url: service.url, requests: reads(users, { 'cache-control': 'no-cache' }) },
  warm: { url: service.url, requests: reads(users) },
  limit: { url: limit.url, requests: users.map(({ id }) => ({ method: 'GET', path: `/${id}` })) },
});

/** Requests one after the other, over one connection that is kept. */
const caller = (base) => {
  const dispatcher = new Agent({ connections: 1, pipelining: 1 });
  const request = async (method, path, headers, body) => {
    const { statusCode, body: answer } = await dispatcher.request({
      origin: base,
      method,
      path,
      headers: body ? { 'content-type': 'application/json', ...headers } : headers,
      body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    if (statusCode >= 300) throw new Error(`${method} ${path}: ${statusCode} ${text}`);
  };
  return { request, close: () => dispatcher.close() };
};

/**
 * What the service adds to what it has to ask Logto, at one connection: medians of requests made in turn, so that a
 * slower second of the machine slows both.
 * @returns {Promise<{ firstReadExtraMs: number, oneStoreWriteExtraMs: number, twoStoreWriteExtraMs: number }>}
 */
export const extraCost = async ({ upstream, api, users, service }, count) => {
  const direct = caller(upstream.url);
  const through = caller(service.url);
  const user = (turn) => users[turn % users.length];
  const medians = async (...requests) => {
    const times = requests.map(() => []);
    await timeEach(Math.min(50, count), (turn) =>
      requests.reduce((before, next) => before.then(() => next(turn)), Promise.resolve()),
    );
    for (let turn = 0; turn < count; turn += 1) {
      for (const [index, request] of requests.entries()) {
        times[index].push((await timeEach(1, () => request(turn)))[0]);
      }
    }
    return times.map(median);
  };
  const readDirectly = (turn) => direct.request('GET', `/api/users/${user(turn).id}`, api.headers);
  const writeDirectly = async (turn) => {
    await readDirectly(turn);
    await direct.request('PATCH', `/api/users/${user(turn).id}`, api.headers, { name: `Direct ${turn}` });
  };
  const readThrough = (turn) =>
    through.request('GET', '/v1/profile', { ...authorization(user(turn).token), 'cache-control': 'no-cache' });
  const writeThrough = (patch) => (turn) =>
    through.request('PATCH', '/v1/profile', authorization(user(turn).token), patch(turn));

  const [read, readBehind] = await medians(readDirectly, readThrough);
  const [write, oneStore, twoStores] = await medians(
    writeDirectly,
    writeThrough((turn) => ({ name: `Through ${turn} ${Date.now()}` })),
    writeThrough((turn) => ({ name: `Both ${turn} ${Date.now()}`, emergencyContact: { name: `Contact ${turn}` } })),
  );
  await Promise.all([direct.close(), through.close()]);
  return {
    firstReadExtraMs: readBehind - read,
    oneStoreWriteExtraMs: oneStore - write,
    twoStoreWriteExtraMs: twoStores - write,
  };
};

/** 500 tokens a second that were never seen before. @returns how late the event loop ran, p99 in milliseconds */
export const coldTokens = async ({ upstream, users, service }, seconds) => {
  const perSecond = 500;
  const tokens = [];
  // A little more than will be sent: none may come twice.
  for (let n = 0; n < perSecond * (seconds + 1); n += 25) {
    tokens.push(
      ...(await Promise.all(Array.from({ length: 25 }, (_, i) => upstream.token(users[(n + i) % users.length].name)))),
    );
  }
  let next = 0;
  const dispatcher = new Agent({ connections: 16, pipelining: 1 });
  const send = async () => {
    const { statusCode, body } = await dispatcher.request({
      origin: service.url,
      method: 'GET',
      path: '/v1/profile',
      headers: authorization(tokens[next++]),
    });
    await body.dump();
    if (statusCode !== 200) throw new Error(`GET /v1/profile: ${statusCode}`);
  };
  await probe(service, 'reset');
  const started = performance.now();
  const sent = [];
  while (performance.now() - started < seconds * 1000 && next < tokens.length) {
    const due = Math.min(tokens.length, Math.floor(((performance.now() - started) / 1000) * perSecond));
    while (next < due) sent.push(send());
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await Promise.all(sent);
  const delay = await probe(service, 'loopDelayP99Ms');
  await dispatcher.close();
  return delay;
};

/** 10 minutes (or as long as is said) of reads and writes at 32 connections. @returns resident memory each minute, in MB */
export const soak = async ({ users, service }, minutes) => {
  const requests = [
    ...reads(users),
    ...reads(users, { 'cache-control': 'no-cache' }).slice(0, Math.ceil(users.length / 10)),
    ...users.slice(0, Math.ceil(users.length / 10)).map(({ token }, n) => ({
      method: 'PATCH',
      path: '/v1/profile',
      headers: { ...authorization(token), 'content-type': 'application/json' },
      body: JSON.stringify({ nickname: `soak ${n}` }),
    })),
  ];
  const memory = [];
  for (let minute = 0; minute < minutes; minute += 1) {
    await load({ url: service.url, requests, connections: 32, seconds: 60 });
    memory.push(Math.round(await probe(service, 'rssMb')));
  }
  return memory;
};
