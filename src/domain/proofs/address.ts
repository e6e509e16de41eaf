import { isEmail } from 'class-validator';
import { parsePhoneNumberFromString } from 'libphonenumber-js';
import type { FieldError } from '../../platform/errors/problem-error.js';

export type AddressKind = 'email' | 'phone';

/** More than any number has national zeros; a rule that went in circles would otherwise never end. */
const MAX_PASSES = 16;
/** Logto's column width for both. */
const MAX_LENGTH = 128;

/**
 * An email as this service sends, stores and compares it: trimmed, domain in lower case (RFC 5321 section 2.4: only the
 * domain is surely case-insensitive). A FieldError at `pointer` for what is no address, or what Logto would not hold.
 */
export function canonicalEmail(value: unknown, pointer: string): string | FieldError {
  const refused: FieldError = { pointer, code: 'invalid_email' };
  if (typeof value !== 'string') return refused;
  const email = value.trim();
  // Logto rejects any blank (`^\S+@\S+\.\S+$`); isEmail accepts a quoted one.
  if (email.length > MAX_LENGTH || /\s/.test(email) || !isEmail(email)) return refused;
  const at = email.lastIndexOf('@');
  return email.slice(0, at) + email.slice(at).toLowerCase();
}

/**
 * A phone number as E.164 digits without `+`, as Logto stores it; taken with or without `+`, and with the visual separators
 * of RFC 3966. libphonenumber drops a national zero, so 4407700900123 is 447700900123, and one at a time: done until nothing
 * changes, since Logto does it once more, and would store another number than the one verified. A FieldError at
 * `pointer` for a number that is not possible.
 */
export function canonicalPhone(value: unknown, pointer: string): string | FieldError {
  const refused: FieldError = { pointer, code: 'invalid_phone' };
  if (typeof value !== 'string' || value.length > MAX_LENGTH || !/^\s*\+?[0-9][0-9 ().-]*$/.test(value)) return refused;
  let digits = value.replace(/[^0-9]/g, '');
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    const phone = parsePhoneNumberFromString(`+${digits}`);
    if (!phone?.isPossible()) return refused;
    const canonical = phone.number.slice(1);
    if (canonical === digits) return digits;
    digits = canonical;
  }
  return refused;
}

export const canonicalAddress = (kind: AddressKind, value: unknown, pointer: string): string | FieldError =>
  kind === 'email' ? canonicalEmail(value, pointer) : canonicalPhone(value, pointer);

/**
 * The key under which an address is limited, remembered and compared: letter case does not count, and an address that
 * Logto holds in another spelling (set by an administrator) meets its canonical one.
 */
export function addressKey(kind: AddressKind, address: string): string {
  const canonical = canonicalAddress(kind, address, '');
  return (typeof canonical === 'string' ? canonical : address.trim()).toLowerCase();
}

export const sameAddress = (kind: AddressKind, a: string, b: string): boolean =>
  addressKey(kind, a) === addressKey(kind, b);
