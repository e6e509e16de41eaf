import { createPublicKey } from 'node:crypto';
import { Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { importSPKI, type CryptoKey } from 'jose';
import jwksRsa from 'jwks-rsa';
import type { Clock } from '../../platform/config/clock.js';
import { ProblemError } from '../../platform/errors/problem-error.js';

/** Asymmetric algorithms that Logto signs with; nothing else is ever accepted. */
export const SIGNING_ALGORITHMS = ['ES256', 'ES384', 'ES512', 'RS256'] as const;
type SigningAlgorithm = (typeof SIGNING_ALGORITHMS)[number];

export interface SigningKey {
  readonly kid: string;
  readonly algorithm: SigningAlgorithm;
  readonly key: CryptoKey;
}

/** Fetches a key set (RFC 7517 section 5); rejects when it cannot. */
export type KeySetFetch = (uri: string) => Promise<{ keys: unknown }>;

const REFRESH_MS = 5 * 60_000;
const RETRY_MS = 30_000;
/** Without any key nobody can be served, so Logto is called more often. */
const FIRST_RETRY_MS = 500;
/** One fetch in this time for key ids that are not known. */
const UNKNOWN_ID_MS = 30_000;
const CURVES: Readonly<Record<string, SigningAlgorithm>> = {
  prime256v1: 'ES256',
  secp384r1: 'ES384',
  secp521r1: 'ES512',
};

/**
 * Logto's current signing keys: fetched at the start and every 5 minutes, and, for unknown key ids, once in 30 s at
 * most and by all who ask together, so that a flood of junk ids does not become a flood at Logto. A fetch that fails
 * keeps the keys there are.
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
    // Its own cache and rate limit are off: the first drops keys one by one, the second rejects valid tokens in a flood.
    this.client = new jwksRsa.JwksClient({ jwksUri, fetcher, cache: false, rateLimit: false });
  }

  /** Some key set was fetched since the start. */
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

  /** Whether a key that {@link find} gave is still one of Logto's. */
  holds(key: SigningKey): boolean {
    return this.keys.get(key.kid) === key;
  }

  /**
   * The key with an id; undefined when Logto has none.
   * @throws ProblemError `upstream_unavailable` when Logto could not be called, so that it is not known.
   */
  async find(kid: string): Promise<SigningKey | undefined> {
    if (this.keys.has(kid)) return this.keys.get(kid);
    await this.pending;
    if (this.keys.has(kid)) return this.keys.get(kid);
    if (this.clock.now() >= this.unknownIdsFrom) {
      this.unknownIdsFrom = this.clock.now() + (this.seen ? UNKNOWN_ID_MS : FIRST_RETRY_MS);
      void this.refresh();
    }
    // Who came while that fetch was on its way shares it.
    await this.pending;
    if (!this.keys.has(kid) && this.state !== 'fresh') {
      throw new ProblemError('upstream_unavailable', {
        detail: { code: 'signing_keys_unavailable' },
        headers: { 'Retry-After': '5' },
      });
    }
    return this.keys.get(kid);
  }

  /** Fetches the keys, in one fetch for all that wait for them. Never rejects. */
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
      if (this.failing) this.logger.log("Logto's signing keys are here again.");
      this.failing = false;
      this.state = 'fresh';
    } catch (error) {
      // Once an outage, not once a try.
      if (!this.failing)
        this.logger.warn(`Logto's signing keys could not be fetched (${reasonOf(error)}); trying again.`);
      this.failing = true;
      if (this.seen) this.state = 'outdated';
    }
    const delay = this.state === 'fresh' ? REFRESH_MS : this.seen ? RETRY_MS : FIRST_RETRY_MS;
    if (!this.closed) this.timer = setTimeout(() => void this.refresh(), delay).unref();
  }

  /** The same key stays the same object, by which {@link holds} knows it; a new one under an old id does not. */
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

/** The algorithm of a key: what its JWK says, or what its type allows (RFC 7518 section 3.4). */
function algorithmOf(declared: string | undefined, pem: string): SigningAlgorithm | undefined {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = createPublicKey(pem);
  const algorithm = declared ?? (type === 'rsa' ? 'RS256' : CURVES[details?.namedCurve ?? '']);
  return SIGNING_ALGORITHMS.find((each) => each === algorithm);
}

/** In a word: the code of a failed connection, or what was wrong with the response. */
function reasonOf(error: unknown): string {
  const { code, cause, message } = error as NodeJS.ErrnoException;
  return code ?? (cause as NodeJS.ErrnoException | undefined)?.code ?? message;
}

/** Fetches a key set over HTTP, within 5 s. */
export const fetchKeySet: KeySetFetch = async (uri) => {
  const response = await fetch(uri, { signal: AbortSignal.timeout(5_000), headers: { accept: 'application/json' } });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return (await response.json()) as { keys: unknown };
};
