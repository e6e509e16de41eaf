import { calculateJwkThumbprint, errors, exportJWK, generateKeyPair, importJWK } from 'jose';
import type { CryptoKey, JWK } from 'jose';
import type { Tenant } from '../tenant/tenant.js';
import type { SigningKey } from '../tenant/types.js';

export interface RotateOptions {
  /** The tenant's own unless given. */
  signingAlgorithm?: SigningKey['signingAlgorithm'];
  /** Seconds for which the new key is published but does not sign yet; 0 unless given. */
  gracePeriod?: number;
}

/**
 * The tenant's signing keys, by Logto's rules: the current key signs, the current and the previous
 * one verify, a second rotation drops the oldest. A staged key is published before it signs.
 */
export class SigningKeys {
  #imported = new WeakMap<JWK, Promise<CryptoKey | Uint8Array>>();

  constructor(
    private readonly tenant: Tenant,
    private readonly signingAlgorithm: SigningKey['signingAlgorithm'],
  ) {}

  /** All published keys: current first, then a staged one, then the previous. */
  get all(): SigningKey[] {
    this.#promote();
    const rank = { Current: 0, Next: 1, Previous: 2 };
    return [...this.tenant.signingKeys].sort((a, b) => rank[a.status] - rank[b.status]);
  }

  /** The key that signs. */
  get current(): SigningKey {
    return this.all[0]!;
  }

  privateKey(key: SigningKey): Promise<CryptoKey | Uint8Array> {
    return this.#import(key);
  }

  /** @throws JWKSNoMatchingKey when no published key has this `kid`. */
  async publicKey(kid: string | undefined): Promise<CryptoKey | Uint8Array> {
    const key = this.all.find(({ id }) => id === kid);
    if (!key) throw new errors.JWKSNoMatchingKey();
    return importJWK(key.publicJwk, key.signingAlgorithm);
  }

  /** Makes a new key current, or with a grace period the next one. Sessions and refresh tokens live on. */
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

  /** Makes the first key when the tenant has none. */
  async ensure(): Promise<void> {
    if (this.tenant.signingKeys.length === 0) this.tenant.signingKeys = [await this.#generate(this.signingAlgorithm)];
  }

  #promote(): void {
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
    // Logto names the algorithm of its EC keys only.
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
