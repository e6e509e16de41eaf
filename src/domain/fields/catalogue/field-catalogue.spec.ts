import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { FieldMessage } from '../../../platform/errors/messages/messages.js';
import type { Json } from '../../../platform/json/json.js';
import type { JsonSchema } from './json-schema.js';
import { buildCatalogue, loadCatalogueFile } from './load-catalogue.js';
import { stores } from '../../../../test/support/stores.js';

const sample = loadCatalogueFile(fileURLToPath(new URL('../../../../profile-fields.yaml', import.meta.url)), stores);
const validate = (values: Record<string, Json>) =>
  sample.validate(values).map(({ pointer, code }) => `${pointer} ${code}`);
const url = (length: number) => `https://example.com/${'a'.repeat(length - 20)}`;

describe('values of Logto fields', () => {
  it.each<[string, Json]>([
    ['username', 'alice_1'],
    ['primaryEmail', 'Alice+tag@example.com'],
    ['primaryPhone', '+4407700900123'],
    ['name', '😀'.repeat(64)],
    ['name', 'Zoë "Zo" O’Neill 3rd — 王'],
    ['avatar', url(2048)],
    ['website', 'HTTP://example.com:8080/a?b=c#d'],
    ['gender', 'non-binary'],
    ['birthdate', '1990-02-28'],
    ['birthdate', '2000-02-29'],
    ['birthdate', '0099-12-31'],
    ['birthdate', '1990'],
    ['birthdate', '0000-02-29'],
    ['zoneinfo', 'Europe/Berlin'],
    ['zoneinfo', 'America/Argentina/Buenos_Aires'],
    ['zoneinfo', 'Asia/Kolkata'],
    ['zoneinfo', 'Etc/GMT+5'],
    ['zoneinfo', 'UTC'],
    ['locale', 'de'],
    ['locale', 'zh-Hant-TW'],
    ['address', { formatted: '1 Main Street\r\nSpringfield', country: 'US' }],
    ['address', {}],
    ['emergencyContact', { phone: '(555) 010-0001' }],
    ['emergencyContact', { phone: '\u202A+49\u00A0351\u2011496\u202C' }],
  ])('accept %s: %j', (name, value) => {
    expect(validate({ [name]: value })).toEqual([]);
  });

  it.each<[string, Json, string]>([
    ['username', '1alice', '/username invalid_format'],
    ['username', 'al ice', '/username invalid_format'],
    ['username', 'a'.repeat(129), '/username too_long'],
    ['primaryEmail', 'alice', '/primaryEmail invalid_format'],
    ['primaryEmail', 'a b@example.com', '/primaryEmail invalid_format'],
    ['primaryEmail', `${'a'.repeat(120)}@example.com`, '/primaryEmail too_long'],
    ['primaryEmail', '@.'.repeat(30_000), '/primaryEmail too_long'],
    ['primaryPhone', 'one', '/primaryPhone invalid_format'],
    ['name', 'a'.repeat(129), '/name too_long'],
    ['name', '😀'.repeat(65), '/name too_long'],
    ['name', 'a\u0000b', '/name invalid_format'],
    ['name', 'a\nb', '/name invalid_format'],
    ['name', 'a\u0085b', '/name invalid_format'],
    ['name', 'exe\u202Egpj', '/name invalid_format'],
    ['name', '\ud800', '/name invalid_format'],
    ['name', `${'a'.repeat(60_000)}\u0000`, '/name too_long'],
    ['name', '   ', '/name invalid_format'],
    ['name', '', '/name empty'],
    ['name', 7, '/name invalid_type'],
    ['avatar', 'javascript:alert(1)', '/avatar invalid_format'],
    ['avatar', 'data:image/png;base64,AA==', '/avatar invalid_format'],
    ['avatar', ' https://example.com/a.png', '/avatar invalid_format'],
    ['avatar', 'https://user:secret@example.com/a.png', '/avatar invalid_format'],
    ['avatar', 'https://user@example.com/a.png', '/avatar invalid_format'],
    ['avatar', 'https:\\\\example.com', '/avatar invalid_format'],
    ['avatar', 'https://', '/avatar invalid_format'],
    ['avatar', 'https://exa\nmple.com', '/avatar invalid_format'],
    ['avatar', url(2049), '/avatar too_long'],
    ['website', 'ftp://example.com', '/website invalid_format'],
    ['birthdate', '1990-02-30', '/birthdate invalid_format'],
    ['birthdate', '1900-02-29', '/birthdate invalid_format'],
    ['birthdate', '1990-13-01', '/birthdate invalid_format'],
    ['birthdate', '1990-02', '/birthdate invalid_format'],
    ['birthdate', '0000', '/birthdate invalid_format'],
    ['birthdate', '28.02.1990', '/birthdate invalid_format'],
    ['zoneinfo', 'Europe/Atlantis', '/zoneinfo invalid_format'],
    ['zoneinfo', 'europe/berlin', '/zoneinfo invalid_format'],
    ['zoneinfo', '+01:00', '/zoneinfo invalid_format'],
    ['locale', 'en_US', '/locale invalid_format'],
    ['locale', 'x', '/locale invalid_format'],
    ['address', { zip: '1' }, '/address/zip unknown_field'],
    ['address', { 'a/b~': '1' }, '/address/a~1b~0 unknown_field'],
    ['address', { country: 7 }, '/address/country invalid_type'],
    ['address', { country: '' }, '/address/country invalid_format'],
    ['address', { country: null }, '/address/country invalid_type'],
    ['address', 'Springfield', '/address invalid_type'],
  ])('reject %s: %j', (name, value, expected) => {
    expect(validate({ [name]: value })).toEqual([expected]);
  });

  it('must not be a birthdate after the date of the clock', () => {
    const clock = { now: () => Date.parse('1990-02-28T12:00:00Z') };
    const catalogue = buildCatalogue({ fields: { birthdate: { store: 'logto' } } }, stores, { clock });
    expect(catalogue.validate({ birthdate: '1990-03-01' })).toEqual([]);
    expect(catalogue.validate({ birthdate: '1990-03-02' })).toMatchObject([{ code: 'invalid_format' }]);
  });

  it('accept null for every field', () => {
    expect(validate(Object.fromEntries([...sample.fields.keys()].map((name) => [name, null])))).toEqual([]);
  });

  it('are limited in UTF-16 units, as Logto counts', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 }), (name) => {
        fc.pre(sample.validate({ name }).length === 0);
        expect(name.length).toBeLessThanOrEqual(128);
      }),
    );
  });
});

describe('values of custom fields', () => {
  it('are reported all at once, each with a pointer', () => {
    const values = { shippingAddress: { country: 'de', postalCode: 1, planet: 'Mars' }, newsletter: 'yes', taxId: '!' };
    expect(validate({ ...values, givenName: 'Alice' }).sort()).toEqual([
      '/newsletter invalid_type',
      '/shippingAddress/country invalid_format',
      '/shippingAddress/planet unknown_field',
      '/shippingAddress/postalCode invalid_type',
      '/taxId invalid_format',
    ]);
  });

  it('are reported as unknown if the catalogue does not have the field', () => {
    expect(validate({ 'shoe/size': 42, toString: 1 })).toEqual([
      '/shoe~1size unknown_field',
      '/toString unknown_field',
    ]);
  });

  it('are limited in size, number of keys and depth', () => {
    const keys = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 1]));
    let deep: Json = 1;
    for (let level = 0; level < 15; level += 1) deep = { a: deep };
    expect(validate({ preferences: keys(1000) })).toEqual([]);
    expect(validate({ preferences: keys(1001) })).toEqual(['/preferences too_many']);
    expect(validate({ preferences: { a: Array<Json>(1000).fill(0) } })).toEqual(['/preferences too_many']);
    expect(validate({ preferences: { a: 'ä'.repeat(131_060) } })).toEqual([]);
    expect(validate({ preferences: { a: 'ä'.repeat(131_070) } })).toEqual(['/preferences too_large']);
    expect(validate({ preferences: deep })).toEqual([]);
    expect(validate({ preferences: { a: deep } })).toEqual(['/preferences too_deep']);
  });

  it('that match no alternative of a schema are reported once', () => {
    const schema = { anyOf: [{ type: 'string' }, { type: 'object', required: ['a'] }] };
    const catalogue = buildCatalogue({ fields: { x: { store: 'database', schema } } }, stores);
    expect(catalogue.validate({ x: {} })).toEqual([{ pointer: '/x', code: 'invalid_value', params: {} }]);
  });

  it.each<[JsonSchema, Json, FieldMessage]>([
    [{ type: 'integer' }, 'x', { code: 'invalid_type', params: { types: ['integer'] } }],
    [{ type: ['boolean', 'array'] }, 'x', { code: 'invalid_type', params: { types: ['boolean', 'array'] } }],
    [{ type: 'string', maxLength: 2 }, 'abc', { code: 'too_long', params: { max: 2 } }],
    [{ type: 'string', maxLength: 2 }, 'abcdef', { code: 'too_long', params: { max: 2 } }],
    // The pattern is not tried with a text that is far too long.
    [{ type: 'string', maxLength: 2, pattern: '^b' }, 'aaaaa', { code: 'too_long', params: { max: 2 } }],
    [{ type: 'string', maxLength: 2, pattern: '^b' }, 'aa', { code: 'invalid_format', params: { pattern: '^b' } }],
    [{ type: 'string', 'x-maxUtf16Length': 2 }, '😀😀', { code: 'too_long', params: { max: 2 } }],
    [{ type: 'string', minLength: 4 }, 'abc', { code: 'too_short', params: { min: 4 } }],
    [{ type: 'string', pattern: '^[A-Z]+$' }, 'a', { code: 'invalid_format', params: { pattern: '^[A-Z]+$' } }],
    [{ type: 'string', format: 'uuid' }, 'a', { code: 'invalid_format', params: { format: 'uuid' } }],
    [{ enum: ['m', 1] }, 'x', { code: 'not_allowed', params: { values: ['m', 1] } }],
    [{ const: 'm' }, 'x', { code: 'not_allowed', params: { values: ['m'] } }],
    [{ type: 'number', minimum: 1.5 }, 1, { code: 'out_of_range', params: { comparison: '>=', limit: 1.5 } }],
    [{ type: 'number', exclusiveMaximum: 1 }, 1, { code: 'out_of_range', params: { comparison: '<', limit: 1 } }],
    [{ type: 'array', minItems: 2 }, [1], { code: 'too_few', params: { min: 2, of: 'items' } }],
    [{ type: 'array', maxItems: 1 }, [1, 2], { code: 'too_many', params: { max: 1, of: 'items' } }],
    [{ type: 'array', uniqueItems: true }, [1, 1], { code: 'duplicate' }],
    [{ type: 'object', minProperties: 2 }, { a: 1 }, { code: 'too_few', params: { min: 2, of: 'keys' } }],
    [
      { type: 'object', maxProperties: 1 },
      { a: 1, b: 1 },
      { code: 'too_many', params: { max: 1, of: 'keys' } },
    ],
  ])('that %j rejects come with its parameters: %j', (schema, value, expected) => {
    const catalogue = buildCatalogue({ fields: { x: { store: 'database', schema } } }, stores);
    expect(catalogue.validate({ x: value })).toEqual([{ pointer: '/x', ...expected }]);
  });

  it('does not try a pattern with a part that is far too long', () => {
    const schema = { type: 'array', items: { maxLength: 2, pattern: '^b' } };
    const catalogue = buildCatalogue({ fields: { x: { store: 'database', schema } } }, stores);
    expect(catalogue.validate({ x: ['b', 'aaaaa'] })).toMatchObject([{ pointer: '/x/1', code: 'too_long' }]);
    expect(catalogue.validate({ x: ['b', 'aa'] })).toMatchObject([{ pointer: '/x/1', code: 'invalid_format' }]);
  });

  it.each<[JsonSchema, string]>([
    [{ type: 'object', required: ['b'] }, '/x/b required'],
    [{ type: 'object', properties: {}, additionalProperties: false }, '/x/a unknown_field'],
    [{ type: 'object', dependentRequired: { a: ['b'] } }, '/x invalid_value'],
  ])('that %j rejects point to the member at fault: %s', (schema, expected) => {
    const catalogue = buildCatalogue({ fields: { x: { store: 'database', schema } } }, stores);
    expect(catalogue.validate({ x: { a: 1 } }).map(({ pointer, code }) => `${pointer} ${code}`)).toEqual([expected]);
  });

  it('that are too large come with the limit', () => {
    const { maxBytes, maxKeys } = sample.fields.get('preferences')!;
    expect(sample.validate({ preferences: { a: 'x'.repeat(maxBytes) } })[0]?.params).toEqual({
      max: maxBytes,
      of: 'value',
    });
    expect(sample.validate({ preferences: { a: Array<Json>(maxKeys).fill(0) } })[0]?.params).toEqual({
      max: maxKeys,
      of: 'both',
    });
  });

  it('are never repeated in the report', () => {
    const secret = 'S3CRET-VALUE!';
    const errors = sample.validate({ taxId: secret, name: { [`n`]: secret }, locale: secret, avatar: secret });
    expect(errors).toHaveLength(4);
    expect(JSON.stringify(errors)).not.toContain(secret);
  });
});

describe('a mask', () => {
  const masks = buildCatalogue(
    {
      fields: Object.fromEntries(
        (['last4', 'email', 'phone', 'all'] as const).map((mask) => [
          mask,
          { store: 'database', sensitive: true, mask, schema: { type: 'string' } },
        ]),
      ),
    },
    stores,
  );

  it.each([
    ['last4', 'DE123451234', '•••• 1234'],
    ['last4', '1234567', '••••'],
    ['phone', '+49 351 4960000', '•••• 00'],
    ['phone', '123', '••••'],
    ['email', 'alice@example.com', 'a••••@example.com'],
    ['email', 'a@example.com', '••••'],
    ['email', 'alice', '••••'],
    ['all', 'anything', '••••'],
  ])('%s of %s shows %s', (name, value, shown) => {
    expect(masks.mask(name, value)).toBe(shown);
  });

  it('shows nothing of a value that is not text', () => {
    expect(masks.mask('last4', { a: '12345678' })).toBe('••••');
  });

  it('never shows more than half of a value', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: fc.constantFrom(...'abcdefghij') }), (value) => {
        const shown = masks.mask('last4', value).replace(/[• ]/g, '');
        expect(shown.length * 2).toBeLessThanOrEqual(value.length);
      }),
    );
  });
});
