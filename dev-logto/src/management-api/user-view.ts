import type { Tenant } from '../tenant/tenant.js';
import type { User } from '../tenant/types.js';
import { InternalError, notFound } from './request-error.js';

/**
 * Logto checks its own answers by UTF-16 units where PostgreSQL counts code points, so that a name of 65
 * emoji is stored and from then on every answer with that user is a 500.
 */
export function viewUser(user: User) {
  const { username, primaryEmail, primaryPhone, name, avatar } = user;
  for (const value of [username, primaryEmail, primaryPhone, name]) {
    if (value !== null && value.length > 128) throw new InternalError('a stored value is too long to show');
  }
  if (avatar !== null && avatar.length > 2048) throw new InternalError('a stored avatar is too long to show');
  return describeUser(user);
}

/** A user without its secrets, in Logto's order of keys. */
export const describeUser = (user: User) => ({
  id: user.id,
  username: user.username,
  primaryEmail: user.primaryEmail,
  primaryPhone: user.primaryPhone,
  name: user.name,
  avatar: user.avatar,
  customData: user.customData,
  identities: user.identities,
  lastSignInAt: user.lastSignInAt,
  createdAt: user.createdAt,
  updatedAt: user.updatedAt,
  profile: user.profile,
  applicationId: user.applicationId,
  cimdClientId: null,
  isSuspended: user.isSuspended,
});

export const viewUserWithPassword = (user: User) => ({
  ...viewUser(user),
  hasPassword: user.passwordHash !== null,
});

/** The user, or Logto's 404. A NUL in the id is a 500, since PostgreSQL refuses it. */
export function getUser(tenant: Tenant, userId: string): User {
  const user = tenant.users.get(userId);
  if (user) return user;
  if (userId.includes('\0')) throw new InternalError('NUL in an id');
  throw notFound();
}
