import type { LogtoUser } from '../../platform/management-api/logto-user.js';

/**
 * Whether there is a way to sign in: an email, a phone, a social or enterprise identity, or a username with a password. A
 * passkey or another factor comes second to one of these. Logto's Management API removes the last one without a word.
 */
export const canSignIn = (
  user: Pick<LogtoUser, 'username' | 'hasPassword' | 'primaryEmail' | 'primaryPhone' | 'identities'>,
  enterpriseIdentities: readonly unknown[],
): boolean =>
  Boolean(user.primaryEmail ?? user.primaryPhone) ||
  (Boolean(user.username) && user.hasPassword === true) ||
  Object.keys(user.identities).length > 0 ||
  enterpriseIdentities.length > 0;
