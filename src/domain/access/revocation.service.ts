import { Injectable } from '@nestjs/common';
import { DatabaseUnavailableError } from '../../platform/database/query-error.js';
import { UserRowRepository, type UserRow } from '../users/user-row.repository.js';
import { rejectedToken, type AccessTokenClaims } from './access-token.js';

/**
 * A token that is issued a second later has a later `iat`, which is in whole seconds, and so counts as issued after.
 */
const RENEW_AFTER_S = 1;

/**
 * Rejects revoked access tokens. Logto's JWTs stay valid until they expire, even if their session ends, so every
 * request reads the time of the last revocation from the database. A revocation applies to all replicas as soon as it
 * is written.
 */
@Injectable()
export class RevocationService {
  constructor(private readonly rows: UserRowRepository) {}

  /**
   * Checks a verified token.
   * @returns the user's row, created if it is missing, for the rest of the request
   * @throws ProblemError `invalid_token` with `Retry-After` if the token was revoked, `database_unavailable` if the row
   *   cannot be read
   */
  async check(claims: AccessTokenClaims): Promise<UserRow> {
    const row = await this.rows.ensure(claims.userId);
    checkNotRevoked(claims, row);
    return row;
  }
}

/** Checks a token against a row that was just read, such as the row under the lease. */
export function checkNotRevoked(
  { issuedAt, clientId }: Pick<AccessTokenClaims, 'issuedAt' | 'clientId'>,
  { tokensValidFrom, clientCutoffs }: UserRow,
): void {
  const validFrom = Math.max(tokensValidFrom ?? 0, clientCutoffs[clientId] ?? 0);
  if (!Number.isFinite(validFrom)) throw new DatabaseUnavailableError('rejected', undefined);
  if (issuedAt >= validFrom) return;
  throw rejectedToken('token_revoked', { 'Retry-After': String(RENEW_AFTER_S) });
}
