import { describe, expect, it } from '@jest/globals';
import { toFields, toLabel, getKind, getMask, getOptions, findSchema, withoutNull, type Schema } from './model';

const sources = { names: undefined, capabilities: undefined, labels: {} };

describe('withoutNull', () => {
  it.each<[string, Schema, Schema]>([
    ['a type or null', { title: 'A', type: ['string', 'null'] }, { title: 'A', type: 'string' }],
    ['an enum with null', { type: ['string', 'null'], enum: ['a', null] }, { type: 'string', enum: ['a'] }],
    [
      'an alternative to null',
      { title: 'A', anyOf: [{ enum: [1, 2] }, { type: 'null' }] },
      { title: 'A', enum: [1, 2] },
    ],
    [
      'titled constants and null',
      { oneOf: [{ const: 'a', title: 'A' }, { const: 'b', title: 'B' }, { type: 'null' }] },
      {
        oneOf: [
          { const: 'a', title: 'A' },
          { const: 'b', title: 'B' },
        ],
      },
    ],
    ['a schema without null', { type: 'boolean' }, { type: 'boolean' }],
  ])('handles %s', (_case, schema, expected) => {
    expect(withoutNull(schema)).toEqual(expected);
  });

  it('does not change alternatives without null', () => {
    const schema = { anyOf: [{ type: 'string' }, { type: 'number' }] };
    expect(withoutNull(schema)).toEqual(schema);
  });
});

describe('getKind', () => {
  it.each<[Schema, string | undefined, string]>([
    [{ type: 'string' }, undefined, 'text'],
    [{ type: 'string' }, 'date', 'date'],
    [{ type: 'string', format: 'date' }, undefined, 'date'],
    [{ type: 'string' }, 'textarea', 'long'],
    [{ type: 'integer' }, undefined, 'number'],
    [{ type: 'boolean' }, undefined, 'boolean'],
    [{ enum: ['a'] }, undefined, 'choice'],
    [{ oneOf: [{ const: 'a', title: 'A' }] }, undefined, 'choice'],
    [{ type: 'object', properties: { a: {} } }, undefined, 'object'],
    [{ type: 'object' }, undefined, 'free'],
    [{ type: 'array', items: { type: 'string' } }, undefined, 'list'],
    [{ type: 'array', items: { enum: ['a'] } }, undefined, 'choices'],
    [{ type: 'array', items: { type: 'object' } }, undefined, 'json'],
    [{}, undefined, 'json'],
  ])('maps %j with x-input %s to %s', (schema, input, kind) => {
    expect(getKind(schema, input)).toBe(kind);
  });
});

describe('toFields', () => {
  const schema: Schema = {
    properties: {
      name: { title: 'Display name', type: ['string', 'null'] },
      taxId: { type: ['string', 'null'], 'x-sensitive': true },
      newsletter: { type: ['boolean', 'null'] },
    },
  };

  it('returns the fields that an ID token can fill until the schema has loaded', () => {
    const fields = toFields({ ...sources, schema: undefined, labels: { name: 'Name' } });
    expect(fields.find(({ name }) => name === 'name')).toMatchObject({ label: 'Name', group: 'about' });
    expect(fields.map(({ name }) => name)).not.toContain('taxId');
  });

  it('adds read-only fields for other members of the document', () => {
    const fields = toFields({ ...sources, schema, names: ['id', 'name', 'plan', 'taxId', 'newsletter'] });
    expect(fields.map(({ name, writable }) => [name, writable])).toEqual([
      ['name', true],
      ['taxId', true],
      ['newsletter', true],
      ['plan', false],
    ]);
  });

  it('prefers the capabilities over the schema', () => {
    const capabilities = { fields: { name: { readable: true, writable: false, proof: 'identity' as const } } };
    expect(toFields({ ...sources, schema, capabilities })[0]).toMatchObject({ writable: false, proof: 'identity' });
  });

  it('groups boolean app fields under preferences and other app fields under more', () => {
    expect(toFields({ ...sources, schema }).map(({ group }) => group)).toEqual(['about', 'more', 'preferences']);
  });
});

it('findSchema finds the schema of a member by its pointer', () => {
  const schema: Schema = { properties: { a: { type: 'object', properties: { b: { pattern: 'x' } } } } };
  const fields = toFields({ ...sources, schema });
  expect(findSchema(fields, '/a/b')).toEqual({ pattern: 'x' });
  expect(findSchema(fields, '/nothing/here')).toBeUndefined();
});

it('toLabel converts a name to words', () => {
  expect(toLabel('shippingAddress')).toBe('Shipping address');
  expect(toLabel('tax_id')).toBe('Tax id');
});

it('getOptions uses the titles of a choice as labels if there are titles', () => {
  expect(getOptions({ oneOf: [{ const: 's', title: 'Small' }] })).toEqual([{ value: 's', label: 'Small' }]);
  expect(getOptions({ enum: ['s', 2] }).map(({ label }) => label)).toEqual(['s', '2']);
});

it('getMask accepts only an object with a mask as its only member', () => {
  expect(getMask({ masked: '•••• 1234' })).toBe('•••• 1234');
  expect(getMask({ masked: 'a', more: 1 })).toBeUndefined();
  expect(getMask('text')).toBeUndefined();
});
