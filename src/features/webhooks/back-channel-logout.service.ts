import { Injectable } from '@nestjs/common';
import { decodeJwt, decodeProtectedHeader, errors, jwtVerify, type JWTPayload } from 'jose';
import { SigningKeys } from '../../domain/access/signing-keys.js';
import { UserRowRepository } from '../../domain/users/user-row.repository.js';
import { AppConfig } from '../../platform/config/app-config.js';
import { Clock } from '../../platform/config/clock.js';
import { ProblemError } from '../../platform/errors/problem-error.js';
import { isObject } from '../../platform/json/json.js';

/** Several times the length of Logto's logout tokens. */
const MAX_TOKEN_LENGTH = 4_096;
const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout';

interface Logout {
  readonly userId: string;
  readonly clientId: string;
  /** When the user signed out, in seconds since the epoch, by Logto's clock. */
  readonly at: number;
}

/**
 * OpenID Connect Back-Channel Logout 1.0: when a user signs out of an application at Logto, the access tokens that the application has
 * for the user are rejected.
 */
@Injectable()
export class BackChannelLogoutService {
  constructor(
    private readonly keys: SigningKeys,
    private readonly rows: UserRowRepository,
    private readonly config: AppConfig,
    private readonly clock: Clock,
  ) {}

  /**
   * Revokes the access tokens of the user and application that were issued before the logout. A token that arrives again, or after a
   * later one, changes nothing.
   * @param body the form of the request (section 2.5)
   * @throws ProblemError `malformed_request` for anything but a valid logout token of Logto's for an application that is served,
   *   `upstream_unavailable` if Logto's keys are not known, `database_unavailable`
   */
  async receive(body: Buffer): Promise<void> {
    const tokens = new URLSearchParams(body.toString('utf8')).getAll('logout_token');
    const { userId, clientId, at } = await this.verify(tokens.length === 1 ? tokens[0]! : '');
    await this.rows.ensure(userId);
    await this.rows.revokeTokensOfClient(userId, clientId, at);
  }

  /** Validates a logout token (section 2.6). */
  private async verify(token: string): Promise<Logout> {
    const { logto, allowedClientIds } = this.config;
    // Before a key is looked up: junk must cause no fetch of Logto's keys.
    const { kid, claims } = decode(token);
    const clientId = claims.aud;
    const isServed =
      typeof clientId === 'string' && (allowedClientIds.length === 0 || allowedClientIds.includes(clientId));
    if (claims.iss !== logto.issuer || !isServed) throw rejected();
    const key = await this.keys.find(kid);
    if (!key) throw rejected();
    const { payload } = await jwtVerify(token, key.key, {
      algorithms: [key.algorithm],
      typ: 'logout+jwt',
      issuer: logto.issuer,
      audience: clientId,
      requiredClaims: ['iat', 'exp', 'jti', 'sub'],
      currentDate: new Date(this.clock.now()),
    }).catch((error: unknown) => {
      throw error instanceof errors.JOSEError ? rejected() : error;
    });
    const { sub, iat, events, nonce } = payload as JWTPayload & { events?: unknown; nonce?: unknown };
    // The event and the missing nonce distinguish a logout token from an ID token.
    const event = isObject(events as never) ? (events as Record<string, unknown>)[LOGOUT_EVENT] : undefined;
    if (nonce !== undefined || !isObject(event as never) || typeof sub !== 'string' || sub === '') throw rejected();
    return { userId: sub, clientId, at: iat! };
  }
}

function decode(token: string): { kid: string; claims: JWTPayload } {
  if (token === '' || token.length > MAX_TOKEN_LENGTH) throw rejected();
  try {
    const { kid } = decodeProtectedHeader(token);
    if (typeof kid === 'string') return { kid, claims: decodeJwt(token) };
  } catch {
    // Rejected below.
  }
  throw rejected();
}

const rejected = (): ProblemError =>
  new ProblemError('malformed_request', { detail: { code: 'logout_token_rejected' } });
