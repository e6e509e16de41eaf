import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { fullFormats } from 'ajv-formats/dist/formats.js';
import { TEXT_FORMATS } from '../../../domain/fields/catalogue/formats.js';
import { ERROR_STATUS, type ErrorCode } from '../error-catalogue.js';
import { DE } from './de.js';
import { EN, type Messages } from './en.js';
import {
  detailText,
  fieldErrorText,
  LANGUAGES,
  titleText,
  type DetailMessage,
  type FieldMessage,
  type FormatName,
} from './messages.js';

/** Parameters for each text that takes any, by the types of the table: a new one does not compile without. */
type Samples<Texts> = {
  [Code in keyof Texts as Texts[Code] extends string ? never : Code]: Texts[Code] extends (
    params: infer Params,
  ) => string
    ? readonly [Params, ...Params[]]
    : never;
};

const FORMATS = [...Object.keys(TEXT_FORMATS), ...Object.keys(fullFormats)] as FormatName[];
const TYPES = ['string', 'boolean', 'integer', 'number', 'object', 'array', 'null'] as const;

const FIELD_SAMPLES: Samples<Messages['fieldErrors']> = {
  too_deep: [{ max: 16 }],
  empty: [{ nullClears: true }, { nullClears: false }],
  invalid_value: [{}, { values: ['a', 'b'] }],
  invalid_type: [{ types: TYPES }, ...TYPES.map((type) => ({ types: [type] }))],
  invalid_format: [{ pattern: '^[A-Z]$' }, ...FORMATS.map((format) => ({ format }))],
  invalid_length: [{ min: 1, max: 255 }],
  not_allowed: [{ values: ['m', 1, null] }],
  out_of_range: (['>=', '>', '<=', '<'] as const).map((comparison) => ({ comparison, limit: 18 })) as never,
  too_short: [{}, { min: 1 }, { min: 8 }],
  too_long: [{}, { max: 1 }, { max: 128 }],
  too_few: [
    { min: 2, of: 'items' },
    { min: 2, of: 'keys' },
  ],
  too_many: [
    { max: 2, of: 'items' },
    { max: 2, of: 'keys' },
    { max: 2, of: 'both' },
  ],
  too_large: [
    { max: 65_536, of: 'value' },
    { max: 900_000, of: 'customData' },
  ],
  character_types: [{}, { min: 3 }],
};
const CHANNEL_SAMPLES = [{ channel: 'email' }, { channel: 'phone' }] as const;
const DETAIL_SAMPLES: Samples<Messages['details']> = {
  too_deep: [{ max: 16 }],
  connector_missing: CHANNEL_SAMPLES,
  template_missing: CHANNEL_SAMPLES,
};

/** Every message of a table, those with parameters once for each sample. */
function messages<Message>(texts: object, samples: object): Message[] {
  return Object.entries(texts).flatMap(([code, text]) =>
    typeof text === 'string'
      ? [{ code } as Message]
      : (samples as Record<string, object[]>)[code]!.map((params) => ({ code, params }) as Message),
  );
}

const fieldMessages = messages<FieldMessage>(EN.fieldErrors, FIELD_SAMPLES);
const detailMessages = messages<DetailMessage>(EN.details, DETAIL_SAMPLES);

describe('texts', () => {
  it.each(LANGUAGES)('in %s are sentences, whatever the parameters', (language) => {
    const titles = (Object.keys(ERROR_STATUS) as ErrorCode[]).map((code) => titleText(code, language));
    const details = detailMessages.map((message) => detailText(message, language));
    const fieldErrors = fieldMessages.map((message) => fieldErrorText(message, language));
    const texts = [...titles, ...details, ...fieldErrors];
    expect(texts.length).toBeGreaterThan(150);
    expect(texts.filter((text) => !/^[A-ZÄÖÜ].*\.$/.test(text) || /undefined|NaN|\[object/.test(text))).toEqual([]);
  });

  it('take parameters in German where they do in English', () => {
    const kinds = (texts: object) => Object.entries(texts).map(([code, text]) => [code, typeof text]);
    expect(kinds(DE.details)).toEqual(kinds(EN.details));
    expect(kinds(DE.fieldErrors)).toEqual(kinds(EN.fieldErrors));
  });

  it('in English fit into a WWW-Authenticate header (RFC 6750 section 3)', () => {
    const descriptions = [
      ...Object.values(EN.details).filter((text) => typeof text === 'string'),
      EN.titles.step_up_required,
    ];
    expect(descriptions.filter((text) => !/^[\x20\x21\x23-\x5B\x5D-\x7E]+$/.test(text))).toEqual([]);
  });

  it.each<[FieldMessage, string, string]>([
    [
      { code: 'too_large', params: { max: 65_536, of: 'value' } },
      'Must not exceed 65,536 bytes.',
      'Darf höchstens 65.536 Byte groß sein.',
    ],
    [
      { code: 'out_of_range', params: { comparison: '>=', limit: 0.000_1 } },
      'Must be at least 0.0001.',
      'Muss mindestens 0,0001 sein.',
    ],
    [
      { code: 'too_short', params: { min: 1 } },
      'Must be at least 1 character long.',
      'Muss mindestens 1 Zeichen lang sein.',
    ],
    [
      { code: 'too_many', params: { max: 1_000, of: 'both' } },
      'Must not have more than 1,000 keys and items in total.',
      'Darf insgesamt höchstens 1.000 Schlüssel und Einträge haben.',
    ],
    [
      { code: 'invalid_type', params: { types: ['integer', 'array', 'null'] } },
      'Must be an integer, an array, or null.',
      'Muss eine ganze Zahl, ein Array oder null sein.',
    ],
    [{ code: 'not_allowed', params: { values: ['m', 'f'] } }, 'Must be "m" or "f".', 'Muss "m" oder "f" sein.'],
    [
      { code: 'invalid_format', params: { format: 'email' } },
      'Must be a valid email address.',
      'Muss eine gültige E-Mail-Adresse sein.',
    ],
  ])('format the parameters of %j for the language', (message, english, german) => {
    expect([fieldErrorText(message, 'en'), fieldErrorText(message, 'de')]).toEqual([english, german]);
  });
});

describe('docs/errors.md', () => {
  it('lists every code with its status, and no other', () => {
    const page = readFileSync(new URL('../../../../docs/errors.md', import.meta.url), 'utf8');
    const rows = [...page.matchAll(/^\| <a id="(\w+)"><\/a>`(\w+)` *\| (\d{3}) /gm)];
    const listed = Object.fromEntries(
      rows.map(([, id, code, status]) => [code === id ? code : `${id}?`, Number(status)]),
    );
    expect(listed).toEqual(ERROR_STATUS);
  });
});
