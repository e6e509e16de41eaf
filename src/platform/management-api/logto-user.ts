import type { JsonObject } from '../json/json.js';

/** OpenID Connect standard claims that Logto keeps under `profile`; an unset one is absent. */
export interface LogtoUserProfile {
  familyName?: string;
  givenName?: string;
  middleName?: string;
  nickname?: string;
  preferredUsername?: string;
  profile?: string;
  website?: string;
  gender?: string;
  birthdate?: string;
  zoneinfo?: string;
  locale?: string;
  address?: LogtoUserAddress;
}

interface LogtoUserAddress {
  formatted?: string;
  streetAddress?: string;
  locality?: string;
  region?: string;
  postalCode?: string;
  country?: string;
}

/** The response of `GET /api/users/:id`, as far as this service reads it. */
export interface LogtoUser {
  id: string;
  username: string | null;
  primaryEmail: string | null;
  primaryPhone: string | null;
  name: string | null;
  avatar: string | null;
  customData: JsonObject;
  profile: LogtoUserProfile;
  identities: Record<string, { userId: string; details?: JsonObject }>;
  ssoIdentities?: { issuer: string; detail?: JsonObject }[];
  hasPassword?: boolean;
  isSuspended: boolean;
}

/** `PATCH /api/users/:id`: null clears; `profile`, when given, replaces what was stored. */
export interface LogtoUserPatch {
  username?: string | null;
  primaryEmail?: string | null;
  primaryPhone?: string | null;
  name?: string | null;
  avatar?: string | null;
  profile?: LogtoUserProfile;
}
