import { createPublicKey } from 'node:crypto';
import { Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { importSPKI, type CryptoKey } from 'jose';
import jwksRsa from 'jwks-rsa';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../platform/config/clock.js';
import { ProblemError } from '../../platform/errors/problem-error.js';
import { fetchJson } from './fetch-json.js';

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
/** The shortest time from the start of a fetch to the start of the next one. */
const FETCH_INTERVAL_MS = 1_000;
/** How long an id that Logto does not know is rejected without another fetch. */
const REJECTED_MS = 2_000;
/** The number of requests that may wait for a fetch. */
const MAX_WAITING = 1_000;
const CURVES: Readonly<Record<string, SigningAlgorithm>> = {
  prime256v1: 'ES256',
  secp384r1: 'ES384',
  secp521r1: 'ES512',
};

/**
 * Logto's current signing keys, fetched at the start and every 5 minutes. A request with an unknown key id waits for the
 * next fetch. All waiting requests share it, and fetches start at least 1 s apart: a flood of junk ids costs Logto at
 * most one request a second, and a new key is accepted within about two seconds. If a fetch fails, the present keys are
 * kept.
 */
export class SigningKeys implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(SigningKeys.name);
  private readonly client: jwksRsa.JwksClient;
  private keys: ReadonlyMap<string, SigningKey> = new Map();
  /** Unknown ids, with the time of their rejection. A request with an evicted id waits for a fetch again. */
  private readonly rejected = new LRUCache<string, number>({
    max: 10_000,
    // Ids come from unverified tokens and may be as long as a header.
    maxSize: 1024 * 1024,
    sizeCalculation: (_time, kid) => kid.length + 1,
  });
  /** The fetch that has started. */
  private pending?: Promise<void>;
  /** The fetch that has not started yet. */
  private next?: Promise<void>;
  private waiting = 0;
  private startedAt = -Infinity;
  private timer?: NodeJS.Timeout;
  private stopDelay?: () => void;
  private closed = false;
  private failing = false;
  private fetched = false;

  constructor(
    jwksUri: string,
    private readonly clock: Clock,
    fetcher: KeySetFetch,
  ) {
    // The client's own cache drops keys one by one, and its rate limit rejects valid tokens in a flood.
    this.client = new jwksRsa.JwksClient({
      jwksUri,
      fetcher: async (uri) => ({ keys: objectsIn((await fetcher(uri)).keys) }),
      cache: false,
      rateLimit: false,
    });
  }

  /** Whether a key set was fetched since the start. */
  get seen(): boolean {
    return this.fetched;
  }

  onModuleInit(): void {
    void this.refresh();
  }

  onApplicationShutdown(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.stopDelay?.();
  }

  /** Whether a key that {@link find} returned is still one of Logto's. */
  holds(key: SigningKey): boolean {
    return this.keys.get(key.kid) === key;
  }

  /**
   * Returns the key with an id; undefined if Logto has no such key.
   * @throws ProblemError `upstream_unavailable` if the keys could not be fetched, `overloaded` if too many requests
   * wait for them
   */
  async find(kid: string): Promise<SigningKey | undefined> {
    const known = this.keys.get(kid);
    if (known || this.wasRejected(kid)) return known;
    if (this.waiting >= MAX_WAITING) throw new ProblemError('overloaded', { headers: { 'Retry-After': '1' } });
    this.waiting += 1;
    try {
      await this.waitFor(kid);
    } finally {
      this.waiting -= 1;
    }
    const key = this.keys.get(kid);
    if (key) return key;
    if (this.failing || this.closed) {
      throw new ProblemError('upstream_unavailable', {
        detail: { code: 'signing_keys_unavailable' },
        headers: { 'Retry-After': '5' },
      });
    }
    this.rejected.set(kid, this.clock.now());
    return undefined;
  }

  /**
   * Fetches the keys as soon as the interval between fetches has passed; concurrent callers share one fetch. Never
   * rejects.
   */
  refresh(): Promise<void> {
    if (this.pending) return this.pending;
    this.next ??= this.delay().then(() => {
      this.next = undefined;
      if (!this.closed) this.pending = this.load().finally(() => (this.pending = undefined));
      return this.pending;
    });
    return this.next;
  }

  private wasRejected(kid: string): boolean {
    const age = this.clock.now() - (this.rejected.get(kid) ?? -Infinity);
    // The age is negative if the clock was set back.
    return age >= 0 && age < REJECTED_MS;
  }

  /** Waits until Logto has returned the key, a fetch has failed, or a fetch that starts from now on has completed. */
  private async waitFor(kid: string): Promise<void> {
    if (this.pending) {
      await this.pending;
      if (this.failing || this.keys.has(kid)) return;
    }
    await this.refresh();
  }

  /** Resolves when the next fetch may start, or when the application closes. */
  private delay(): Promise<void> {
    // At most the interval, since the clock may be set back.
    const ms = Math.min(this.startedAt + FETCH_INTERVAL_MS - this.clock.now(), FETCH_INTERVAL_MS);
    if (ms <= 0 || this.closed) return Promise.resolve();
    return new Promise((resolve) => {
      this.stopDelay = resolve;
      this.schedule(resolve, ms);
    });
  }

  private schedule(run: () => void, ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(run, ms).unref();
  }

  private async load(): Promise<void> {
    clearTimeout(this.timer);
    this.startedAt = this.clock.now();
    try {
      const found = await this.client.getSigningKeys();
      const keys = await Promise.all(found.map((each) => this.parse(each)));
      this.keys = new Map(keys.filter((key) => key !== undefined).map((key) => [key.kid, key]));
      if (this.failing) this.logger.log("Logto's signing keys are available again.");
      this.failing = false;
      this.fetched = true;
    } catch (error) {
      // Once per outage, not once per attempt.
      if (!this.failing) {
        this.logger.warn(`Logto's signing keys could not be fetched (${reasonOf(error)}); trying again.`);
      }
      this.failing = true;
    }
    // Without keys no request can be authenticated, so Logto is called more often.
    const delay = !this.failing ? REFRESH_MS : this.fetched ? RETRY_MS : FETCH_INTERVAL_MS;
    if (!this.closed) this.schedule(() => void this.refresh(), delay);
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

/** The client fails on other entries; a key set can have keys that are not understood (RFC 7517 section 5). */
const objectsIn = (keys: unknown): unknown =>
  Array.isArray(keys) ? keys.filter((each) => typeof each === 'object' && each !== null) : keys;

/** The algorithm of a key: declared in its JWK, or given by its type (RFC 7518 section 3.4). */
function algorithmOf(declared: string | undefined, pem: string): SigningAlgorithm | undefined {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = createPublicKey(pem);
  const algorithm = declared ?? (type === 'rsa' ? 'RS256' : CURVES[details?.namedCurve ?? '']);
  return SIGNING_ALGORITHMS.find((each) => each === algorithm);
}

/** The code of a failed connection, or a message about the response. */
function reasonOf(error: unknown): string {
  const { code, cause, message } = error as NodeJS.ErrnoException & { cause?: NodeJS.ErrnoException };
  // The code of a timeout is a number, which says nothing.
  return [code, cause?.code].find((each) => typeof each === 'string') ?? cause?.message ?? message;
}

/** Fetches a key set over HTTP. */
export const fetchKeySet =
  (timeoutMs: number): KeySetFetch =>
  async (uri) =>
    (await fetchJson(uri, timeoutMs)) as { keys: unknown };
