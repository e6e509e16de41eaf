import { emailRegEx, phoneRegEx, usernameRegEx } from '@logto/core-kit';
import { parsePhoneNumberWithError } from 'libphonenumber-js';
import { z } from 'zod';
import type { Tenant } from '../tenant/tenant.js';
import type { User, UserProfile } from '../tenant/types.js';
import { InternalError, RequestError } from './request-error.js';

export const jsonObject = z.record(z.unknown());

const text = z.string().optional();

/** Only types are checked, and the order of keys is this one whatever was sent. */
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

type Basics = Partial<Pick<User, 'username' | 'primaryEmail' | 'primaryPhone' | 'name' | 'avatar'>>;

const LENGTHS: Record<keyof Basics, number> = {
  username: 128,
  primaryEmail: 128,
  primaryPhone: 128,
  name: 128,
  avatar: 2048,
};

/** Phone digits as Logto stores them: E.164 without `+`. Throws 422 `user.invalid_phone`. */
export function normalizePhone(digits: string): string {
  try {
    return parsePhoneNumberWithError(`+${digits}`).number.slice(1);
  } catch (error) {
    throw new RequestError(422, 'user.invalid_phone', { data: { name: (error as Error).name } });
  }
}

const inUse = {
  username: 'user.username_already_in_use',
  primaryEmail: 'user.email_already_in_use',
  primaryPhone: 'user.phone_already_in_use',
} as const;

const refuseTaken = (
  tenant: Tenant,
  basics: Basics,
  self: User | undefined,
  fold: (value: string, key: keyof typeof inUse) => string,
): void => {
  // Of several taken ones Logto names the username first when it creates, and last when it updates.
  const codes = Object.entries(inUse) as [keyof typeof inUse, string][];
  for (const [key, code] of self ? [...codes.slice(1), codes[0]!] : codes) {
    const wanted = basics[key] && fold(basics[key], key);
    if (!wanted) continue;
    for (const user of tenant.users.values()) {
      const held = user[key];
      if (user !== self && held && fold(held, key) === wanted) throw new RequestError(422, code);
    }
  }
};

/** 422 for the first identifier that another user holds. Emails ignore case; usernames as the policy says. */
export function checkCollisions(tenant: Tenant, basics: Basics, self?: User): void {
  const usernamesByCase = tenant.signInExperience.usernamePolicy['caseSensitive'] !== false;
  refuseTaken(tenant, basics, self, (value, key) =>
    key === 'primaryEmail' || (key === 'username' && !usernamesByCase) ? value.toLowerCase() : value,
  );
}

/** The database's own unique indexes: they know of no case. */
export function checkUnique(tenant: Tenant, basics: Basics, self?: User): void {
  refuseTaken(tenant, basics, self, (value) => value);
}

/** PostgreSQL's varchar: counted in code points, NUL refused (a 500). */
export function checkLengths(basics: Basics): void {
  for (const [key, limit] of Object.entries(LENGTHS)) {
    const value = basics[key as keyof Basics];
    if (!value) continue;
    if (value.includes('\0')) throw new InternalError('NUL in text');
    if (value.length > limit && [...value].length > limit) {
      throw new RequestError(422, 'entity.value_too_long', {
        data: { message: `value too long for type character varying(${limit})` },
      });
    }
  }
}

/** Merges one level deep and puts the keys in Logto's order. */
export const mergeProfile = (old: UserProfile, patch: UserProfile): UserProfile =>
  userProfile.parse({ ...old, ...patch }) as UserProfile;
