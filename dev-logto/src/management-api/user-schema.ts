import { emailRegEx, phoneRegEx, usernameRegEx } from '@logto/core-kit';
import { parsePhoneNumberWithError } from 'libphonenumber-js';
import { z } from 'zod';
import type { Tenant } from '../tenant/tenant.js';
import type { User, UserProfile } from '../tenant/types.js';
import { InternalError, RequestError } from './request-error.js';

export const jsonObject = z.record(z.unknown());

const text = z.string().optional();

/** Validates types only. Parsed profiles have their keys in this order. */
export const userProfile = z.object({
  familyName: text,
  givenName: text,
  middleName: text,
  nickname: text,
  preferredUsername: text,
  profile: text,
  website: text,
  gender: text,
  birthdate: text,
  zoneinfo: text,
  locale: text,
  address: z
    .object({
      formatted: text,
      streetAddress: text,
      locality: text,
      region: text,
      postalCode: text,
      country: text,
    })
    .optional(),
});

/** Logto treats an empty string as null. */
const emptyOr = (schema: z.ZodString) => schema.or(z.literal('')).nullable().optional();

export const userPatch = z.object({
  username: emptyOr(z.string().regex(usernameRegEx)),
  primaryEmail: emptyOr(z.string().regex(emailRegEx)),
  primaryPhone: emptyOr(z.string().regex(phoneRegEx)),
  name: emptyOr(z.string()),
  avatar: emptyOr(z.string().url()),
  customData: jsonObject.optional(),
  profile: userProfile.optional(),
});

export const userCreate = z.object({
  primaryPhone: z.string().regex(phoneRegEx).optional(),
  primaryEmail: z.string().regex(emailRegEx).optional(),
  username: z.string().regex(usernameRegEx).optional(),
  password: z.string().min(1).optional(),
  name: z.string().optional(),
  avatar: emptyOr(z.string().url()),
  customData: jsonObject.optional(),
  profile: userProfile.optional(),
});

type BasicFields = Partial<Pick<User, 'username' | 'primaryEmail' | 'primaryPhone' | 'name' | 'avatar'>>;

const MAX_LENGTHS: Record<keyof BasicFields, number> = {
  username: 128,
  primaryEmail: 128,
  primaryPhone: 128,
  name: 128,
  avatar: 2048,
};

/** Returns phone digits as Logto stores them: E.164 without `+`. Throws 422 `user.invalid_phone`. */
export function normalizePhone(digits: string): string {
  try {
    return parsePhoneNumberWithError(`+${digits}`).number.slice(1);
  } catch (error) {
    throw new RequestError(422, 'user.invalid_phone', { data: { name: (error as Error).name } });
  }
}

const IN_USE_CODES = {
  username: 'user.username_already_in_use',
  primaryEmail: 'user.email_already_in_use',
  primaryPhone: 'user.phone_already_in_use',
} as const;

const rejectDuplicates = (
  tenant: Tenant,
  basicFields: BasicFields,
  self: User | undefined,
  normalize: (value: string, key: keyof typeof IN_USE_CODES) => string,
): void => {
  // Logto checks the username first when creating a user and last when updating one.
  const codes = Object.entries(IN_USE_CODES) as [keyof typeof IN_USE_CODES, string][];
  for (const [key, code] of self ? [...codes.slice(1), codes[0]!] : codes) {
    const requested = basicFields[key] && normalize(basicFields[key], key);
    if (!requested) continue;
    for (const user of tenant.users.values()) {
      const existing = user[key];
      if (user !== self && existing && normalize(existing, key) === requested) throw new RequestError(422, code);
    }
  }
};

/**
 * Throws 422 for the first identifier that another user has. Emails are compared case-insensitively.
 * The username policy decides whether usernames are.
 */
export function checkIdentifiersUnused(tenant: Tenant, basicFields: BasicFields, self?: User): void {
  const isUsernameCaseSensitive = tenant.signInExperience.usernamePolicy['caseSensitive'] !== false;
  rejectDuplicates(tenant, basicFields, self, (value, key) =>
    key === 'primaryEmail' || (key === 'username' && !isUsernameCaseSensitive) ? value.toLowerCase() : value,
  );
}

/** Throws 422 for an identifier that another user has, compared exactly as the database's unique indexes do. */
export function checkUniqueIndexes(tenant: Tenant, basicFields: BasicFields, self?: User): void {
  rejectDuplicates(tenant, basicFields, self, (value) => value);
}

/**
 * Checks lengths in code points, as PostgreSQL does. Throws 422 `entity.value_too_long`, or InternalError (500)
 * for NUL.
 */
export function checkLengths(basicFields: BasicFields): void {
  for (const [key, limit] of Object.entries(MAX_LENGTHS)) {
    const value = basicFields[key as keyof BasicFields];
    if (!value) continue;
    if (value.includes('\0')) throw new InternalError('NUL in text');
    if (value.length > limit && [...value].length > limit) {
      throw new RequestError(422, 'entity.value_too_long', {
        data: { message: `value too long for type character varying(${limit})` },
      });
    }
  }
}

/** Merges top-level keys and returns them in Logto's order. */
export const mergeProfile = (old: UserProfile, patch: UserProfile): UserProfile =>
  userProfile.parse({ ...old, ...patch }) as UserProfile;
