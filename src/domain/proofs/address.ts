import { domainToASCII, domainToUnicode } from 'node:url';
import { isEmail } from 'class-validator';
import { parsePhoneNumberFromString } from 'libphonenumber-js';
import type { FieldError } from '../../platform/errors/problem-error.js';
import { phoneDigits } from '../../platform/phone-digits.js';

export type AddressKind = 'email' | 'phone';

/** More than the national zeros of any number; without a limit, a cycle would never end. */
const MAX_PASSES = 16;
/** The width of both columns in Logto's database, and the `maxLength` of both fields. */
const MAX_LENGTH = 128;

/** Unlike `trim`, without U+FEFF, U+2028 and U+2029: these are invisible, so they are rejected and not removed. */
const OUTER_SPACE = /^[\t-\r\p{Zs}]+|[\t-\r\p{Zs}]+$/gu;
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;
/** ASCII characters that a domain cannot contain, but that the URL parser behind `domainToASCII` would interpret. */
const NOT_IN_DOMAIN = /[^A-Za-z0-9.\u{80}-\u{10FFFF}-]/u;

/**
 * The form of an email address in which this service sends, stores and compares it: trimmed, with the domain in its
 * ASCII form. The local part keeps its letter case (RFC 5321 section 2.4: only the domain is always case-insensitive).
 * Returns a FieldError at `pointer` for a value that is not an address or that Logto could not store, for a quoted
 * local part, and for invisible characters, with which two different addresses look the same.
 */
export function canonicalEmail(value: unknown, pointer: string): string | FieldError {
  const invalid: FieldError = { pointer, code: 'invalid_email' };
  if (typeof value !== 'string' || value.length > MAX_LENGTH) return invalid;
  const given = trim(value);
  if (INVISIBLE.test(given) || /[\s"]/.test(given)) return invalid;
  const email = withAsciiDomain(given);
  return email !== undefined && email.length <= MAX_LENGTH && isEmail(email) ? email : invalid;
}

/**
 * A phone number as E.164 digits without `+`, as Logto stores it. Accepted with or without `+` or a leading 00, with
 * separators, and with the decimal digits of any script. libphonenumber drops one national zero at a time, so that
 * 4407700900123 becomes 447700900123. This is repeated until nothing changes: Logto does it once more, and would store
 * another number than the verified one. Returns a FieldError at `pointer` for a number that is not possible or has no
 * country code.
 */
export function canonicalPhone(value: unknown, pointer: string): string | FieldError {
  const invalid: FieldError = { pointer, code: 'invalid_phone' };
  if (typeof value !== 'string' || value.length > MAX_LENGTH) return invalid;
  const number = phoneDigits(value);
  if (!/^\+?\d+$/.test(number)) return invalid;
  if (/^0[1-9]/.test(number)) return { pointer, code: 'country_code_missing' };
  let digits = number.replace(/^(\+|00)/, '');
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
 * The key under which an address is limited, stored and compared. Every string has one, because an administrator can
 * store an address in Logto that would be rejected as a new one. Only A–Z is folded: `toLowerCase` would turn the
 * Kelvin sign into a k, and so one mailbox into another.
 */
export function addressKey(kind: AddressKind, address: string): string {
  const trimmed = trim(address);
  if (kind === 'email') return foldAscii(withAsciiDomain(trimmed) ?? trimmed);
  const canonical = canonicalPhone(address, '');
  return typeof canonical === 'string' ? canonical : trimmed;
}

/**
 * The forms in which Logto may have stored an address: an administrator can enter a domain in Unicode. Logto itself ignores the letter
 * case of emails.
 */
export function storedForms(kind: AddressKind, address: string): string[] {
  if (kind === 'phone') return [address];
  const at = address.lastIndexOf('@') + 1;
  return [...new Set([address, address.slice(0, at) + domainToUnicode(address.slice(at))])];
}

/** Whether both are the same address, possibly in different forms. */
export const sameAddress = (kind: AddressKind, a: string, b: string): boolean =>
  addressKey(kind, a) === addressKey(kind, b);

const trim = (text: string) => text.replace(OUTER_SPACE, '');
const foldAscii = (text: string) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

/** The address with its domain in lower case and Punycode, or undefined if the domain has no such form. */
function withAsciiDomain(email: string): string | undefined {
  const at = email.lastIndexOf('@') + 1;
  const domain = email.slice(at);
  const ascii = NOT_IN_DOMAIN.test(domain) ? '' : domainToASCII(domain);
  return ascii === '' || !ascii.split('.').every(isLabel) ? undefined : email.slice(0, at) + ascii;
}

/** Whether a Punycode label stands for another text, and only for that one. Node's versions differ in what they accept. */
function isLabel(label: string): boolean {
  if (!label.startsWith('xn--')) return true;
  const text = domainToUnicode(label);
  return /[\u{80}-\u{10FFFF}]/u.test(text) && domainToASCII(text) === label;
}
