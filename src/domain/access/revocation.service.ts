import { Injectable } from '@nestjs/common';
import { UserRowRepository, type UserRow } from '../users/user-row.repository.js';
import { ProblemError } from '../../platform/errors/problem-error.js';
import { rejectedToken, type AccessTokenClaims } from './access-token.js';

/** A token renewed a second later is issued in a later second of Logto's clock, and so after the revocation. */
const RENEW_AFTER_S = 1;

/**
 * Rejects access tokens that a recovery has revoked. Logto's JWTs stay valid until they expire, whatever became of their
 * session, so every request reads from the database what still counts: on every replica, from the moment it is written.
 */
@Injectable()
export class RevocationService {
  constructor(private readonly rows: UserRowRepository) {}

  /**
   * Checks a verified token.
   * @returns the user's row, created if it is missing, for the rest of the request
   * @throws ProblemError `invalid_token` with `Retry-After` when the token was revoked; `database_unavailable` when that cannot be
   *   read
   */
  async check(claims: AccessTokenClaims): Promise<UserRow> {
    const row = await this.rows.ensure(claims.userId).catch((error: unknown) => {
      throw unreadable(error);
    });
    checkNotRevoked(claims, row);
    return row;
  }
}

/** The same for a row that has just been read, such as the one under the lease. */
export function checkNotRevoked({ issuedAt }: Pick<AccessTokenClaims, 'issuedAt'>, row: UserRow): void {
  const { tokensValidFrom } = row;
  if (tokensValidFrom === undefined) return;
  if (!Number.isFinite(tokensValidFrom)) throw unreadable();
  if (issuedAt >= tokensValidFrom) return;
  throw rejectedToken('token_revoked', { 'Retry-After': String(RENEW_AFTER_S) });
}

const unreadable = (cause?: unknown): ProblemError =>
  new ProblemError('database_unavailable', { headers: { 'Retry-After': '1' }, cause });
