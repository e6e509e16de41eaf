// Breaks the connections to PostgreSQL and Redis under load. Checks that the service continues to run and keeps every
// acknowledged write. `npm run verify:long` runs it in full, and a medium test runs it for a short time.
import { parseArgs } from 'node:util';
import pg from 'pg';
import { createRandom, readWriteNumber, startLoad } from './load.mjs';
import { startLogto, startPostgres, startRedis, startService, waitUntil } from './servers.mjs';

const USAGE = `usage: npm run verify:long -- [--seconds 60] [--postgres-restarts 20] [--redis-restarts 20]
  [--connections 32] [--users 640] [--services 2] [--seed 1]
Terminates random PostgreSQL backends for --seconds, then restarts PostgreSQL and Redis.`;

const DEFAULTS = {
  seconds: 60,
  'postgres-restarts': 20,
  'redis-restarts': 20,
  connections: 32,
  users: 640,
  services: 2,
  seed: 1,
};
const { values } = parseArgs({
  options: Object.fromEntries(
    Object.entries(DEFAULTS).map(([name, value]) => [name, { type: 'string', default: String(value) }]),
  ),
});
const options = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(value)]));
if (Object.values(options).some(Number.isNaN)) {
  console.error(USAGE);
  process.exit(2);
}

/** A request must succeed within this time after the end of an outage. */
const RECOVERY_MS = 30_000;
const API_RESOURCE = 'https://profile.example/api';
const CREDENTIALS = { id: 'm2m-profile-service', secret: 'dev-only-m2m-secret' };
const TOKEN_SECONDS = 6 * 3_600; // Longer than any run.

/** The servers to stop at the end. */
const startedServers = [];
const track = async (starting) => {
  const server = await starting;
  startedServers.push(server);
  return server;
};

const fetchJson = async (url, init) => {
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return response.json();
};

const createManagementApi = async (logto) => {
  const { access_token: token } = await fetchJson(`${logto.url}/oidc/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${CREDENTIALS.id}:${CREDENTIALS.secret}`)}` },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      resource: 'https://default.logto.app/api',
      scope: 'all',
    }),
  });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return (method, path, body) =>
    fetchJson(`${logto.url}/api${path}`, { method, headers, body: body && JSON.stringify(body) });
};

const createUsers = async (logto, api, count) => {
  const users = [];
  for (let n = 0; n < count; n += 1) {
    const { id } = await api('POST', '/users', { username: `user${n}` });
    const { token } = await fetchJson(`${logto.url}/dev/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user: id, ttl: TOKEN_SECONDS }),
    });
    // `sent` and `acknowledged` are the numbers of the last write that was sent or acknowledged.
    users.push({ id, token, sent: 0, acknowledged: 0, pausedUntil: 0 });
  }
  return users;
};

/** Executes a statement on a new connection. @returns undefined if PostgreSQL is unavailable */
const query = async (url, text, parameters) => {
  const client = new pg.Client({ connectionString: url, application_name: 'verify-long' });
  client.on('error', () => undefined); // The query fails as well.
  try {
    await client.connect();
    return (await client.query(text, parameters)).rows;
  } catch {
    return undefined;
  } finally {
    await client.end();
  }
};

const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1];
const describeDurations = (ms) =>
  ms.length === 0 ? 'none' : `median ${Math.round(median(ms))} ms, longest ${Math.round(Math.max(...ms))} ms`;

/**
 * Compares the two stores of a user with each other and with the acknowledged writes.
 * @returns a description of the first inconsistency, if there is one
 */
const findInconsistency = async (user, { service, api, postgres }) => {
  const headers = { authorization: `Bearer ${user.token}`, 'cache-control': 'no-cache' };
  const read = () => fetchJson(`${service.url}/v1/profile`, { headers }).catch(() => undefined);
  const text = 'select fields, pending from logto_profile.profile_user where user_id = $1';
  // A read resumes a pending change, unless the background job is resuming it already.
  const row = await waitUntil('No change is pending', async () => {
    await read();
    const rows = await query(postgres.url, text, [user.id]);
    return rows && !rows[0]?.pending ? (rows[0] ?? {}) : undefined;
  });
  const document = await waitUntil('The profile can be read', read);
  const { name } = await api('GET', `/users/${user.id}`);
  const stored = { name, ...row.fields };
  const writeNumber = readWriteNumber(stored);
  const values = JSON.stringify({ stored, acknowledged: user.acknowledged, sent: user.sent });
  if (writeNumber === undefined) return `${user.id}: the stores differ: ${values}`;
  if (writeNumber < user.acknowledged) return `${user.id}: an acknowledged write is lost: ${values}`;
  if (writeNumber > user.sent) return `${user.id}: a stored value was never sent: ${values}`;
  if (readWriteNumber(document) !== writeNumber) return `${user.id}: the service returns another value: ${values}`;
  return undefined;
};

const run = async () => {
  const random = createRandom(options.seed);
  const [postgres, redis, logto] = await Promise.all([
    track(startPostgres()),
    track(startRedis()),
    track(startLogto()),
  ]);
  const api = await createManagementApi(logto);
  const users = await createUsers(logto, api, options.users);
  const services = [];
  for (let n = 0; n < options.services; n += 1) {
    const environment = {
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      LOG_LEVEL: 'warn',
      LOGTO_ENDPOINT: logto.url,
      LOGTO_M2M_APP_ID: CREDENTIALS.id,
      LOGTO_M2M_APP_SECRET: CREDENTIALS.secret,
      API_RESOURCE,
      ALLOWED_CLIENT_IDS: 'profile-page',
      DATABASE_URL: postgres.url,
      REDIS_URL: redis.url,
      FIELD_ENCRYPTION_KEYS: `long:${Buffer.alloc(32, 'test key').toString('base64url')}`,
      LIMIT_REQUESTS_PER_MINUTE: '1000000',
      LIMIT_REQUEST_BURST: '1000000',
      LIMIT_CODE_SENDS_PER_USER: '1000000',
      LIMIT_CODE_SENDS_PER_RECIPIENT: '1000000',
    };
    services.push(await track(startService(environment)));
  }

  const load = startLoad({ ...options, urls: services.map(({ url }) => url), users });
  const recoveries = { postgres: [], redis: [] };
  const waitForRecovery = async (durations, requestsBefore) => {
    let ms;
    void load.waitForSuccess().then((duration) => (ms = duration));
    await waitUntil(
      'A request succeeds after the outage',
      () => ms !== undefined || hasAnyExited(services),
      RECOVERY_MS,
    );
    if (ms !== undefined) durations.push(ms);
    await waitUntil(
      'The load continues',
      () => load.figures.requests > requestsBefore + 200 || hasAnyExited(services),
      RECOVERY_MS,
    );
  };

  await waitForRecovery([], 0);
  let terminated = 0;
  const deadline = performance.now() + options.seconds * 1_000;
  while (performance.now() < deadline && !hasAnyExited(services)) {
    const rows = await query(
      postgres.url,
      `select pg_terminate_backend(pid) from (
         select pid, row_number() over (order by pid) - 1 as position, count(*) over () as total
         from pg_stat_activity where application_name = 'logto-profile-service') as backends
       where position = floor($1::float8 * total)`,
      [random()],
    );
    terminated += rows?.length ?? 0;
    // Waits for a random time, so that each termination happens at a random moment.
    await new Promise((resolve) => setTimeout(resolve, 100 * random()));
  }
  for (let n = 0; n < options['postgres-restarts'] && !hasAnyExited(services); n += 1) {
    await postgres.restart(random() < 0.5 ? 'fast' : 'immediate');
    await waitForRecovery(recoveries.postgres, load.figures.requests);
  }
  for (let n = 0; n < options['redis-restarts'] && !hasAnyExited(services); n += 1) {
    await redis.restart();
    await waitForRecovery(recoveries.redis, load.figures.requests);
  }
  await load.stop();

  const exits = services.filter(({ exited }) => exited);
  const results = [...load.figures.inconsistencies];
  if (exits.length === 0) {
    const expireLeases =
      'update logto_profile.profile_user set lease_until = clock_timestamp() where lease is not null';
    await waitUntil('PostgreSQL accepts a statement', () => query(postgres.url, expireLeases));
    for (const [index, user] of users.entries()) {
      results.push(await findInconsistency(user, { service: services[index % services.length], api, postgres }));
    }
  }
  const inconsistencies = results.filter((result) => result !== undefined);
  const { requests, acknowledged, byStatus } = load.figures;
  console.log(`requests                      ${requests}
acknowledged two-store writes ${acknowledged}, of ${users.length} users
responses by status           ${JSON.stringify(byStatus)}
backends terminated           ${terminated}, in ${options.seconds} s
PostgreSQL restarts           ${recoveries.postgres.length}; time to the first success after a restart: ${describeDurations(recoveries.postgres)}
Redis restarts                ${recoveries.redis.length}; time to the first success after a restart: ${describeDurations(recoveries.redis)}
process exits                 ${exits.length}
inconsistencies               ${inconsistencies.length}`);
  for (const inconsistency of inconsistencies.slice(0, 20)) console.error(inconsistency);
  for (const { output } of exits) console.error(`A service exited:\n${output.slice(-3_000)}`);
  return exits.length === 0 && inconsistencies.length === 0 && acknowledged > 0;
};

const hasAnyExited = (services) => services.some(({ exited }) => exited);

const interrupted = new Promise((_, reject) => {
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => reject(new Error(`Stopped by ${signal}.`)));
});

let passed = false;
try {
  passed = await Promise.race([run(), interrupted]);
} catch (error) {
  console.error(error);
}
for (const server of startedServers.reverse()) await server.stop();
process.exit(passed ? 0 : 1);
