/** From the most severe to the least. */
export const LOG_LEVELS = ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** The whole configuration: parsed from the environment once, validated, frozen. Also its injection token. */
export abstract class AppConfig {
  readonly production: boolean;
  /** The least severe messages that are logged. */
  readonly logLevel: LogLevel;
  readonly port: number;
  /** Where to listen: `127.0.0.1` in development, `0.0.0.0` in production. */
  readonly host: string;
  readonly logto: {
    /** Without a trailing slash. */
    readonly endpoint: string;
    /** `<endpoint>/oidc` */
    readonly issuer: string;
    readonly m2mAppId: string;
    readonly m2mAppSecret: string;
    readonly managementApiResource: string;
  };
  /** The audience an access token must have. */
  readonly apiResource: string;
  /** Applications whose users are served; empty means any (not in production). */
  readonly allowedClientIds: readonly string[];
  readonly scopes: { readonly read: readonly string[]; readonly write: readonly string[] };
  /** `url` unset: the embedded database in `folder`. */
  readonly database: { readonly url?: string; readonly folder: string; readonly poolSize: number };
  readonly redisUrl?: string;
  /** The first one encrypts, all decrypt. `key` is 32 bytes. */
  readonly fieldEncryptionKeys: readonly { readonly kid: string; readonly key: Uint8Array }[];
  readonly corsOrigins: readonly string[];
  readonly webhookSigningKey?: string;
  /** The field catalogue's path. */
  readonly profileFields: string;
  readonly requireIfMatch: boolean;
  /** As Fastify's `trustProxy`: false, true, hop count, or addresses. */
  readonly trustProxy: boolean | number | readonly string[];
  /** Serve `/docs`, `/openapi.json` and `/openapi.yaml`. */
  readonly docs: boolean;
  /** The application the docs page signs in with. */
  readonly spaAppId?: string;
  /** What clients may send. */
  readonly inbound: {
    /** From the start of a request, or of its connection, until its headers are complete. */
    readonly headersTimeoutMs: number;
    /** Until its body is complete. */
    readonly requestTimeoutMs: number;
    /** Of this process; more are closed at once. */
    readonly maxConnections: number;
    /** How long, and how many bytes of, a body is read after the response has been sent, before the connection is closed. */
    readonly drainTimeoutMs: number;
    readonly drainBytes: number;
  };
  /** Calls to Logto. Times in milliseconds. */
  readonly upstream: {
    /** One attempt. */
    readonly timeoutMs: number;
    /** All attempts of one call, token included. */
    readonly deadlineMs: number;
    readonly connections: number;
    /** Requests per 10 s that the tenant allows; unset: no budget. */
    readonly budgetPer10s?: number;
    /** Password checks that may wait; more get 503. */
    readonly passwordQueueLimit: number;
  };
  /** How long a cached user may be served, in milliseconds: short, or long once webhooks are configured. */
  readonly cacheMaxAgeMs: number;
  /** How long a user must have been missing at Logto before they are erased. */
  readonly eraseAfterDays: number;
  readonly limits: {
    /** Consecutive wrong passwords of a user before the first lock. */
    readonly passwordAttempts: number;
    /** Wrong passwords of a caller's address in 10 minutes. */
    readonly passwordAttemptsPerAddress: number;
    /** Code sends in 10 minutes. */
    readonly codeSendsPerRecipient: number;
    readonly codeSendsPerUser: number;
    /** Wrong codes of a user in an hour. */
    readonly wrongCodesPerUser: number;
    /** Requests a minute of a user, and how many at once. */
    readonly requestsPerMinute: number;
    readonly requestBurst: number;
  };
  /** Ask the k-anonymity range service for breached passwords; unset: not asked. */
  readonly breachedPasswordsUrl?: string;
}
