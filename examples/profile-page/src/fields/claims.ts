import { isObject, type Json, type JsonObject } from './json';

/** OpenID Connect claims whose field has a name of its own; the others are the claim in camelCase. */
const RENAMED: Record<string, string> = { picture: 'avatar', email: 'primaryEmail', phone_number: 'primaryPhone' };

/** Filled by Logto with the username where the field is unset. */
const MISLEADING = 'preferred_username';

/** OpenID Connect claims as fields of the profile document; a null says as little as an absent one. */
export function fromClaims(claims: object | null | undefined): JsonObject {
  if (!claims) return {};
  return Object.fromEntries(
    Object.entries(claims as JsonObject).flatMap(([claim, value]): [string, Json][] =>
      value === null || value === undefined || claim === MISLEADING
        ? []
        : [[RENAMED[claim] ?? camelCase(claim), camelCaseKeys(value)]],
    ),
  );
}

const camelCase = (name: string) => name.replace(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase());
const camelCaseKeys = (value: Json): Json =>
  isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, member]) => [camelCase(key), member])) : value;
