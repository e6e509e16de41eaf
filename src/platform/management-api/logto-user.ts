import * as Type from '@sinclair/typebox';
import { anyObject, mapOf, nullable, ResponseSchema, type ResponseOf } from './response-schema.js';

const optionalString = Type.Optional(Type.String());

/** OpenID Connect standard claims, which Logto stores under `profile`. An unset claim is absent. */
const profile = Type.Object({
  familyName: optionalString,
  givenName: optionalString,
  middleName: optionalString,
  nickname: optionalString,
  preferredUsername: optionalString,
  profile: optionalString,
  website: optionalString,
  gender: optionalString,
  birthdate: optionalString,
  zoneinfo: optionalString,
  locale: optionalString,
  address: Type.Optional(
    Type.Object({
      formatted: optionalString,
      streetAddress: optionalString,
      locality: optionalString,
      region: optionalString,
      postalCode: optionalString,
      country: optionalString,
    }),
  ),
});

const user = Type.Object({
  id: Type.String(),
  username: nullable(Type.String()),
  primaryEmail: nullable(Type.String()),
  primaryPhone: nullable(Type.String()),
  name: nullable(Type.String()),
  avatar: nullable(Type.String()),
  customData: anyObject,
  profile,
  /** By target, such as `github`. */
  identities: mapOf(Type.Object({ userId: Type.String() })),
  ssoIdentities: Type.Optional(Type.Array(Type.Object({ issuer: Type.String() }))),
  hasPassword: Type.Optional(Type.Boolean()),
  isSuspended: Type.Boolean(),
});

/** `GET` and `PATCH /api/users/:id` */
export const userResponse = ResponseSchema.of(user);
export type LogtoUser = ResponseOf<typeof userResponse>;

/** `GET /api/users` */
export const userListResponse = ResponseSchema.of(Type.Array(user));

/** `PATCH /api/users/:id/profile` */
export const profileResponse = ResponseSchema.of(profile);
export type LogtoUserProfile = ResponseOf<typeof profileResponse>;

/** `PATCH /api/users/:id/custom-data` */
export const customDataResponse = ResponseSchema.of(anyObject);

/** The body of `PATCH /api/users/:id`. Null clears a field; a `profile` replaces the stored one. */
export interface LogtoUserPatch {
  username?: string | null;
  primaryEmail?: string | null;
  primaryPhone?: string | null;
  name?: string | null;
  avatar?: string | null;
  profile?: LogtoUserProfile;
}
