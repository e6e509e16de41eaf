import { extendedIdTokenClaimsByScope, idTokenClaims, userClaims, type UserClaim, UserScope } from '@logto/core-kit';
import type { Tenant } from '../tenant/tenant.js';
import type { JsonObject, User, UserProfile } from '../tenant/types.js';

/** Extended claims that a new tenant includes in ID tokens (`GET /api/configs/id-token`). */
const ENABLED_EXTENDED_CLAIMS = ['roles', 'organizations', 'organization_roles'];

const PROFILE_CLAIMS: Partial<Record<UserClaim, keyof UserProfile>> = {
  family_name: 'familyName',
  given_name: 'givenName',
  middle_name: 'middleName',
  nickname: 'nickname',
  profile: 'profile',
  website: 'website',
  gender: 'gender',
  birthdate: 'birthdate',
  zoneinfo: 'zoneinfo',
  locale: 'locale',
  address: 'address',
};

/**
 * Returns a user's claims for a scope, as Logto does. Userinfo contains all claims; ID tokens exclude custom
 * data and identities. Unset profile claims are omitted, whereas an unset name, picture, email or phone is
 * null. Organization claims are empty lists, because dev-logto has no organizations.
 */
export const getClaims = (tenant: Tenant, user: User, use: string, scope: string): JsonObject => {
  const claims = scope.split(' ').flatMap((name) => getClaimsOfScope(name, use));
  return Object.fromEntries([
    ['sub', user.id],
    ...claims
      .map((claim) => [claim, getClaimValue(tenant, user, claim)] as const)
      .filter(([, value]) => value !== undefined),
  ]) as JsonObject;
};

const getClaimsOfScope = (name: string, use: string): readonly UserClaim[] => {
  const scope = Object.values(UserScope).find((value) => value === name);
  if (!scope) return [];
  if (use === 'userinfo') return userClaims[scope];
  const extended = extendedIdTokenClaimsByScope[scope] ?? [];
  return [...idTokenClaims[scope], ...extended.filter((claim) => ENABLED_EXTENDED_CLAIMS.includes(claim))];
};

const getClaimValue = (tenant: Tenant, user: User, claim: UserClaim): unknown => {
  switch (claim) {
    case 'name':
    case 'username':
      return user[claim];
    case 'picture':
      return user.avatar;
    case 'preferred_username':
      return user.profile.preferredUsername ?? user.username ?? undefined;
    case 'email':
      return user.primaryEmail;
    case 'email_verified':
      return user.primaryEmail !== null;
    case 'phone_number':
      return user.primaryPhone;
    case 'phone_number_verified':
      return user.primaryPhone !== null;
    case 'created_at':
      return user.createdAt;
    case 'updated_at':
      return user.updatedAt;
    case 'custom_data':
      return user.customData;
    case 'identities':
      return user.identities;
    case 'sso_identities':
      return user.ssoIdentities;
    case 'roles':
      return user.roleIds.flatMap((id) => tenant.roles.get(id)?.name ?? []);
    case 'organizations':
    case 'organization_data':
    case 'organization_roles':
      return [];
    default:
      return user.profile[PROFILE_CLAIMS[claim]!];
  }
};
