import { describe, expect, it } from '@jest/globals';
import { en } from '../i18n/en';
import { fromClaims } from './claims';
import { display } from './display';
import type { Json } from './json';
import { fieldsOf, type Schema } from './model';

const shown = (schema: Schema, value: Json, name = 'field') => {
  const [field] = fieldsOf({
    schema: { properties: { [name]: schema } },
    names: undefined,
    capabilities: undefined,
    labels: {},
  });
  return display(field!, value, 'en-GB', en);
};

describe('display', () => {
  it.each<[string, Schema, Json, string | undefined]>([
    ['text', { type: 'string' }, 'a', 'a'],
    ['an unset value', { type: 'string' }, null, undefined],
    ['a mask', { type: 'string' }, { masked: '•••• 1' }, '•••• 1'],
    ['a day', { type: 'string', 'x-input': 'date' }, '1990-02-01', '1 February 1990'],
    ['a day of no year', { type: 'string', 'x-input': 'date' }, '0000-02-01', '1 February'],
    ['a year', { type: 'string', 'x-input': 'date' }, '1990', '1990'],
    ['a switch', { type: 'boolean' }, false, 'No'],
    ['a choice', { oneOf: [{ const: 's', title: 'Small' }] }, 's', 'Small'],
    ['a list', { type: 'array', items: { type: 'string' } }, ['a', 'b'], 'a, b'],
    ['a few entries', { type: 'object' }, { theme: 'dark', sound: true }, 'theme: dark, sound: Yes'],
    ['many entries', { type: 'object' }, { a: 1, b: 2, c: 3, d: 4 }, '4 entries'],
  ])('shows %s', (_what, schema, value, expected) => {
    expect(shown(schema, value)).toBe(expected);
  });

  it("shows an object's members in the schema's order, the formatted one only alone", () => {
    const schema: Schema = { type: 'object', properties: { formatted: {}, street: {}, country: {} } };
    expect(shown(schema, { country: 'DE', street: '1 Main\nRear', formatted: 'all of it' })).toBe('1 Main, Rear, DE');
    expect(shown(schema, { formatted: '1 Main\nDE' })).toBe('1 Main, DE');
  });

  it("shows Logto's phones and moments for people", () => {
    expect(shown({ type: 'string' }, '15550100001', 'primaryPhone')).toBe('+15550100001');
    expect(shown({ type: 'integer' }, 1_700_000_000_000, 'createdAt')).toContain('2023');
  });
});

it('reads claims as fields, without what Logto makes up', () => {
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
