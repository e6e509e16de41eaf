import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { ConfigurationError, type Environment } from './environment-reader.js';
import { loadAppConfig } from './load-app-config.js';

/** A valid value of FIELD_ENCRYPTION_KEYS with a key that is different for each seed. */
const keyOf = (kid: string, seed: string) => `${kid}:${Buffer.alloc(32, `key ${seed}`).toString('base64')}`;

const folder = mkdtempSync(join(tmpdir(), 'config-'));
afterAll(() => rmSync(folder, { recursive: true }));

const development: Environment = { DATABASE_FOLDER: 'memory://' };
const production: Environment = {
  NODE_ENV: 'production',
  LOGTO_ENDPOINT: 'https://auth.example.com/',
  LOGTO_M2M_APP_ID: 'm2m',
  LOGTO_M2M_APP_SECRET: 'a-secret-nobody-may-see',
  API_RESOURCE: 'https://api.example.com',
  ALLOWED_CLIENT_IDS: 'page, app',
};
const problems = (environment: Environment): readonly string[] => {
  try {
    loadAppConfig(environment);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return (error as ConfigurationError).problems;
  }
};

describe('loadAppConfig', () => {
  it('needs no variables in development, and then uses the embedded Logto', () => {
    const config = loadAppConfig(development);
    expect(config).toMatchObject({
      production: false,
      port: 3000,
      host: '127.0.0.1',
      logto: { endpoint: 'http://127.0.0.1:3001', issuer: 'http://127.0.0.1:3001/oidc' },
      apiResource: 'https://profile.example/api',
      cacheMaxAgeMs: 2_000,
      cacheMaxAgeWithWebhooksMs: 2_000,
    });
    expect(config.fieldEncryptionKeys[0]?.key).toHaveLength(32);
  });

  it.each([
    [undefined, 1_200, 200],
    ['1000000', 1_200, 200],
    ['200', 120, 20],
    ['500', 300, 50],
    ['20', 60, 20],
  ])('derives the limit of a user from the budget for calls to Logto: %s', (budget, perMinute, burst) => {
    const environment = { ...development, UPSTREAM_BUDGET_PER_10S: budget };
    expect(loadAppConfig(environment).limits).toMatchObject({ requestsPerMinute: perMinute, requestBurst: burst });
    const explicit = { LIMIT_REQUESTS_PER_MINUTE: '900', LIMIT_REQUEST_BURST: '90' };
    expect(loadAppConfig({ ...environment, ...explicit }).limits).toMatchObject({
      requestsPerMinute: 900,
      requestBurst: 90,
    });
  });

  it('lists each missing variable in production', () => {
    const missing = problems({ NODE_ENV: 'production' }).map((line) => line.split(' ')[0]);
    expect(missing.sort()).toEqual([
      'ALLOWED_CLIENT_IDS',
      'API_RESOURCE',
      'LOGTO_ENDPOINT',
      'LOGTO_M2M_APP_ID',
      'LOGTO_M2M_APP_SECRET',
    ]);
  });

  it.each(Object.keys(production).filter((name) => name !== 'NODE_ENV'))('rejects an empty %s', (name) => {
    expect(problems({ ...production, [name]: ' ' })).toEqual([expect.stringContaining(`${name} is missing`)]);
  });

  it('does not use the credentials of the embedded Logto for a real one', () => {
    expect(problems({ ...development, LOGTO_ENDPOINT: 'https://auth.example.com' })).toHaveLength(3);
  });

  it('reads the variables of production', () => {
    expect(loadAppConfig(production)).toMatchObject({
      production: true,
      host: '0.0.0.0',
      logto: { endpoint: 'https://auth.example.com', issuer: 'https://auth.example.com/oidc' },
      allowedClientIds: ['page', 'app'],
      fieldEncryptionKeys: [],
      corsOrigins: [],
      corsAllowedHeaders: [],
    });
  });

  it.each<[string, string]>([
    ['PORT', '70000'],
    ['PORT', '3000x'],
    ['PORT', '-1'],
    ['LOG_LEVEL', 'loud'],
    ['LOGTO_ENDPOINT', 'auth.example.com'],
    ['LOGTO_ENDPOINT', 'ftp://auth.example.com'],
    ['LOGTO_ENDPOINT', 'https://user:secret@auth.example.com'],
    ['BREACHED_PASSWORDS_URL', 'https://user:secret@pwned.example.com'],
    ['BREACHED_PASSWORDS_URL', 'https://pwned.example.com/?key=secret'],
    ['DATABASE_URL', 'mysql://localhost/db'],
    ['REDIS_URL', 'localhost:6379'],
    ['CORS_ORIGINS', 'https://app.example.com/'],
    ['CORS_ORIGINS', '*'],
    ['CORS_ORIGINS', 'app.example.org'],
    ['CORS_ALLOWED_HEADERS', '*'],
    ['CORS_ALLOWED_HEADERS', 'X-A: 1'],
    ['REQUIRE_IF_MATCH', 'perhaps'],
    ['FIELD_ENCRYPTION_KEYS', 'k1:c2hvcnQ='],
    ['FIELD_ENCRYPTION_KEYS', 'no-key-id'],
    ['FIELD_ENCRYPTION_KEYS', `${keyOf('k1', 'a')},${keyOf('k1', 'b')}`],
    ['LOGTO_WEBHOOK_SIGNING_KEY', 'k'.repeat(15)],
    ['UPSTREAM_TIMEOUT_MS', 'soon'],
    ['UPSTREAM_TIMEOUT_MS', '0'],
    ['UPSTREAM_DEADLINE_MS', '0'],
    ['LIMIT_PASSWORD_ATTEMPTS', '0'],
    ['DOCS', 'perhaps'],
    ['MAX_CONNECTIONS', '0'],
    ['HEADERS_TIMEOUT_MS', '0'],
    ['HEADERS_TIMEOUT_MS', '30001'],
    ['REQUEST_TIMEOUT_MS', 'never'],
    ['DRAIN_TIMEOUT_MS', '0'],
    ['DRAIN_BYTES', '0'],
  ])('rejects %s=%s without repeating the value', (name, value) => {
    const found = problems({ ...production, [name]: value });
    expect(found).toEqual([expect.stringMatching(new RegExp(`^${name} `))]);
    if (value.length > 5) expect(found[0]).not.toContain(value);
  });

  it('reports all faults at once', () => {
    expect(problems({ ...production, PORT: 'x', REDIS_URL: 'x', API_RESOURCE: undefined })).toHaveLength(3);
  });

  it.each([
    ['true', true],
    ['False', false],
    ['1', 1],
    ['10.0.0.0/8, 127.0.0.1', ['10.0.0.0/8', '127.0.0.1']],
  ])('reads TRUST_PROXY=%s', (value, expected) => {
    expect(loadAppConfig({ ...production, TRUST_PROXY: value }).trustProxy).toEqual(expected);
  });

  it('reads encryption keys in base64 and base64url and keeps their order', () => {
    const key = Buffer.from('fbff'.repeat(16), 'hex');
    const keys = loadAppConfig({
      ...production,
      FIELD_ENCRYPTION_KEYS: `new:${key.toString('base64url')} old:${key.toString('base64')}`,
    }).fieldEncryptionKeys;
    expect(keys.map(({ kid, key: read }) => [kid, Buffer.from(read)])).toEqual([
      ['new', key],
      ['old', key],
    ]);
  });

  it('rejects an encryption key whose bytes are all the same, at any position', () => {
    for (let byte = 0; byte < 256; byte++) {
      const trivial = `k2:${Buffer.alloc(32, byte).toString('base64url')}`;
      for (const keys of [trivial, `${keyOf('k1', 'a')},${trivial}`]) {
        expect(problems({ ...production, FIELD_ENCRYPTION_KEYS: keys })).toEqual([
          expect.stringMatching(/^FIELD_ENCRYPTION_KEYS must list random keys.*openssl rand/),
        ]);
      }
    }
  });

  it('accepts a webhook signing key of 16 characters', () => {
    const LOGTO_WEBHOOK_SIGNING_KEY = 'k'.repeat(16);
    expect(loadAppConfig({ ...production, LOGTO_WEBHOOK_SIGNING_KEY })).toMatchObject({
      webhookSigningKey: LOGTO_WEBHOOK_SIGNING_KEY,
    });
  });

  it.each([
    'http://auth.example.com',
    'http://10.0.0.1:3001',
    'http://logto:3001',
    'http://0.0.0.0:3001',
    'http://[fe80::1]:3001',
    'http://localhost.example.com',
    'http://notlocalhost',
    'http://127.0.0.1.example.com',
    'HTTP://auth.example.com',
  ])('rejects plain http to another host in production, and accepts it in development: %s', (endpoint) => {
    expect(problems({ ...production, LOGTO_ENDPOINT: endpoint })).toEqual([
      expect.stringMatching(/^LOGTO_ENDPOINT must start with https:/),
    ]);
    expect(problems({ ...production, NODE_ENV: 'development', LOGTO_ENDPOINT: endpoint })).toEqual([]);
  });

  it.each([
    'http://localhost:3001',
    'http://LOCALHOST:3001',
    'http://logto.localhost',
    'http://127.0.0.1:3001',
    'http://127.255.255.254',
    'http://127.1:3001',
    'http://[::1]:3001',
    'http://[0:0:0:0:0:0:0:1]:3001',
    'https://10.0.0.1',
  ])('accepts plain http to the same host, and https to any host, in production: %s', (endpoint) => {
    expect(problems({ ...production, LOGTO_ENDPOINT: endpoint })).toEqual([]);
  });

  it('stores the development key beside its database, readable only by its owner', () => {
    const environment = { DATABASE_FOLDER: join(folder, 'data/database') };
    const [first, second] = [1, 2].map(() => loadAppConfig(environment).fieldEncryptionKeys[0]);
    expect(second).toEqual(first);
    expect(statSync(join(folder, 'data/field-encryption-key')).mode & 0o077).toBe(0);
  });

  it('caches users longer when webhooks are configured', () => {
    expect(loadAppConfig({ ...production, LOGTO_WEBHOOK_SIGNING_KEY: 'k'.repeat(32) })).toMatchObject({
      cacheMaxAgeMs: 2_000,
      cacheMaxAgeWithWebhooksMs: 300_000,
    });
  });

  it('serves documentation unless DOCS is false', () => {
    expect(loadAppConfig(production).docs).toBe(true);
    expect(loadAppConfig({ ...production, DOCS: 'false' }).docs).toBe(false);
  });

  it('limits requests and connections of clients', () => {
    expect(loadAppConfig(production).inbound).toEqual({
      headersTimeoutMs: 10_000,
      requestTimeoutMs: 30_000,
      maxConnections: 5_000,
      drainTimeoutMs: 10_000,
      drainBytes: 16_777_216,
    });
    const environment = { ...production, HEADERS_TIMEOUT_MS: '1', REQUEST_TIMEOUT_MS: '2', MAX_CONNECTIONS: '3' };
    const { headersTimeoutMs, requestTimeoutMs, maxConnections } = loadAppConfig(environment).inbound;
    expect([headersTimeoutMs, requestTimeoutMs, maxConnections]).toEqual([1, 2, 3]);
  });

  it('is frozen throughout', () => {
    const config = loadAppConfig(production);
    expect(Object.isFrozen(config) && Object.isFrozen(config.logto) && Object.isFrozen(config.allowedClientIds)).toBe(
      true,
    );
  });

  it('reads no variable that README.md does not list', () => {
    const read = new Set<string>();
    const recording = (environment: Environment) =>
      new Proxy(environment, { get: (target, name: string) => (read.add(name), target[name]) });
    loadAppConfig(recording(production));
    loadAppConfig(recording(development));
    const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
    // These two select the mode and are documented outside the table.
    const unlisted = [...read].filter(
      (name) => !['NODE_ENV', 'DEV_LOGTO_PORT'].includes(name) && !readme.includes(`\`${name}\``),
    );
    expect(unlisted).toEqual([]);
  });
});
