import { Injectable } from '@nestjs/common';
import { decodeProtectedHeader, errors, jwtVerify, type JWTPayload } from 'jose';
import { AppConfig } from '../../platform/config/app-config.js';
import { Clock } from '../../platform/config/clock.js';
import type { Caller } from '../access/caller.js';
import { SigningKeys } from '../access/signing-keys.js';

/** Longer than any ID token of Logto's, even with custom data. Longer tokens are rejected without being verified. */
export const MAX_ID_TOKEN_LENGTH = 16_384;

export interface IdTokenClaims {
  readonly nonce?: string;
  /** Seconds since the epoch. */
  readonly authTime?: number;
  /** The id of the session at Logto (OpenID Connect Front-Channel Logout section 3). */
  readonly sid?: string;
}

/** Verifies ID tokens of the caller (OpenID Connect Core section 3.1.3.7). */
@Injectable()
export class IdTokenVerifier {
  constructor(
    private readonly keys: SigningKeys,
    private readonly config: AppConfig,
    private readonly clock: Clock,
  ) {}

  /**
   * Returns the claims of a token that Logto signed for the caller's user and client and that has not expired;
   * undefined for any other text. Throws `upstream_unavailable` if Logto's keys are not known.
   */
  async verify({ userId, clientId }: Caller, idToken: string): Promise<IdTokenClaims | undefined> {
    const key = await this.keyOf(idToken);
    if (!key) return undefined;
    try {
      const { payload } = await jwtVerify(idToken, key.key, {
        algorithms: [key.algorithm],
        issuer: this.config.logto.issuer,
        audience: clientId,
        subject: userId,
        requiredClaims: ['iat', 'exp'],
        currentDate: new Date(this.clock.now()),
      });
      return claimsFor(clientId, payload);
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined;
      throw error;
    }
  }

  private async keyOf(idToken: string) {
    if (idToken.length > MAX_ID_TOKEN_LENGTH) return undefined;
    let header;
    try {
      header = decodeProtectedHeader(idToken);
    } catch {
      return undefined;
    }
    // Logto's ID tokens have no `typ`, unlike access tokens (at+jwt) and logout tokens (logout+jwt).
    if (header.typ !== undefined && header.typ.toUpperCase() !== 'JWT') return undefined;
    return typeof header.kid === 'string' ? this.keys.find(header.kid) : undefined;
  }
}

function claimsFor(
  clientId: string,
  { aud, azp, nonce, auth_time: authTime, sid }: JWTPayload,
): IdTokenClaims | undefined {
  // For several audiences, the one it was issued to must be the caller (section 3.1.3.7, points 4 and 5).
  if ((Array.isArray(aud) && aud.length > 1 && azp === undefined) || (azp !== undefined && azp !== clientId)) {
    return undefined;
  }
  return {
    ...(typeof nonce === 'string' && { nonce }),
    ...(typeof authTime === 'number' && { authTime }),
    ...(typeof sid === 'string' && { sid }),
  };
}
