import { parse as parseLanguageTag } from 'bcp-47';
import type { FormatName } from '../../../platform/errors/messages/messages.js';
import { phoneDigits } from '../../../platform/phone-digits.js';
import type { JsonSchema } from './json-schema.js';
import type { ServerRule } from './server-rules.js';
import { SUBTAGS, TIME_ZONES } from './registered-names.js';

export interface TextFormat {
  /** @param now milliseconds since the epoch */
  readonly accepts: (text: string, now: number) => boolean;
  /** The closest rule in standard JSON Schema, for the published schemas. */
  readonly standard: JsonSchema;
  /** A list that is too long for the types of a client: only for the schema of forms. */
  readonly form?: JsonSchema;
  /** What `accepts` rejects and neither rule does. */
  readonly serverRule?: ServerRule;
}

// Control characters, line and paragraph separators, and marks that change the direction of text. Listed one by one, because not every
// engine that reads the published patterns supports \p{…}.
const UNPRINTABLE = String.raw`\u0000-\u001F\u007F-\u009F\u2028\u2029\u202A-\u202E\u2066-\u2069`;
// Printable characters of which nothing is seen: spaces, joiners, fillers and variation selectors, as far as a pattern can list them.
const BLANK = String.raw` \u00A0\u00AD\u034F\u061C\u115F\u1160\u1680\u17B4\u17B5\u180B-\u180F\u2000-\u200F\u202F\u205F-\u2065\u206A-\u206F\u2800\u3000\u3164\uFDD0-\uFDEF\uFE00-\uFE0F\uFEFF\uFFA0\uFFF0-\uFFFC\uFFFE\uFFFF`;
// The classes before and after the first visible character exclude each other, so that matching takes linear time.
const LINE = String.raw`^[${BLANK}]*[^${BLANK}${UNPRINTABLE}][^${UNPRINTABLE}]*$`;
const LINES = String.raw`^([${BLANK}\t\r\n]*[^${BLANK}${UNPRINTABLE}]([^${UNPRINTABLE}]|[\t\r\n])*)?$`;
// IRIs too, as browsers show them, which are no URIs of RFC 3986. Without credentials: no @ before the path.
const HTTP_URL = String.raw`^[Hh][Tt][Tt][Pp][Ss]?://[^/?#@\s\\${UNPRINTABLE}]+([/?#][^\s\\${UNPRINTABLE}]*)?$`;
/** The offset of the first time zone in which a day begins. */
const FIRST_TIME_ZONE_MS = 14 * 3_600_000;
// A pattern of all accepted separators and digits would need \p{…}.
export const PHONE = '^[^A-Za-z]+$';
// A year but 0000, or a day of a year. The year 0000 stands for none, and has 29 days in February.
const YEAR = String.raw`\d{3}[1-9]|\d{2}[1-9]0|\d[1-9]00|[1-9]000`;
const LEAP_YEAR = String.raw`\d\d(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00`;
const DAY = String.raw`(0[13578]|1[02])-(0[1-9]|[12]\d|3[01])|(0[469]|11)-(0[1-9]|[12]\d|30)|02-(0[1-9]|1\d|2[0-8])`;
const BIRTHDATE = String.raw`^(${YEAR}|\d{4}-(${DAY})|(${LEAP_YEAR})-02-29)$`;
const LANGUAGE_TAG = String.raw`^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$`;

const matches = (pattern: string) => {
  const expression = new RegExp(pattern, 'u');
  return (text: string) => expression.test(text) && !/\p{Cs}/u.test(text); // Rejects lone surrogates.
};

/**
 * A character that is seen on its own. Unlike BLANK, this also excludes combining marks and characters outside the Basic Multilingual
 * Plane: tags, variation selectors and musical controls. U+2800 is the Braille pattern without dots, U+1D159 a note without a head.
 */
const VISIBLE =
  /[^\p{Z}\p{Cc}\p{Cf}\p{Cs}\p{M}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2800\uFFFC\u{1D159}]/u;

const isOneLine = matches(LINE);
const isLines = matches(LINES);
const looksLikeHttpUrl = matches(HTTP_URL);
const isYearOrDate = matches(BIRTHDATE);

/** Formats for schemas, in addition to those of ajv-formats. */
export const TEXT_FORMATS: Readonly<Record<string, TextFormat>> = {
  line: {
    accepts: (text) => isOneLine(text) && VISIBLE.test(text),
    standard: { pattern: LINE, minLength: 1 },
    serverRule: 'visible-text',
  },
  lines: {
    accepts: (text) => isLines(text) && (text === '' || VISIBLE.test(text)),
    standard: { pattern: LINES },
    serverRule: 'visible-text',
  },
  // Logto accepts `javascript:` and `data:` URLs. Credentials in a URL would be visible to everyone who sees the page.
  'http-url': {
    accepts: (text) => looksLikeHttpUrl(text) && isUrl(text),
    standard: { pattern: HTTP_URL },
    serverRule: 'url',
  },
  phone: {
    // As short as an emergency number, at most as long as E.164 allows; a national number has no country code.
    accepts: (text) => /^\+?\d{3,15}$/.test(phoneDigits(text)),
    standard: { pattern: PHONE },
    serverRule: 'phone-number',
  },
  birthdate: {
    accepts: isBirthdate,
    standard: { pattern: BIRTHDATE },
    serverRule: 'not-in-future',
  },
  'time-zone': {
    accepts: (text) => TIME_ZONES.has(text),
    standard: {},
    form: { enum: [...TIME_ZONES] },
  },
  'language-tag': {
    accepts: isLanguageTag,
    standard: { pattern: LANGUAGE_TAG },
    serverRule: 'registered-subtags',
  },
} satisfies Partial<Record<FormatName, TextFormat>>;

/** Not by `URL.canParse()`: optimized by Node 20, it rejects hosts with Latin-1 letters, such as `bücher.example`. */
function isUrl(text: string): boolean {
  try {
    return Boolean(new URL(text));
  } catch {
    return false;
  }
}

/** OpenID Connect Core 1.0 section 5.1, claim `birthdate`, and not in the future in the first time zone of a new day. */
function isBirthdate(text: string, now: number): boolean {
  const today = new Date(now + FIRST_TIME_ZONE_MS).toISOString();
  return isYearOrDate(text) && text <= today.slice(0, text.length);
}

/** Singletons of registered extensions (RFC 6067, RFC 6497). */
const EXTENSIONS = ['u', 't'];

/** Whether the tag is well-formed (BCP 47, RFC 5646) and all its subtags are registered. Letter case does not matter. */
export function isLanguageTag(text: string): boolean {
  const tag = parseLanguageTag(text, { normalize: false });
  if (!tag.language) return false;
  return (
    isRegistered('language', tag.language) &&
    tag.extendedLanguageSubtags.every((subtag) => isRegistered('extlang', subtag)) &&
    (!tag.script || isRegistered('script', tag.script)) &&
    (!tag.region || isRegistered('region', tag.region)) &&
    tag.variants.every((subtag) => isRegistered('variant', subtag)) &&
    tag.extensions.every(({ singleton }) => EXTENSIONS.includes(singleton.toLowerCase())) &&
    [tag.variants, tag.extensions.map(({ singleton }) => singleton)].every(areUnique)
  );
}

const areUnique = (subtags: readonly string[]): boolean =>
  new Set(subtags.map((subtag) => subtag.toLowerCase())).size === subtags.length;

/** The ranges of the registry have as many letters at both ends, so that they can be compared as text. */
const RANGES = Object.entries(SUBTAGS).flatMap(([type, subtags]) =>
  [...subtags].filter((each) => each.includes('..')).map((range) => [type, ...range.split('..')] as const),
);

function isRegistered(type: keyof typeof SUBTAGS, text: string): boolean {
  const subtag = text.toLowerCase();
  const isInRange = ([ofType, first, last]: readonly (string | undefined)[]) =>
    ofType === type && subtag.length === first!.length && first! <= subtag && subtag <= last!;
  return SUBTAGS[type].has(subtag) || RANGES.some(isInRange);
}
