import type { Tenant } from '../tenant/tenant.js';
import type { User } from '../tenant/types.js';
import { InternalError, notFound } from './request-error.js';

/**
 * Converts a user to a response. PostgreSQL counts code points, but Logto validates its responses in UTF-16
 * units. A name of 65 emoji can therefore be stored, and every response with that user is then a 500.
 * @throws InternalError if a stored value is too long.
 */
export function toUserResponse(user: User) {
  const { username, primaryEmail, primaryPhone, name, avatar } = user;
  for (const value of [username, primaryEmail, primaryPhone, name]) {
    if (value !== null && value.length > 128) throw new InternalError('a stored value exceeds 128 UTF-16 units');
  }
  if (avatar !== null && avatar.length > 2048) throw new InternalError('a stored avatar exceeds 2048 UTF-16 units');
  return toPublicUser(user);
}

/** Returns the user's public fields in Logto's order. */
export const toPublicUser = (user: User) => ({
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

export const toUserResponseWithHasPassword = (user: User) => ({
  ...toUserResponse(user),
  hasPassword: user.passwordHash !== null,
});

/** Returns the user or throws Logto's 404. An id with a NUL causes a 500, because PostgreSQL rejects it. */
export function getUser(tenant: Tenant, userId: string): User {
  const user = tenant.users.get(userId);
  if (user) return user;
  if (userId.includes('\0')) throw new InternalError('NUL in an id');
  throw notFound();
}
