// What the long tests share: users at the development Logto, the environment of a replica, and the comparison of both stores.
import { parseArgs } from 'node:util';
import pg from 'pg';
import { readWriteNumber } from './load.mjs';
import { waitUntil } from './servers.mjs';

const API_RESOURCE = 'https://profile.example/api';
const CREDENTIALS = { id: 'm2m-profile-service', secret: 'dev-only-m2m-secret' };
const TOKEN_SECONDS = 6 * 3_600; // Longer than any run.

const fetchJson = async (url, init) => {
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return response.json();
};

export const createManagementApi = async (logto) => {
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

export const createUsers = async (logto, api, count, { password } = {}) => {
  const users = [];
  for (let n = 0; n < count; n += 1) {
    const { id } = await api('POST', '/users', { username: `user${n}`, password });
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
export const query = async (url, text, parameters) => {
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
export const describeDurations = (ms) =>
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

/** Returns the environment of a replica in production, without effective limits. */
export const createEnvironment = ({ logto, postgres, redis }) => ({
  NODE_ENV: 'production',
  HOST: '127.0.0.1',
  LOG_LEVEL: 'warn',
  LOGTO_ENDPOINT: logto.url,
  LOGTO_M2M_APP_ID: CREDENTIALS.id,
  LOGTO_M2M_APP_SECRET: CREDENTIALS.secret,
  API_RESOURCE,
  ALLOWED_CLIENT_IDS: 'profile-page',
  ...(postgres && { DATABASE_URL: postgres.url }),
  ...(redis && { REDIS_URL: redis.url }),
  FIELD_ENCRYPTION_KEYS: `long:${Buffer.alloc(32, 'test key').toString('base64url')}`,
  LIMIT_REQUESTS_PER_MINUTE: '1000000',
  LIMIT_REQUEST_BURST: '1000000',
  LIMIT_CODE_SENDS_PER_USER: '1000000',
  LIMIT_CODE_SENDS_PER_RECIPIENT: '1000000',
});

export const hasAnyExited = (services) => services.some(({ exited }) => exited);

/**
 * Checks every user after the load has ended, without waiting for leases.
 * @returns the inconsistencies
 */
export const findInconsistencies = async ({ users, services, api, postgres }) => {
  const expireLeases = 'update logto_profile.profile_user set lease_until = clock_timestamp() where lease is not null';
  await waitUntil('PostgreSQL accepts a statement', () => query(postgres.url, expireLeases));
  const results = [];
  for (const [index, user] of users.entries()) {
    results.push(await findInconsistency(user, { service: services[index % services.length], api, postgres }));
  }
  return results.filter((result) => result !== undefined);
};

/**
 * Runs a long test and ends the process: with 0 if it returns true. Stops its servers in any case.
 * @param run receives a function that registers a server that is starting
 */
export const runLongTest = async (run) => {
  const startedServers = [];
  const track = async (starting) => {
    const server = await starting;
    startedServers.push(server);
    return server;
  };
  const interrupted = new Promise((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => reject(new Error(`Stopped by ${signal}.`)));
  });
  let passed = false;
  try {
    passed = await Promise.race([run(track), interrupted]);
  } catch (error) {
    console.error(error);
  }
  for (const server of startedServers.reverse()) await server.stop();
  process.exit(passed ? 0 : 1);
};

/** Parses options with numeric values. Prints the usage and exits with 2 if one is unknown or no number. */
export const parseOptions = (defaults, usage) => {
  try {
    const { values } = parseArgs({
      options: Object.fromEntries(
        Object.entries(defaults).map(([name, value]) => [name, { type: 'string', default: String(value) }]),
      ),
    });
    const options = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(value)]));
    if (!Object.values(options).some(Number.isNaN)) return options;
  } catch {
    // An unknown option.
  }
  console.error(usage);
  process.exit(2);
};
