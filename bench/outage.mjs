// Measures whether requests that need nothing from Logto are delayed while it is unavailable or slow.
//   npm run bench:outage [-- --seconds 10]
// Exits with 1 if a median exceeds twice the median of an idle service plus 5 ms.
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Agent } from 'undici';
import { measure, median } from './load.mjs';
import { broken, cleanUp } from './servers.mjs';
import { createDatabase, createUsers, managementApi, startService, startUpstream } from './stack.mjs';

const COLD_READERS = 64;
const FAULTS = {
  'Logto unavailable': { operation: '* /**', drop: 'before' },
  'Logto takes 5 s': { operation: '* /api/**', latency: 5_000 },
};
/** Longer than any run: the users of warm reads stay cached. */
const LONG_MS = '3600000';
const UNCACHED = { 'cache-control': 'no-cache' };

// By default longer than the timeout of a call, so that calls first hang and are then rejected by circuit breakers.
const { values } = parseArgs({ options: { seconds: { type: 'string', default: '10' } } });
const seconds = Number(values.seconds);

/** Sends requests over connections of its own, at most `connections` at a time. */
const createSender = (url, connections) => {
  const dispatcher = new Agent({ connections, pipelining: 1 });
  const send = async (method, path, { token }, { headers = {}, body } = {}) => {
    const response = await dispatcher.request({
      origin: url,
      method,
      path,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body && { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body && JSON.stringify(body),
      headersTimeout: 0,
    });
    await response.body.dump();
    return { status: response.statusCode, retryAfterS: Number(response.headers['retry-after'] ?? 0) };
  };
  return { send, destroy: () => dispatcher.destroy() };
};

/** Keeps 64 users reading what needs Logto until `stop`. As clients do, they wait for `Retry-After`. */
const startColdReaders = (url, users) => {
  const { send, destroy } = createSender(url, COLD_READERS);
  let running = true;
  const read = async (user) => {
    while (running) {
      const { retryAfterS } = await send('GET', '/v1/profile', user, { headers: UNCACHED });
      await delay(1000 * retryAfterS);
    }
  };
  users.forEach((user) => void read(user).catch(() => undefined)); // destroyed at the end
  return () => {
    running = false;
    return destroy();
  };
};

/** The median of each kind of request, in milliseconds. All kinds alternate, over one connection. */
const measureKinds = async (kinds, forSeconds = 3) => {
  const times = Object.fromEntries(Object.keys(kinds).map((name) => [name, []]));
  const endAt = performance.now() + forSeconds * 1000;
  for (let turn = 0; performance.now() < endAt; turn += 1) {
    for (const [name, request] of Object.entries(kinds)) {
      let status;
      times[name].push(await measure(async () => ({ status } = await request(turn))));
      if (status !== 200) throw new Error(`${name}: ${status}`);
    }
  }
  return Object.fromEntries(Object.entries(times).map(([name, each]) => [name, median(each)]));
};

/** Prints each median beside the one of an idle service. @returns the number of those that are too long */
const compare = (condition, idle, found) => {
  let failures = 0;
  for (const [name, ms] of Object.entries(found)) {
    const limit = 2 * idle[name] + 5;
    if (ms > limit) failures += 1;
    const verdict = ms > limit ? ', TOO LONG' : '';
    console.log(
      `${condition}: ${name}: ${ms.toFixed(2)} ms, idle ${idle[name].toFixed(2)} ms (${(ms / idle[name]).toFixed(2)}×), ` +
        `limit ${limit.toFixed(2)} ms${verdict}`,
    );
  }
  return failures;
};

const run = async () => {
  const upstream = await startUpstream();
  if (!upstream.issuesAnyToken) throw new Error('A real Logto cannot be made to fail.');
  const api = await managementApi(upstream);
  const [owner, ...others] = await createUsers(upstream, api, 2 * COLD_READERS + 1);
  const warmUsers = others.slice(0, COLD_READERS);
  const coldUsers = others.slice(COLD_READERS);
  const setFault = async (fault) => {
    const method = fault ? 'POST' : 'DELETE';
    const headers = fault && { 'content-type': 'application/json' };
    await fetch(`${upstream.url}/dev/faults`, { method, headers, body: fault && JSON.stringify(fault) });
  };

  let failures = 0;
  /** @param startLoad starts the load beside the measured requests, and returns what stops it */
  const measureService = async (env, kindsOf, startLoad) => {
    const service = await startService(upstream, await createDatabase(), env);
    const { send, destroy } = createSender(service.url, 1);
    const kinds = kindsOf(send);
    await measureKinds(kinds); // warms up
    const idle = await measureKinds(kinds);
    for (const [condition, fault] of Object.entries(FAULTS)) {
      await measureKinds(kinds); // after the previous fault
      await setFault(fault);
      const stop = await startLoad(service.url);
      failures += compare(condition, idle, await measureKinds(kinds, seconds));
      await stop();
      await setFault(undefined);
    }
    await destroy();
    await service.stop();
  };

  // The user is older than the cache allows at once, as during a longer outage.
  await measureService(
    { CACHE_MAX_AGE_MS: '1' },
    (send) => ({
      'read of the schema': () => send('GET', '/v1/profile/schema', owner),
      'read of own fields': () => send('GET', '/v1/profile', owner),
      'patch of own fields': (turn) =>
        send('PATCH', '/v1/profile', owner, { body: { emergencyContact: { name: `Contact ${turn}` } } }),
    }),
    () => () => undefined,
  );
  await measureService(
    { CACHE_MAX_AGE_MS: LONG_MS },
    (send) => ({
      [`warm read behind ${COLD_READERS} cold readers`]: (turn) =>
        send('GET', '/v1/profile', warmUsers[turn % warmUsers.length]),
    }),
    (url) => startColdReaders(url, coldUsers),
  );
  return failures;
};

try {
  const failures = await Promise.race([run(), broken]);
  process.exitCode = failures > 0 ? 1 : 0;
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await cleanUp();
}
