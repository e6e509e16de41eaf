/** From the most severe to the least. */
export const LOG_LEVELS = ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'] as const;
export const PROVE_BY = ['sign-in', 'any'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** The configuration, parsed from the environment once, validated and frozen. The class is its injection token. */
export abstract class AppConfig {
  readonly production: boolean;
  /** Messages that are less severe are not logged. */
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
  /** The audience that access tokens must have. */
  readonly apiResource: string;
  /** Applications whose users are served; empty means any (not in production). */
  readonly allowedClientIds: readonly string[];
  readonly scopes: { readonly read: readonly string[]; readonly write: readonly string[] };
  /** Without `url`, the embedded database in `folder` is used. */
  readonly database: {
    readonly url?: string;
    readonly folder: string;
    /** The largest number of connections. */
    readonly poolSize: number;
    /** How long a statement may take, and how long the wait for a connection, in milliseconds. */
    readonly timeoutMs: number;
    /** How long the start waits for the database, in milliseconds. */
    readonly startTimeoutMs: number;
  };
  readonly redisUrl?: string;
  /** How long a command of Redis may take, in milliseconds. */
  readonly redisTimeoutMs: number;
  /** The first key encrypts, all of them decrypt. `key` is 32 bytes. */
  readonly fieldEncryptionKeys: readonly { readonly kid: string; readonly key: Uint8Array }[];
  readonly corsOrigins: readonly string[];
  /** Request headers that pages may send besides those of this service. */
  readonly corsAllowedHeaders: readonly string[];
  readonly webhookSigningKey?: string;
  /** The field catalogue's path. */
  readonly profileFields: string;
  readonly requireIfMatch: boolean;
  /** Fastify's `trustProxy`: false, true, a number of hops, or addresses. */
  readonly trustProxy: boolean | number | readonly string[];
  /** Whether to serve `/docs`, `/openapi.json` and `/openapi.yaml`. */
  readonly docs: boolean;
  /** The Logto application that the docs page signs in with. */
  readonly spaAppId?: string;
  /** Limits on requests. */
  readonly inbound: {
    /** From the start of a request, or of its connection, until the headers are complete. */
    readonly headersTimeoutMs: number;
    /** Until the body is complete. */
    readonly requestTimeoutMs: number;
    /** Per process; further connections are closed immediately. */
    readonly maxConnections: number;
    /** How long a body is still read after the response was sent, before the connection is closed. */
    readonly drainTimeoutMs: number;
    /** How many bytes of the body are read in that time. */
    readonly drainBytes: number;
  };
  /** After SIGTERM or SIGINT. Times in milliseconds. */
  readonly shutdown: {
    /** How long the service still accepts connections, so that load balancers notice that it is not ready. */
    readonly delayMs: number;
    /** How long requests may take after that. */
    readonly timeoutMs: number;
  };
  /** Calls to Logto. Times in milliseconds. */
  readonly upstream: {
    /** For one attempt. */
    readonly timeoutMs: number;
    /** For all attempts of one call, including the request for a token, and what it waits before them. */
    readonly deadlineMs: number;
    /** For reads, and as many for writes. */
    readonly connections: number;
    /** Requests per 10 s that this process may send; unlimited if unset. */
    readonly budgetPer10s?: number;
    /** How many password checks may wait; further ones get 503. */
    readonly passwordQueueLimit: number;
  };
  /** How long a cached user is valid, in milliseconds: while no webhooks arrive, and while they do. */
  readonly cacheMaxAgeMs: number;
  readonly cacheMaxAgeWithWebhooksMs: number;
  /** While Logto is unavailable: how long ago a cached user may have been read, in milliseconds. */
  readonly staleIfErrorMs: number;
  /** How users with a second factor prove their identity: only by a fresh sign-in, or in any way. */
  readonly mfaUsersProveBy: (typeof PROVE_BY)[number];
  /** How long a user must have been missing at Logto before they are erased. */
  readonly eraseAfterDays: number;
  readonly limits: {
    /** Consecutive wrong passwords of a user before the first lock. */
    readonly passwordAttempts: number;
    /** Wrong passwords from one IP address in 10 minutes. */
    readonly passwordAttemptsPerAddress: number;
    /** Codes sent to one address in 10 minutes. */
    readonly codeSendsPerRecipient: number;
    /** Codes sent for one user in 10 minutes. */
    readonly codeSendsPerUser: number;
    /** Changes of a user in an hour to an identifier that is taken. */
    readonly takenIdentifiersPerUser: number;
    /** Wrong codes of a user in an hour. */
    readonly wrongCodesPerUser: number;
    /** Wrong codes for a recipient in an hour, by all users. */
    readonly wrongCodesPerRecipient: number;
    /** Requests of a user per minute, in the long run. */
    readonly requestsPerMinute: number;
    /** Requests that a user can send at once after a pause. */
    readonly requestBurst: number;
  };
  /** The range service for breached passwords; if unset, none is used. */
  readonly breachedPasswordsUrl?: string;
}
