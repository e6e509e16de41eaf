import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../platform/config/clock.js';
import type { AccessTokenClaims } from './access-token.js';
import type { SigningKey, SigningKeys } from './signing-keys.js';

const MAX_TOKENS = 20_000;

/**
 * Caches verified tokens by their SHA-256: a verification takes most of a millisecond, and a token is sent hundreds of
 * times. An entry is dropped when its token expires, or when the key that signed it is no longer one of Logto's.
 */
export class VerifiedTokenCache {
  private readonly tokens = new LRUCache<string, { claims: AccessTokenClaims; key: SigningKey }>({ max: MAX_TOKENS });

  constructor(
    private readonly keys: SigningKeys,
    private readonly clock: Clock,
  ) {}

  get(token: string): AccessTokenClaims | undefined {
    const id = toId(token);
    const entry = this.tokens.get(id);
    if (!entry) return undefined;
    if (this.keys.holds(entry.key) && entry.claims.expiresAt * 1000 > this.clock.now()) return entry.claims;
    this.tokens.delete(id);
    return undefined;
  }

  add(token: string, claims: AccessTokenClaims, key: SigningKey): void {
    this.tokens.set(toId(token), { claims, key });
  }
}

// Not the token itself: a memory dump would contain valid tokens of all users.
const toId = (token: string) => hash('sha256', token, 'base64url');
