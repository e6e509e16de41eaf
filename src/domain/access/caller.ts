import type { UserRow } from '../users/user-row.repository.js';

/** Who calls: what a verified access token says. Who that is, is never taken from elsewhere. */
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
  /** The token carries `act` (RFC 8693): someone acts for this user. Logto's own token exchange leaves no such mark. */
  readonly impersonated: boolean;
  /** The caller's address, as Fastify's `trustProxy` rules give it. For limits only. */
  readonly ip: string;
  /** The user's row as it was when this request's token was checked. */
  readonly row: UserRow;
}
