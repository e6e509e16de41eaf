import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../platform/config/clock.js';
import type { AccessTokenClaims } from './access-token.js';
import type { SigningKey, SigningKeys } from './signing-keys.js';

const MAX_TOKENS = 20_000;

/**
 * Verified tokens by their SHA-256, since verifying one costs the better part of a millisecond and the same one comes
 * hundreds of times. A token is forgotten when it expires, and when the key that signed it is no longer Logto's.
 */
export class VerifiedTokenCache {
  private readonly tokens = new LRUCache<string, { claims: AccessTokenClaims; key: SigningKey }>({ max: MAX_TOKENS });

  constructor(
    private readonly keys: SigningKeys,
    private readonly clock: Clock,
  ) {}

  get(token: string): AccessTokenClaims | undefined {
    const id = identify(token);
    const entry = this.tokens.get(id);
    if (!entry) return undefined;
    if (this.keys.holds(entry.key) && entry.claims.expiresAt * 1000 > this.clock.now()) return entry.claims;
    this.tokens.delete(id);
    return undefined;
  }

  add(token: string, claims: AccessTokenClaims, key: SigningKey): void {
    this.tokens.set(identify(token), { claims, key });
  }
}

// Not the token itself: a dump of this process's memory would hold keys to every account.
const identify = (token: string) => hash('sha256', token, 'base64url');
