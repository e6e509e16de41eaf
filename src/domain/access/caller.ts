import type { UserRow } from '../users/user-row.repository.js';

/** The caller, as identified by a verified access token and by nothing else. */
export interface Caller {
  /** The token's `sub`: Logto's user id. */
  readonly userId: string;
  /** The token's `client_id`: the application that the user signed in to. */
  readonly clientId: string;
  readonly scopes: ReadonlySet<string>;
  /** The token's `iat`, in seconds since the epoch by Logto's clock. */
  readonly issuedAt: number;
  /** The token's `exp`, in seconds since the epoch. */
  readonly expiresAt: number;
  /**
   * Whether the token has an `act` claim (RFC 8693): someone acts for the user. Logto's own token exchange sets none.
   */
  readonly impersonated: boolean;
  /**
   * The token's `organization_id`: Logto's ID of the organization for which the application requested the token. The user was a member
   * then. Undefined for other tokens.
   */
  readonly organizationId?: string;
  /** The caller's IP address, by Fastify's `trustProxy` rules. For rate limits only. */
  readonly ip: string;
  /** The user's row, as of the check of this request's token. */
  readonly row: UserRow;
}
