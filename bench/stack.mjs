import { execFileSync } from 'node:child_process';
import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import pg from 'pg';
import { atEnd, start } from './servers.mjs';

const API_RESOURCE = process.env.API_RESOURCE ?? 'https://profile.example/api';
const MANAGEMENT_API = process.env.LOGTO_MANAGEMENT_API_RESOURCE ?? 'https://default.logto.app/api';
const POSTGRES = process.env.TEST_DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres';
const TOKEN_SECONDS = 6 * 3600; // longer than any run
// Measures memory and the event loop in the service's process.
const PROBE = ['--import', './bench/probe.mjs'];

/** Uses the Logto of `LOGTO_ENDPOINT`, or starts the development Logto in its own process. */
export const startUpstream = async () => {
  const { LOGTO_ENDPOINT, LOGTO_M2M_APP_ID, LOGTO_M2M_APP_SECRET, E2E_TOKEN_COMMAND } = process.env;
  if (LOGTO_ENDPOINT) {
    const token = (user) =>
      execFileSync('sh', ['-c', `${E2E_TOKEN_COMMAND} "$1"`, 'sh', user])
        .toString()
        .trim();
    const credentials = { id: LOGTO_M2M_APP_ID, secret: LOGTO_M2M_APP_SECRET };
    return { name: 'a real Logto', url: LOGTO_ENDPOINT, credentials, token };
  }
  const devLogto = await start('bench/dev-logto.mjs', {}, '/oidc/.well-known/openid-configuration');
  const token = async (user) => {
    const response = await fetch(`${devLogto.url}/dev/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user, ttl: TOKEN_SECONDS }),
    });
    if (!response.ok) throw new Error(`POST /dev/token: ${response.status}`);
    return (await response.json()).token;
  };
  const credentials = { id: 'm2m-profile-service', secret: 'dev-only-m2m-secret' };
  return { name: 'dev-logto', url: devLogto.url, credentials, token, issuesAnyToken: true };
};

export const managementApi = async ({ url, credentials }) => {
  const response = await fetch(`${url}/oidc/token`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${credentials.id}:${credentials.secret}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({ grant_type: 'client_credentials', resource: MANAGEMENT_API, scope: 'all' }),
  });
  const { access_token: token } = await response.json();
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

export const createUsers = async (upstream, api, count) => {
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

const withPostgres = async (url, action) => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await action(client);
  } finally {
    await client.end();
  }
};

/** Creates a database that is dropped at the end. @returns {Promise<string>} its URL */
export const createDatabase = async () => {
  const name = `bench_${randomBytes(4).toString('hex')}`;
  await withPostgres(POSTGRES, (client) => client.query(`create database ${name}`));
  atEnd(() => withPostgres(POSTGRES, (client) => client.query(`drop database ${name} with (force)`)));
  const url = new URL(POSTGRES);
  url.pathname = `/${name}`;
  return url.href;
};

/** Starts the built service without effective limits, and with the cache duration that webhooks allow. */
export const startService = (upstream, databaseUrl, more = {}) => {
  const secret = (purpose) => createHmac('sha256', purpose).update(databaseUrl);
  const env = {
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    LOGTO_ENDPOINT: upstream.url,
    LOGTO_M2M_APP_ID: upstream.credentials.id,
    LOGTO_M2M_APP_SECRET: upstream.credentials.secret,
    LOGTO_MANAGEMENT_API_RESOURCE: MANAGEMENT_API,
    LOGTO_WEBHOOK_SIGNING_KEY: secret('webhook').digest('hex'),
    API_RESOURCE,
    ALLOWED_CLIENT_IDS: process.env.ALLOWED_CLIENT_IDS ?? 'profile-page',
    DATABASE_URL: databaseUrl,
    FIELD_ENCRYPTION_KEYS: `bench:${secret('fields').digest('base64url')}`,
    LIMIT_REQUESTS_PER_MINUTE: '1000000',
    LIMIT_REQUEST_BURST: '1000000',
    ...more,
  };
  return start('dist/main.js', env, '/health/ready', PROBE);
};

/** Starts every measured server in its own process. All are stopped at the end of the run. */
export const startStack = async ({ users: count }) => {
  const upstream = await startUpstream();
  const api = await managementApi(upstream);
  const users = await createUsers(upstream, api, count);
  const databaseUrl = await createDatabase();
  const service = await startService(upstream, databaseUrl);
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
  const limit = await startLimit(databaseUrl, service.url, users);
  const { rows } = await withPostgres(databaseUrl, (client) => client.query('show server_version'));
  return {
    upstream,
    api,
    users,
    service,
    baseline,
    limit,
    databaseUrl,
    postgresVersion: rows[0].server_version.split(' ')[0],
    startService: () => startService(upstream, databaseUrl),
  };
};

/** Starts the bare route, which serves the same documents as the service from its own table. */
const startLimit = async (databaseUrl, serviceUrl, users) => {
  await withPostgres(databaseUrl, async (client) => {
    await client.query('create table bench_document (id text primary key, document jsonb not null)');
    for (const { id, token } of users) {
      const response = await fetch(`${serviceUrl}/v1/profile`, { headers: { authorization: `Bearer ${token}` } });
      if (!response.ok) throw new Error(`GET /v1/profile: ${response.status} ${await response.text()}`);
      await client.query('insert into bench_document values ($1, $2)', [id, await response.text()]);
    }
  });
  return start('bench/limit/server.mjs', { DATABASE_URL: databaseUrl }, `/${users[0].id}`);
};
