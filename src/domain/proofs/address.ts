import { isEmail } from 'class-validator';
import { parsePhoneNumberFromString } from 'libphonenumber-js';
import type { FieldError } from '../../platform/errors/problem-error.js';

export type AddressKind = 'email' | 'phone';

/** More than the national zeros of any number; without a limit, a cycle would never end. */
const MAX_PASSES = 16;
/** The width of both columns in Logto's database. */
const MAX_LENGTH = 128;

/**
 * The form of an email address in which this service sends, stores and compares it: trimmed, with the domain in lower
 * case (RFC 5321 section 2.4: only the domain is always case-insensitive). Returns a FieldError at `pointer` for a
 * value that is not an address or that Logto could not store.
 */
export function canonicalEmail(value: unknown, pointer: string): string | FieldError {
  const invalid: FieldError = { pointer, code: 'invalid_email' };
  if (typeof value !== 'string') return invalid;
  const email = value.trim();
  // Logto rejects white space (`^\S+@\S+\.\S+$`); isEmail accepts it in quotes.
  if (email.length > MAX_LENGTH || /\s/.test(email) || !isEmail(email)) return invalid;
  const at = email.lastIndexOf('@');
  return email.slice(0, at) + email.slice(at).toLowerCase();
}

/**
 * A phone number as E.164 digits without `+`, as Logto stores it. Accepted with or without `+`, and with the visual
 * separators of RFC 3966. libphonenumber drops one national zero at a time, so that 4407700900123 becomes 447700900123.
 * This is repeated until nothing changes: Logto does it once more, and would store another number than the verified
 * one. Returns a FieldError at `pointer` for a number that is not possible.
 */
export function canonicalPhone(value: unknown, pointer: string): string | FieldError {
  const invalid: FieldError = { pointer, code: 'invalid_phone' };
  if (typeof value !== 'string' || value.length > MAX_LENGTH || !/^\s*\+?[0-9][0-9 ().-]*$/.test(value)) return invalid;
  let digits = value.replace(/[^0-9]/g, '');
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    const phone = parsePhoneNumberFromString(`+${digits}`);
    if (!phone?.isPossible()) return invalid;
    const canonical = phone.number.slice(1);
    if (canonical === digits) return digits;
    digits = canonical;
  }
  return invalid;
}

export const canonicalAddress = (kind: AddressKind, value: unknown, pointer: string): string | FieldError =>
  kind === 'email' ? canonicalEmail(value, pointer) : canonicalPhone(value, pointer);

/**
 * The key under which an address is limited, stored and compared: case-insensitive, and the same for an address that
 * Logto stores in another form, set by an administrator.
 */
export function addressKey(kind: AddressKind, address: string): string {
  const canonical = canonicalAddress(kind, address, '');
  return (typeof canonical === 'string' ? canonical : address.trim()).toLowerCase();
}

export const sameAddress = (kind: AddressKind, a: string, b: string): boolean =>
  addressKey(kind, a) === addressKey(kind, b);
