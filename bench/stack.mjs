import { execFileSync } from 'node:child_process';
import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import pg from 'pg';
import { probe, start } from './servers.mjs';

export const API_RESOURCE = process.env.API_RESOURCE ?? 'https://profile.example/api';
const MANAGEMENT_API = process.env.LOGTO_MANAGEMENT_API_RESOURCE ?? 'https://default.logto.app/api';
const POSTGRES = process.env.TEST_DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres';

/** A real Logto by the usual variables, else the embedded one in a process of its own. */
const startUpstream = async () => {
  const { LOGTO_ENDPOINT, LOGTO_M2M_APP_ID, LOGTO_M2M_APP_SECRET, E2E_TOKEN_COMMAND } = process.env;
  if (LOGTO_ENDPOINT) {
    const token = (user) =>
      execFileSync('sh', ['-c', `${E2E_TOKEN_COMMAND} "$1"`, 'sh', user])
        .toString()
        .trim();
    const credentials = { id: LOGTO_M2M_APP_ID, secret: LOGTO_M2M_APP_SECRET };
    return { name: 'a real Logto', url: LOGTO_ENDPOINT, credentials, token, stop: async () => undefined };
  }
  const devLogto = await start('bench/dev-logto.mjs', {}, '/oidc/.well-known/openid-configuration');
  const token = async (user) => {
    const answer = await fetch(`${devLogto.url}/dev/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user }),
    });
    return (await answer.json()).token;
  };
  const credentials = { id: 'm2m-profile-service', secret: 'dev-only-m2m-secret' };
  return { name: 'dev-logto', url: devLogto.url, credentials, token, stop: devLogto.stop };
};

const managementApi = async ({ url, credentials }) => {
  const answer = await fetch(`${url}/oidc/token`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${credentials.id}:${credentials.secret}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({ grant_type: 'client_credentials', resource: MANAGEMENT_API, scope: 'all' }),
  });
  const { access_token: token } = await answer.json();
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return {
    headers,
    request: async (method, path, body) => {
      const response = await fetch(url + path, { method, headers, body: body && JSON.stringify(body) });
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`);
      return response.json().catch(() => undefined);
    },
  };
};

const createUsers = async (upstream, api, count) => {
  const users = [];
  for (let n = 0; n < count; n += 1) {
    const name = `bench_${randomUUID().slice(0, 8)}`;
    const { id } = await api.request('POST', '/api/users', {
      username: name,
      primaryEmail: `${name}@example.com`,
      name: 'Bench User',
    });
    await api.request('PATCH', `/api/users/${id}/profile`, {
      profile: { givenName: 'Bench', familyName: 'User', locale: 'en', address: { locality: 'Paris', country: 'FR' } },
    });
    users.push({ id, name, token: await upstream.token(name) });
  }
  return users;
};

/** A database of its own on the PostgreSQL at hand, dropped in the end. */
export const createDatabase = async () => {
  const name = `bench_${randomBytes(4).toString('hex')}`;
  const admin = new pg.Client({ connectionString: POSTGRES });
  await admin.connect();
  await admin.query(`create database ${name}`);
  const url = new URL(POSTGRES);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: async () => {
      await admin.query(`drop database ${name} with (force)`);
      await admin.end();
    },
  };
};

/** The service's variables for a run: limits out of the way, copies kept as long as with webhooks. */
export const serviceEnvironment = (upstream, databaseUrl, more = {}) => ({
  NODE_ENV: 'production',
  HOST: '127.0.0.1',
  LOGTO_ENDPOINT: upstream.url,
  LOGTO_M2M_APP_ID: upstream.credentials.id,
  LOGTO_M2M_APP_SECRET: upstream.credentials.secret,
  LOGTO_MANAGEMENT_API_RESOURCE: MANAGEMENT_API,
  LOGTO_WEBHOOK_SIGNING_KEY: createHmac('sha256', 'bench').update(databaseUrl).digest('hex'),
  API_RESOURCE,
  ALLOWED_CLIENT_IDS: process.env.ALLOWED_CLIENT_IDS ?? 'profile-page',
  DATABASE_URL: databaseUrl,
  FIELD_ENCRYPTION_KEYS: `bench:${randomBytes(32).toString('base64url')}`,
  LIMIT_REQUESTS_PER_MINUTE: '1000000',
  LIMIT_REQUEST_BURST: '1000000',
  ...more,
});

/** Starts everything that is measured. Each server has a process of its own. */
export const startStack = async ({ users: count }) => {
  const upstream = await startUpstream();
  const api = await managementApi(upstream);
  const users = await createUsers(upstream, api, count);
  const database = await createDatabase();
  const service = await start('dist/main.js', serviceEnvironment(upstream, database.url), '/health/ready', [
    '--import',
    './bench/probe.mjs',
  ]);
  const restingMb = await probe(service, 'rssMb');
  const baseline = await start(
    'bench/baseline/dist/main.js',
    {
      LOGTO_ENDPOINT: upstream.url,
      LOGTO_M2M_APP_ID: upstream.credentials.id,
      LOGTO_M2M_APP_SECRET: upstream.credentials.secret,
      LOGTO_MANAGEMENT_API_RESOURCE: MANAGEMENT_API,
      API_RESOURCE,
    },
    '/v1/profile',
  );
  const limit = await startLimit(database.url, service.url, users);
  return {
    upstream,
    api,
    users,
    service,
    baseline,
    limit,
    restingMb,
    databaseUrl: database.url,
    stop: async () => {
      await Promise.all([service.stop(), baseline.stop(), limit.stop()]);
      await upstream.stop();
      await database.drop();
    },
  };
};

/** The limit serves the same documents as the service, from a table of their own. */
const startLimit = async (databaseUrl, serviceUrl, users) => {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query('create table bench_document (id text primary key, document jsonb not null)');
  for (const { id, token } of users) {
    const answer = await fetch(`${serviceUrl}/v1/profile`, { headers: { authorization: `Bearer ${token}` } });
    if (!answer.ok) throw new Error(`GET /v1/profile: ${answer.status} ${await answer.text()}`);
    await client.query('insert into bench_document values ($1, $2)', [id, await answer.text()]);
  }
  await client.end();
  return start('bench/limit/server.mjs', { DATABASE_URL: databaseUrl }, `/${users[0].id}`);
};
