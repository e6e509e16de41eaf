import { calculateJwkThumbprint, errors, exportJWK, generateKeyPair, importJWK } from 'jose';
import type { CryptoKey, JWK } from 'jose';
import type { Tenant } from '../tenant/tenant.js';
import type { SigningKey } from '../tenant/types.js';

export interface RotateOptions {
  /** Default: the algorithm that dev-logto was started with. */
  signingAlgorithm?: SigningKey['signingAlgorithm'];
  /** Seconds for which the new key is published before it signs. Default: 0. */
  gracePeriod?: number;
}

/**
 * The tenant's signing keys, by Logto's rules. The current key signs; the current and the previous key
 * verify; a second rotation removes the oldest key. A staged (`Next`) key is published before it signs.
 */
export class SigningKeys {
  #imported = new WeakMap<JWK, Promise<CryptoKey | Uint8Array>>();

  constructor(
    private readonly tenant: Tenant,
    private readonly signingAlgorithm: SigningKey['signingAlgorithm'],
  ) {}

  /** All published keys: the current key, then the staged key, then the previous key. */
  get all(): SigningKey[] {
    this.#promoteStagedKey();
    const rank = { Current: 0, Next: 1, Previous: 2 };
    return [...this.tenant.signingKeys].sort((a, b) => rank[a.status] - rank[b.status]);
  }

  /** The key that signs. */
  get current(): SigningKey {
    return this.all[0]!;
  }

  getPrivateKey(key: SigningKey): Promise<CryptoKey | Uint8Array> {
    return this.#import(key);
  }

  /** Rejects with JWKSNoMatchingKey if no published key has this `kid`. */
  async getPublicKey(kid: string | undefined): Promise<CryptoKey | Uint8Array> {
    const key = this.all.find(({ id }) => id === kid);
    if (!key) throw new errors.JWKSNoMatchingKey();
    return importJWK(key.publicJwk, key.signingAlgorithm);
  }

  /** Creates a key and makes it current, or stages it if a grace period is set. Sessions and refresh tokens stay valid. */
  async rotate({ signingAlgorithm, gracePeriod = 0 }: RotateOptions = {}): Promise<void> {
    const key = await this.#generate(signingAlgorithm ?? this.signingAlgorithm);
    if (gracePeriod > 0) {
      const effectiveAt = this.tenant.clock.now() + gracePeriod * 1000;
      const published = this.all.filter(({ status }) => status !== 'Next');
      this.tenant.signingKeys = [{ ...key, status: 'Next', effectiveAt }, ...published];
    } else {
      this.tenant.signingKeys = [key, { ...this.current, status: 'Previous' }];
    }
  }

  /** Creates the first key if the tenant has none. */
  async ensureCurrent(): Promise<void> {
    if (this.tenant.signingKeys.length === 0) this.tenant.signingKeys = [await this.#generate(this.signingAlgorithm)];
  }

  #promoteStagedKey(): void {
    const staged = this.tenant.signingKeys.find(({ status }) => status === 'Next');
    if (!staged || staged.effectiveAt! > this.tenant.clock.now()) return;
    const current = this.tenant.signingKeys.find(({ status }) => status === 'Current')!;
    const { effectiveAt: _, ...key } = staged;
    this.tenant.signingKeys = [
      { ...key, status: 'Current' },
      { ...current, status: 'Previous' },
    ];
  }

  async #generate(signingAlgorithm: SigningKey['signingAlgorithm']): Promise<SigningKey> {
    const pair = await generateKeyPair(signingAlgorithm, { extractable: true });
    const publicJwk = await exportJWK(pair.publicKey);
    const id = await calculateJwkThumbprint(publicJwk);
    // Logto sets `alg` only for EC keys.
    const common = { use: 'sig', kid: id, ...(publicJwk.kty === 'EC' && { alg: signingAlgorithm }) };
    return {
      id,
      privateJwk: { ...(await exportJWK(pair.privateKey)), ...common },
      publicJwk: { ...publicJwk, ...common },
      signingAlgorithm,
      status: 'Current',
      createdAt: this.tenant.clock.now(),
    };
  }

  #import({ privateJwk, signingAlgorithm }: SigningKey): Promise<CryptoKey | Uint8Array> {
    let imported = this.#imported.get(privateJwk);
    if (!imported) this.#imported.set(privateJwk, (imported = importJWK(privateJwk, signingAlgorithm)));
    return imported;
  }
}
