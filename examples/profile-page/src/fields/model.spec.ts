import { describe, expect, it } from '@jest/globals';
import { fieldsOf, humanise, kindOf, maskOf, optionsOf, schemaAt, withoutNull, type Schema } from './model';

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
    ['no null at all', { type: 'boolean' }, { type: 'boolean' }],
  ])('takes %s apart', (_what, schema, expected) => {
    expect(withoutNull(schema)).toEqual(expected);
  });

  it('leaves real alternatives alone', () => {
    const schema = { anyOf: [{ type: 'string' }, { type: 'number' }] };
    expect(withoutNull(schema)).toEqual(schema);
  });
});

describe('kindOf', () => {
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
  ])('edits %j with the hint %s as %s', (schema, input, kind) => {
    expect(kindOf(schema, input)).toBe(kind);
  });
});

describe('fieldsOf', () => {
  const schema: Schema = {
    properties: {
      name: { title: 'Display name', type: ['string', 'null'] },
      taxId: { type: ['string', 'null'], 'x-sensitive': true },
      newsletter: { type: ['boolean', 'null'] },
    },
  };

  it('has the rows an ID token can fill before the schema has come', () => {
    const fields = fieldsOf({ ...sources, schema: undefined, labels: { name: 'Name' } });
    expect(fields.find(({ name }) => name === 'name')).toMatchObject({ label: 'Name', group: 'about' });
    expect(fields.map(({ name }) => name)).not.toContain('taxId');
  });

  it('adds what the document has besides, to be read only', () => {
    const fields = fieldsOf({ ...sources, schema, names: ['id', 'name', 'plan', 'taxId', 'newsletter'] });
    expect(fields.map(({ name, writable }) => [name, writable])).toEqual([
      ['name', true],
      ['taxId', true],
      ['newsletter', true],
      ['plan', false],
    ]);
  });

  it('takes what may be done now from the capabilities', () => {
    const capabilities = { fields: { name: { readable: true, writable: false, proof: 'identity' as const } } };
    expect(fieldsOf({ ...sources, schema, capabilities })[0]).toMatchObject({ writable: false, proof: 'identity' });
  });

  it('groups switches of the app as preferences, its other fields apart from the standard claims', () => {
    expect(fieldsOf({ ...sources, schema }).map(({ group }) => group)).toEqual(['about', 'more', 'preferences']);
  });
});

it('finds the schema of a member by its pointer', () => {
  const schema: Schema = { properties: { a: { type: 'object', properties: { b: { pattern: 'x' } } } } };
  const fields = fieldsOf({ ...sources, schema });
  expect(schemaAt(fields, '/a/b')).toEqual({ pattern: 'x' });
  expect(schemaAt(fields, '/nothing/here')).toBeUndefined();
});

it('makes words of names', () => {
  expect(humanise('shippingAddress')).toBe('Shipping address');
  expect(humanise('tax_id')).toBe('Tax id');
});

it('offers the titles of a choice where it has some', () => {
  expect(optionsOf({ oneOf: [{ const: 's', title: 'Small' }] })).toEqual([{ value: 's', label: 'Small' }]);
  expect(optionsOf({ enum: ['s', 2] }).map(({ label }) => label)).toEqual(['s', '2']);
});

it('takes for masked only what is nothing but a mask', () => {
  expect(maskOf({ masked: '•••• 1234' })).toBe('•••• 1234');
  expect(maskOf({ masked: 'a', more: 1 })).toBeUndefined();
  expect(maskOf('text')).toBeUndefined();
});
