import type { LogtoUser } from '../../platform/management-api/logto-user.js';

/**
 * Whether the user can sign in: with an email, a phone, a social or enterprise identity, or a username and password. Passkeys and other
 * factors only add to one of these. Logto's Management API removes the last one without an error.
 */
export const canSignIn = (
  user: Pick<LogtoUser, 'username' | 'hasPassword' | 'primaryEmail' | 'primaryPhone' | 'identities'>,
  enterpriseIdentities: readonly unknown[],
): boolean =>
  Boolean(user.primaryEmail ?? user.primaryPhone) ||
  (Boolean(user.username) && user.hasPassword === true) ||
  Object.keys(user.identities).length > 0 ||
  enterpriseIdentities.length > 0;
