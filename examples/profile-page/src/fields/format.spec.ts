import { describe, expect, it } from '@jest/globals';
import { en } from '../i18n/en';
import { fromClaims } from './claims';
import { formatValue } from './format';
import type { Json } from './json';
import { toFields, type Schema } from './model';

const format = (schema: Schema, value: Json, name = 'field') => {
  const [field] = toFields({
    schema: { properties: { [name]: schema } },
    names: undefined,
    capabilities: undefined,
    labels: {},
  });
  return formatValue(field!, value, 'en-GB', en);
};

describe('formatValue', () => {
  it.each<[string, Schema, Json, string | undefined]>([
    ['text', { type: 'string' }, 'a', 'a'],
    ['an unset value', { type: 'string' }, null, undefined],
    ['a mask', { type: 'string' }, { masked: '•••• 1' }, '•••• 1'],
    ['a date', { type: 'string', 'x-input': 'date' }, '1990-02-01', '1 February 1990'],
    ['a date without a year', { type: 'string', 'x-input': 'date' }, '0000-02-01', '1 February'],
    ['a year', { type: 'string', 'x-input': 'date' }, '1990', '1990'],
    ['a boolean', { type: 'boolean' }, false, 'No'],
    ['a choice', { oneOf: [{ const: 's', title: 'Small' }] }, 's', 'Small'],
    ['a list', { type: 'array', items: { type: 'string' } }, ['a', 'b'], 'a, b'],
    ['a few entries', { type: 'object' }, { theme: 'dark', sound: true }, 'theme: dark, sound: Yes'],
    ['many entries', { type: 'object' }, { a: 1, b: 2, c: 3, d: 4 }, '4 entries'],
  ])('formats %s', (_case, schema, value, expected) => {
    expect(format(schema, value)).toBe(expected);
  });

  it('joins object members in schema order, and uses `formatted` only if it is the only member', () => {
    const schema: Schema = { type: 'object', properties: { formatted: {}, street: {}, country: {} } };
    expect(format(schema, { country: 'DE', street: '1 Main\nRear', formatted: 'all of it' })).toBe('1 Main, Rear, DE');
    expect(format(schema, { formatted: '1 Main\nDE' })).toBe('1 Main, DE');
  });

  it("formats Logto's phone numbers and timestamps", () => {
    expect(format({ type: 'string' }, '15550100001', 'primaryPhone')).toBe('+15550100001');
    expect(format({ type: 'integer' }, 1_700_000_000_000, 'createdAt')).toContain('2023');
  });
});

it('fromClaims converts claims to fields and skips null and preferred_username', () => {
  const claims = {
    sub: 'u',
    picture: 'p',
    email: 'e',
    phone_number: null,
    given_name: 'g',
    preferred_username: 'u',
    address: { postal_code: '1' },
  };
  expect(fromClaims(claims)).toEqual({
    sub: 'u',
    avatar: 'p',
    primaryEmail: 'e',
    givenName: 'g',
    address: { postalCode: '1' },
  });
  expect(fromClaims(undefined)).toEqual({});
});
