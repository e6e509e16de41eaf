import { createPublicKey } from 'node:crypto';
import { Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { importSPKI, type CryptoKey } from 'jose';
import jwksRsa from 'jwks-rsa';
import type { Clock } from '../../platform/config/clock.js';
import { ProblemError } from '../../platform/errors/problem-error.js';

/** The asymmetric algorithms that Logto signs with. No others are accepted. */
export const SIGNING_ALGORITHMS = ['ES256', 'ES384', 'ES512', 'RS256'] as const;
type SigningAlgorithm = (typeof SIGNING_ALGORITHMS)[number];

export interface SigningKey {
  readonly kid: string;
  readonly algorithm: SigningAlgorithm;
  readonly key: CryptoKey;
}

/** Fetches a key set (RFC 7517 section 5). Rejects if that fails. */
export type KeySetFetch = (uri: string) => Promise<{ keys: unknown }>;

const REFRESH_MS = 5 * 60_000;
const RETRY_MS = 30_000;
/** Without keys no request can be authenticated, so Logto is called more often. */
const FIRST_RETRY_MS = 500;
/** The shortest time between two fetches for unknown key ids. */
const UNKNOWN_ID_MS = 30_000;
const CURVES: Readonly<Record<string, SigningAlgorithm>> = {
  prime256v1: 'ES256',
  secp384r1: 'ES384',
  secp521r1: 'ES512',
};

/**
 * Logto's current signing keys, fetched at the start and every 5 minutes. An unknown key id causes at most one fetch in
 * 30 s, which concurrent requests share, so that a flood of junk ids does not reach Logto. If a fetch fails, the
 * present keys are kept.
 */
export class SigningKeys implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(SigningKeys.name);
  private readonly client: jwksRsa.JwksClient;
  private keys: ReadonlyMap<string, SigningKey> = new Map();
  private pending?: Promise<void>;
  private timer?: NodeJS.Timeout;
  private closed = false;
  private failing = false;
  private unknownIdsFrom = 0;
  private state: 'none' | 'fresh' | 'outdated' = 'none';

  constructor(
    jwksUri: string,
    private readonly clock: Clock,
    fetcher: KeySetFetch,
  ) {
    // The client's own cache drops keys one by one, and its rate limit rejects valid tokens in a flood.
    this.client = new jwksRsa.JwksClient({ jwksUri, fetcher, cache: false, rateLimit: false });
  }

  /** Whether a key set was fetched since the start. */
  get seen(): boolean {
    return this.state !== 'none';
  }

  onModuleInit(): void {
    void this.refresh();
  }

  onApplicationShutdown(): void {
    this.closed = true;
    clearTimeout(this.timer);
  }

  /** Whether a key that {@link find} returned is still one of Logto's. */
  holds(key: SigningKey): boolean {
    return this.keys.get(key.kid) === key;
  }

  /**
   * Returns the key with an id; undefined if Logto has no such key.
   * @throws ProblemError `upstream_unavailable` if the keys could not be fetched
   */
  async find(kid: string): Promise<SigningKey | undefined> {
    if (this.keys.has(kid)) return this.keys.get(kid);
    await this.pending;
    if (this.keys.has(kid)) return this.keys.get(kid);
    if (this.clock.now() >= this.unknownIdsFrom) {
      this.unknownIdsFrom = this.clock.now() + (this.seen ? UNKNOWN_ID_MS : FIRST_RETRY_MS);
      void this.refresh();
    }
    // Requests that arrived during the fetch share it.
    await this.pending;
    if (!this.keys.has(kid) && this.state !== 'fresh') {
      throw new ProblemError('upstream_unavailable', {
        detail: { code: 'signing_keys_unavailable' },
        headers: { 'Retry-After': '5' },
      });
    }
    return this.keys.get(kid);
  }

  /** Fetches the keys; concurrent callers share one fetch. Never rejects. */
  refresh(): Promise<void> {
    this.pending ??= this.load().finally(() => (this.pending = undefined));
    return this.pending;
  }

  private async load(): Promise<void> {
    clearTimeout(this.timer);
    try {
      const found = await this.client.getSigningKeys();
      const keys = await Promise.all(found.map((each) => this.parse(each)));
      this.keys = new Map(keys.filter((key) => key !== undefined).map((key) => [key.kid, key]));
      if (this.failing) this.logger.log("Logto's signing keys are available again.");
      this.failing = false;
      this.state = 'fresh';
    } catch (error) {
      // Once per outage, not once per attempt.
      if (!this.failing) {
        this.logger.warn(`Logto's signing keys could not be fetched (${reasonOf(error)}); trying again.`);
      }
      this.failing = true;
      if (this.seen) this.state = 'outdated';
    }
    const delay = this.state === 'fresh' ? REFRESH_MS : this.seen ? RETRY_MS : FIRST_RETRY_MS;
    if (!this.closed) this.timer = setTimeout(() => void this.refresh(), delay).unref();
  }

  /** Returns the same object for an unchanged key, since {@link holds} compares objects. */
  private async parse({ kid, alg, getPublicKey }: jwksRsa.SigningKey): Promise<SigningKey | undefined> {
    const pem = getPublicKey();
    const algorithm = algorithmOf(alg, pem);
    if (!kid || !algorithm) return undefined;
    const known = this.keys.get(kid);
    if (known && this.pems.get(known) === pem && known.algorithm === algorithm) return known;
    const parsed = { kid, algorithm, key: await importSPKI(pem, algorithm) };
    this.pems.set(parsed, pem);
    return parsed;
  }

  private readonly pems = new WeakMap<SigningKey, string>();
}

/** The algorithm of a key: declared in its JWK, or given by its type (RFC 7518 section 3.4). */
function algorithmOf(declared: string | undefined, pem: string): SigningAlgorithm | undefined {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = createPublicKey(pem);
  const algorithm = declared ?? (type === 'rsa' ? 'RS256' : CURVES[details?.namedCurve ?? '']);
  return SIGNING_ALGORITHMS.find((each) => each === algorithm);
}

/** The code of a failed connection, or a message about the response. */
function reasonOf(error: unknown): string {
  const { code, cause, message } = error as NodeJS.ErrnoException;
  return code ?? (cause as NodeJS.ErrnoException | undefined)?.code ?? message;
}

/** Fetches a key set over HTTP, with a timeout of 5 s. */
export const fetchKeySet: KeySetFetch = async (uri) => {
  const response = await fetch(uri, { signal: AbortSignal.timeout(5_000), headers: { accept: 'application/json' } });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return (await response.json()) as { keys: unknown };
};
