import type { FormatName } from '../../../platform/errors/messages/messages.js';
import type { JsonSchema } from './json-schema.js';

export interface TextFormat {
  readonly accepts: (text: string) => boolean;
  /** The nearest thing in standard JSON Schema, for the published schemas. */
  readonly standard: JsonSchema;
}

// Controls, line and paragraph separators, and the marks that turn the direction of what follows. Written out, since
// the published patterns are read by engines that know no \p{…}.
const UNPRINTABLE = String.raw`\u0000-\u001F\u007F-\u009F\u2028\u2029\u202A-\u202E\u2066-\u2069`;
const LINE = String.raw`^[^${UNPRINTABLE}]*$`;
const LINES = String.raw`^([^${UNPRINTABLE}]|[\t\r\n])*$`;
const HTTP_URL = String.raw`^[Hh][Tt][Tt][Pp][Ss]?://[^\s\\${UNPRINTABLE}]+$`;
const BIRTHDATE = String.raw`^\d{4}(-\d{2}-\d{2})?$`;
const LANGUAGE_TAG = String.raw`^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$`;

const matches = (pattern: string) => {
  const expression = new RegExp(pattern, 'u');
  return (text: string) => expression.test(text) && !/\p{Cs}/u.test(text); // No half of a surrogate pair.
};

const isOneLine = matches(LINE);
const looksLikeHttpUrl = matches(HTTP_URL);

/** Formats of text that a field's schema may name besides those of ajv-formats. */
export const TEXT_FORMATS: Readonly<Record<string, TextFormat>> = {
  line: {
    // Two searches, since one pattern for both takes quadratic time on text that is wrong at its end.
    accepts: (text) => isOneLine(text) && /\S/.test(text),
    standard: { pattern: LINE, minLength: 1 },
  },
  lines: {
    accepts: matches(LINES),
    standard: { pattern: LINES },
  },
  // Logto stores `javascript:` and `data:` URLs as they come; credentials would be shown to everyone who sees the page.
  'http-url': {
    accepts: isHttpUrl,
    standard: { format: 'uri', pattern: HTTP_URL },
  },
  birthdate: {
    accepts: isBirthdate,
    standard: { pattern: BIRTHDATE },
  },
  'time-zone': {
    accepts: isTimeZone,
    standard: {},
  },
  'language-tag': {
    accepts: isLanguageTag,
    standard: { pattern: LANGUAGE_TAG },
  },
} satisfies Partial<Record<FormatName, TextFormat>>;

function isHttpUrl(text: string): boolean {
  if (!looksLikeHttpUrl(text) || !URL.canParse(text)) return false;
  const { username, password } = new URL(text);
  return username === '' && password === '';
}

/** OpenID Connect Core 1.0 section 5.1, claim `birthdate`. */
function isBirthdate(text: string): boolean {
  const [, year, , month, day] = /^(\d{4})(-(\d{2})-(\d{2}))?$/.exec(text) ?? [];
  if (year === undefined) return false;
  if (month === undefined) return year !== '0000';
  // Without a year 29 February may be right; 2000 had one. As text, since a year below 100 means 19xx to Date.UTC.
  const date = new Date(`${year === '0000' ? '2000' : year}-${month}-${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.getUTCDate() === Number(day);
}

function isTimeZone(text: string): boolean {
  if (!/^[A-Za-z][\w+-]*(\/[\w+-]+)*$/.test(text)) return false; // Intl takes offsets such as +01:00 too.
  try {
    const canonical = new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone;
    // Intl ignores case, other programs that read the claim do not. An alias resolves to another name.
    return canonical === text || canonical.toLowerCase() !== text.toLowerCase();
  } catch {
    return false;
  }
}

/** BCP 47 (RFC 5646), well-formed. */
export function isLanguageTag(text: string): boolean {
  try {
    return Intl.getCanonicalLocales(text).length === 1;
  } catch {
    return false;
  }
}
