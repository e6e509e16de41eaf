import { LOG_LEVELS, PROVE_BY, type AppConfig } from './app-config.js';
import { EnvironmentReader, type Environment } from './environment-reader.js';
import { developmentKey, parseFieldEncryptionKeys } from './field-encryption-keys.js';

const SECOND = 1_000;
const MEBIBYTE = 1024 * 1024;
const HTTP = ['http:', 'https:'];
/** Logto creates longer ones. A short one could be guessed from a single webhook and its signature. */
const MIN_SIGNING_KEY_LENGTH = 16;

/** The defaults in development mode without `LOGTO_ENDPOINT`: the tenant that dev-logto starts with. */
const DEVELOPMENT = {
  m2mAppId: 'm2m-profile-service',
  m2mAppSecret: 'dev-only-m2m-secret',
  apiResource: 'https://profile.example/api',
  clientIds: ['profile-page', 'api-docs'],
  spaAppId: 'api-docs',
  corsOrigins: ['http://localhost:5173', 'http://127.0.0.1:5173'],
} as const;

/**
 * Parses and checks the environment. In production (`NODE_ENV=production`), the variables that decide which Logto is
 * used and which applications are served have no defaults. Development without `LOGTO_ENDPOINT` uses the embedded
 * Logto.
 * @throws ConfigurationError that names each missing or invalid variable
 */
export function loadAppConfig(environment: Environment): AppConfig {
  const env = new EnvironmentReader(environment);
  const production = env.text('NODE_ENV') === 'production';
  const embeddedLogto = !production && !env.has('LOGTO_ENDPOINT');
  const webhookSigningKey = readWebhookSigningKey(env);
  const folder = env.text('DATABASE_FOLDER') ?? '.data/database';
  const limit = (name: string, fallback: number) => env.integer(name, { from: 1, to: 1_000_000 }) ?? fallback;
  const milliseconds = (name: string, fallback: number, from = 1) =>
    env.integer(name, { from, to: 3_600 * SECOND }) ?? fallback;
  const orDevelopment = <T>(value: T | undefined, development: T): T | undefined =>
    value ?? (embeddedLogto ? development : undefined);

  const budgetPer10s = env.integer('UPSTREAM_BUDGET_PER_10S', { from: 1, to: 1_000_000 });
  const ofUser = userLimits(budgetPer10s);

  const config: AppConfig = {
    production,
    // Nest logs each module and route at `log`, which in development hides the important messages.
    logLevel: env.oneOf('LOG_LEVEL', LOG_LEVELS) ?? (production ? 'log' : 'warn'),
    port: env.integer('PORT', { from: 0, to: 65_535 }) ?? 3000,
    host: env.text('HOST') ?? (production ? '0.0.0.0' : '127.0.0.1'),
    logto: readLogto(env, { embedded: embeddedLogto, production }),
    apiResource: embeddedLogto
      ? (env.text('API_RESOURCE') ?? DEVELOPMENT.apiResource)
      : env.required('API_RESOURCE', "the indicator of this service's API resource in Logto"),
    allowedClientIds:
      orDevelopment(env.list('ALLOWED_CLIENT_IDS'), [...DEVELOPMENT.clientIds]) ??
      (production ? requiredClientIds(env) : []),
    scopes: { read: env.list('READ_SCOPES') ?? [], write: env.list('WRITE_SCOPES') ?? [] },
    database: {
      url: env.url('DATABASE_URL', env.text('DATABASE_URL'), ['postgres:', 'postgresql:']),
      folder,
      poolSize: limit('DATABASE_POOL_SIZE', 10),
      timeoutMs: milliseconds('DATABASE_TIMEOUT_MS', 5 * SECOND),
      startTimeoutMs: milliseconds('DATABASE_START_TIMEOUT_MS', 60 * SECOND, 0),
    },
    redisUrl: env.url('REDIS_URL', env.text('REDIS_URL'), ['redis:', 'rediss:']),
    redisTimeoutMs: milliseconds('REDIS_TIMEOUT_MS', 500),
    fieldEncryptionKeys: readFieldEncryptionKeys(env, production, folder),
    corsOrigins: readOrigins(env, embeddedLogto),
    corsAllowedHeaders: readHeaderNames(env),
    webhookSigningKey,
    profileFields: env.text('PROFILE_FIELDS') ?? 'profile-fields.yaml',
    requireIfMatch: env.flag('REQUIRE_IF_MATCH') ?? false,
    trustProxy: readTrustProxy(env),
    docs: env.flag('DOCS') ?? true,
    spaAppId: orDevelopment(env.text('SPA_APP_ID'), DEVELOPMENT.spaAppId),
    inbound: readInbound(env, milliseconds),
    shutdown: {
      delayMs: milliseconds('SHUTDOWN_DELAY_MS', production ? 5 * SECOND : 0, 0),
      timeoutMs: milliseconds('SHUTDOWN_TIMEOUT_MS', 15 * SECOND, 0),
    },
    upstream: {
      timeoutMs: milliseconds('UPSTREAM_TIMEOUT_MS', 5 * SECOND),
      deadlineMs: milliseconds('UPSTREAM_DEADLINE_MS', 10 * SECOND),
      connections: limit('UPSTREAM_CONNECTIONS', 32),
      budgetPer10s,
      passwordQueueLimit: limit('PASSWORD_QUEUE_LIMIT', 50),
    },
    cacheMaxAgeMs: milliseconds('CACHE_MAX_AGE_MS', 2 * SECOND, 0),
    cacheMaxAgeWithWebhooksMs: milliseconds('CACHE_MAX_AGE_MS', webhookSigningKey ? 300 * SECOND : 2 * SECOND, 0),
    staleIfErrorMs: SECOND * (env.integer('STALE_IF_ERROR_S', { from: 0, to: 86_400 }) ?? 300),
    mfaUsersProveBy: env.oneOf('MFA_USERS_PROVE_BY', PROVE_BY) ?? 'sign-in',
    eraseAfterDays: env.integer('ERASE_AFTER_DAYS', { from: 1, to: 3_650 }) ?? 7,
    limits: {
      passwordAttempts: limit('LIMIT_PASSWORD_ATTEMPTS', 10),
      passwordAttemptsPerAddress: limit('LIMIT_PASSWORD_ATTEMPTS_PER_ADDRESS', 100),
      codeSendsPerRecipient: limit('LIMIT_CODE_SENDS_PER_RECIPIENT', 10),
      codeSendsPerUser: limit('LIMIT_CODE_SENDS_PER_USER', 20),
      wrongCodesPerUser: limit('LIMIT_WRONG_CODES_PER_USER', 20),
      wrongCodesPerRecipient: limit('LIMIT_WRONG_CODES_PER_RECIPIENT', 50),
      takenIdentifiersPerUser: limit('LIMIT_TAKEN_IDENTIFIERS_PER_USER', 20),
      requestsPerMinute: limit('LIMIT_REQUESTS_PER_MINUTE', ofUser.requestsPerMinute),
      requestBurst: limit('LIMIT_REQUEST_BURST', ofUser.requestBurst),
    },
    breachedPasswordsUrl: env.url('BREACHED_PASSWORDS_URL', env.text('BREACHED_PASSWORDS_URL'), HTTP),
  };
  env.finish();
  return deepFreeze(config);
}

/**
 * The default limits of a user. With a budget for calls to Logto, a user may have a tenth of it, and enough to load a page in any case:
 * a request can cause several calls, or none.
 */
function userLimits(budgetPer10s = Infinity): Pick<AppConfig['limits'], 'requestsPerMinute' | 'requestBurst'> {
  const share = Math.floor(budgetPer10s / 10);
  return {
    requestsPerMinute: Math.min(1_200, Math.max(60, 6 * share)),
    requestBurst: Math.min(200, Math.max(20, share)),
  };
}

function readLogto(
  env: EnvironmentReader,
  { embedded, production }: { embedded: boolean; production: boolean },
): AppConfig['logto'] {
  const endpoint = embedded
    ? `http://127.0.0.1:${env.integer('DEV_LOGTO_PORT', { from: 1, to: 65_535 }) ?? 3001}`
    : env.required('LOGTO_ENDPOINT', "Logto's address, such as https://auth.example.com");
  const url = env.url('LOGTO_ENDPOINT', endpoint, HTTP);
  // The machine credential and the keys that verify tokens would cross the network unencrypted.
  if (production && url !== undefined && isUnencrypted(new URL(url))) {
    env.problems.push('LOGTO_ENDPOINT must start with https:// in production, unless Logto runs on the same host');
  }
  const base = (url ?? '').replace(/\/+$/, '');
  return {
    endpoint: base,
    issuer: `${base}/oidc`,
    m2mAppId: embedded
      ? (env.text('LOGTO_M2M_APP_ID') ?? DEVELOPMENT.m2mAppId)
      : env.required('LOGTO_M2M_APP_ID', 'the machine-to-machine application that this service signs in with'),
    m2mAppSecret: embedded
      ? (env.text('LOGTO_M2M_APP_SECRET') ?? DEVELOPMENT.m2mAppSecret)
      : env.required('LOGTO_M2M_APP_SECRET', "that application's secret"),
    managementApiResource: env.text('LOGTO_MANAGEMENT_API_RESOURCE') ?? 'https://default.logto.app/api',
  };
}

/** Whether the URL is plain http to another host. Names under `localhost` are loopback (RFC 6761 section 6.3). */
const isUnencrypted = ({ protocol, hostname }: URL): boolean =>
  protocol === 'http:' && !/^((.+\.)?localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);

function readWebhookSigningKey(env: EnvironmentReader): string | undefined {
  const key = env.text('LOGTO_WEBHOOK_SIGNING_KEY');
  if (key !== undefined && key.length < MIN_SIGNING_KEY_LENGTH) {
    env.problems.push(
      `LOGTO_WEBHOOK_SIGNING_KEY must have at least ${MIN_SIGNING_KEY_LENGTH} characters: copy it from the webhook in Logto`,
    );
  }
  return key;
}

function readInbound(
  env: EnvironmentReader,
  milliseconds: (name: string, fallback: number) => number,
): AppConfig['inbound'] {
  const inbound = {
    headersTimeoutMs: milliseconds('HEADERS_TIMEOUT_MS', 10 * SECOND),
    requestTimeoutMs: milliseconds('REQUEST_TIMEOUT_MS', 30 * SECOND),
    maxConnections: env.integer('MAX_CONNECTIONS', { from: 1, to: 1_000_000 }) ?? 5_000,
    drainTimeoutMs: milliseconds('DRAIN_TIMEOUT_MS', 10 * SECOND),
    drainBytes: env.integer('DRAIN_BYTES', { from: 1, to: 1024 * MEBIBYTE }) ?? 16 * MEBIBYTE,
  };
  if (inbound.headersTimeoutMs > inbound.requestTimeoutMs) {
    env.problems.push('HEADERS_TIMEOUT_MS must not exceed REQUEST_TIMEOUT_MS');
  }
  return inbound;
}

function requiredClientIds(env: EnvironmentReader): string[] {
  env.required('ALLOWED_CLIENT_IDS', 'the applications whose users are served');
  return [];
}

function readFieldEncryptionKeys(
  env: EnvironmentReader,
  production: boolean,
  folder: string,
): AppConfig['fieldEncryptionKeys'] {
  const parts = env.list('FIELD_ENCRYPTION_KEYS');
  // The field catalogue checks whether production needs keys: it knows the sensitive fields.
  if (!parts) return production ? [] : [developmentKey(folder)];
  const keys = parseFieldEncryptionKeys(parts);
  if (typeof keys !== 'string') return keys;
  env.problems.push(`FIELD_ENCRYPTION_KEYS ${keys}`);
  return [];
}

/**
 * Origins as browsers send them. An origin with a path would never match, and the page would fail without a message.
 */
function readOrigins(env: EnvironmentReader, embedded: boolean): readonly string[] {
  const origins = env.list('CORS_ORIGINS');
  if (!origins) return embedded ? DEVELOPMENT.corsOrigins : [];
  const invalid = origins.filter((origin) => !URL.canParse(origin) || new URL(origin).origin !== origin);
  if (invalid.length > 0) {
    env.problems.push('CORS_ORIGINS must list origins such as https://app.example.com, without a path');
  }
  return origins;
}

function readHeaderNames(env: EnvironmentReader): readonly string[] {
  const names = env.list('CORS_ALLOWED_HEADERS') ?? [];
  // RFC 9110 section 5.6.2. For requests with a token, `*` would not include Authorization.
  if (names.some((name) => !/^[\w!#$%&'+.^`|~-]+$/.test(name))) {
    env.problems.push('CORS_ALLOWED_HEADERS must list names of headers, such as X-Client-Version');
  }
  return names;
}

function readTrustProxy(env: EnvironmentReader): AppConfig['trustProxy'] {
  const value = env.text('TRUST_PROXY') ?? 'false';
  if (/^(true|false)$/i.test(value)) return value.toLowerCase() === 'true';
  if (/^\d+$/.test(value)) return Number(value);
  return env.list('TRUST_PROXY') ?? false;
}

function deepFreeze<T extends object>(value: T): T {
  for (const part of Object.values(value)) {
    if (part !== null && typeof part === 'object' && !ArrayBuffer.isView(part)) deepFreeze(part);
  }
  return Object.freeze(value);
}
