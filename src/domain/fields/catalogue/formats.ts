import type { FormatName } from '../../../platform/errors/messages/messages.js';
import type { JsonSchema } from './json-schema.js';

export interface TextFormat {
  readonly accepts: (text: string) => boolean;
  /** The closest rule in standard JSON Schema, for the published schemas. */
  readonly standard: JsonSchema;
}

// Control characters, line and paragraph separators, and marks that change the direction of text. Listed one by one, because not every
// engine that reads the published patterns supports \p{…}.
const UNPRINTABLE = String.raw`\u0000-\u001F\u007F-\u009F\u2028\u2029\u202A-\u202E\u2066-\u2069`;
const LINE = String.raw`^[^${UNPRINTABLE}]*$`;
const LINES = String.raw`^([^${UNPRINTABLE}]|[\t\r\n])*$`;
const HTTP_URL = String.raw`^[Hh][Tt][Tt][Pp][Ss]?://[^\s\\${UNPRINTABLE}]+$`;
const BIRTHDATE = String.raw`^\d{4}(-\d{2}-\d{2})?$`;
const LANGUAGE_TAG = String.raw`^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$`;

const matches = (pattern: string) => {
  const expression = new RegExp(pattern, 'u');
  return (text: string) => expression.test(text) && !/\p{Cs}/u.test(text); // Rejects lone surrogates.
};

const isOneLine = matches(LINE);
const looksLikeHttpUrl = matches(HTTP_URL);

/** Formats for schemas, in addition to those of ajv-formats. */
export const TEXT_FORMATS: Readonly<Record<string, TextFormat>> = {
  line: {
    // Two searches: a single pattern takes quadratic time for a text that is invalid at its end.
    accepts: (text) => isOneLine(text) && /\S/.test(text),
    standard: { pattern: LINE, minLength: 1 },
  },
  lines: {
    accepts: matches(LINES),
    standard: { pattern: LINES },
  },
  // Logto accepts `javascript:` and `data:` URLs. Credentials in a URL would be visible to everyone who sees the page.
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
  // Without a year, 29 February is valid, as in 2000. Parsed from text, because Date.UTC treats a year below 100 as 19xx.
  const date = new Date(`${year === '0000' ? '2000' : year}-${month}-${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.getUTCDate() === Number(day);
}

function isTimeZone(text: string): boolean {
  if (!/^[A-Za-z][\w+-]*(\/[\w+-]+)*$/.test(text)) return false; // Intl also accepts offsets such as +01:00.
  try {
    const canonical = new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone;
    // Intl ignores case; other programs that read the claim do not. An alias resolves to another name.
    return canonical === text || canonical.toLowerCase() !== text.toLowerCase();
  } catch {
    return false;
  }
}

/** Whether the tag is well-formed (BCP 47, RFC 5646). */
export function isLanguageTag(text: string): boolean {
  try {
    return Intl.getCanonicalLocales(text).length === 1;
  } catch {
    return false;
  }
}
