import { isObject, type Json, type JsonObject } from './json';

/** OpenID Connect claims whose field name differs from the claim in camelCase. */
const FIELD_BY_CLAIM: Record<string, string> = {
  picture: 'avatar',
  email: 'primaryEmail',
  phone_number: 'primaryPhone',
};

/** Logto fills this claim with the username if the field is unset. */
const UNRELIABLE_CLAIM = 'preferred_username';

/** Converts OpenID Connect claims to fields of the profile document. Skips null, because the field may be set nevertheless. */
export function fromClaims(claims: object | null | undefined): JsonObject {
  if (!claims) return {};
  return Object.fromEntries(
    Object.entries(claims as JsonObject).flatMap(([claim, value]): [string, Json][] =>
      value === null || value === undefined || claim === UNRELIABLE_CLAIM
        ? []
        : [[FIELD_BY_CLAIM[claim] ?? toCamelCase(claim), toCamelCaseKeys(value)]],
    ),
  );
}

const toCamelCase = (name: string) => name.replace(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase());
const toCamelCaseKeys = (value: Json): Json =>
  isObject(value)
    ? Object.fromEntries(Object.entries(value).map(([key, member]) => [toCamelCase(key), member]))
    : value;
