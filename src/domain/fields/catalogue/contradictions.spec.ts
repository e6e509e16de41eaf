import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { isObject, type Json } from '../../../platform/json/json.js';
import { findContradiction } from './contradictions.js';
import type { JsonSchema } from './json-schema.js';

const ajv = new Ajv2020({ strict: false, formats: { birthdate: true, line: true } });
const accepts = (schema: JsonSchema, value: Json) => ajv.validate(schema, value);
const find = (schema: JsonSchema) =>
  findContradiction(schema, { accepts, excluded: [null, ''], maxBytes: 65_536, maxKeys: 1_000 });

describe('findContradiction', () => {
  it.each<[JsonSchema, string]>([
    [{ not: {} }, 'types exclude each other'],
    [{ allOf: [false] }, 'accepts nothing'],
    [{ type: 'string', allOf: [{ type: 'integer' }] }, 'types exclude each other'],
    [{ type: 'string', not: { type: ['string', 'null'] } }, 'types exclude each other'],
    [{ type: 'null' }, 'means that the field is unset'],
    [{ enum: [null, ''] }, 'no value of enum or const'],
    [{ type: 'string', maxLength: 0 }, 'at least 1 and at most 0'],
    [{ type: 'integer', minimum: 5, maximum: 3 }, 'at least 5 and at most 3'],
    [{ type: 'number', exclusiveMinimum: 5, maximum: 5 }, 'above 5 and at most 5'],
    [{ type: 'number', minimum: 5, exclusiveMaximum: 5 }, 'at least 5 and below 5'],
    [{ type: 'integer', exclusiveMinimum: 5, exclusiveMaximum: 6 }, 'and an integer'],
    [{ type: 'integer', minimum: 1.2, maximum: 1.8 }, 'and an integer'],
    [{ type: 'integer', minimum: 11, maximum: 19, multipleOf: 10 }, 'multiple of 10'],
    [{ type: 'string', minLength: 5, maxLength: 3 }, 'at least 5 and at most 3 characters'],
    [{ type: 'string', minLength: 5, 'x-maxUtf16Length': 3 }, 'at least 5 and at most 3 characters'],
    [{ type: 'string', pattern: '^[0-9]{11}$', maxLength: 10 }, 'at least 11 and at most 10'],
    [{ type: 'string', pattern: '^(a|bc)d?$', minLength: 4 }, 'at least 4 and at most 3'],
    [{ type: 'string', format: 'birthdate', maxLength: 3 }, 'at least 4 and at most 3'],
    [{ type: 'string', minLength: 65_535 }, 'exceeds maxBytes'],
    [{ type: 'string', enum: ['a', 'b'], minLength: 2 }, 'no value of enum or const'],
    [{ type: 'integer', enum: ['1', 2.5] }, 'no value of enum or const'],
    [{ const: 5, maximum: 3 }, 'no value of enum or const'],
    [{ enum: ['a', 'b'], allOf: [{ enum: ['b', 'c'] }, { not: { const: 'b' } }] }, 'no value of enum or const'],
    [{ enum: ['a'], oneOf: [{ const: 'a' }, { type: 'string' }] }, 'no value of enum or const'],
    [{ type: 'array', minItems: 3, maxItems: 2 }, 'at least 3 and at most 2 items'],
    [{ type: 'array', minItems: 1_001 }, 'exceeds maxKeys'],
    [{ type: 'array', items: false, minItems: 1 }, 'item 0'],
    [{ type: 'array', prefixItems: [true, { minimum: 2, maximum: 1, type: 'integer' }], minItems: 2 }, 'item 1'],
    [{ type: 'array', prefixItems: [true], items: { type: 'string', enum: [1] }, minItems: 2 }, 'item 1'],
    [{ type: 'array', contains: { type: 'string', const: 1 } }, 'must contain'],
    [{ type: 'array', contains: true, minContains: 3, maxItems: 2 }, 'at least 3 and at most 2'],
    [{ type: 'array', contains: true, minContains: 3, maxContains: 2 }, 'minContains exceeds maxContains'],
    [{ type: 'array', items: { type: 'boolean' }, uniqueItems: true, minItems: 3 }, 'only 2 values'],
    [{ type: 'array', items: { enum: ['a', 'b', 'a'] }, uniqueItems: true, minItems: 3 }, 'only 2 values'],
    [{ type: 'object', minProperties: 2, maxProperties: 1 }, 'at least 2 and at most 1 members'],
    [{ type: 'object', required: ['a', 'b'], maxProperties: 1 }, 'at least 2 and at most 1 members'],
    [{ type: 'object', required: ['a'], additionalProperties: false }, 'required member a'],
    [{ type: 'object', required: ['a'], unevaluatedProperties: false }, 'required member a'],
    [{ type: 'object', required: ['a'], properties: { a: false } }, 'required member a'],
    [
      {
        type: 'object',
        required: ['a'],
        properties: { a: { type: 'string' } },
        allOf: [{ properties: { a: { type: 'integer' } } }],
      },
      'required member a: its types',
    ],
    [{ type: 'object', required: ['aa'], patternProperties: { '^a': { not: {} } } }, 'required member aa'],
    [{ type: 'object', required: ['a'], propertyNames: { minLength: 2 } }, 'propertyNames rejects it'],
    [
      { type: 'object', required: ['a'], dependentRequired: { a: ['b'] }, properties: { b: false } },
      'required member b',
    ],
    [{ type: 'object', required: ['a'], dependentSchemas: { a: { properties: { a: false } } } }, 'required member a'],
    [
      { type: 'object', properties: { a: true }, additionalProperties: false, minProperties: 2 },
      'only 1 to choose from',
    ],
    [
      {
        anyOf: [
          { type: 'string', maxLength: 0 },
          { type: 'integer', minimum: 5, maximum: 3 },
        ],
      },
      'at least 1',
    ],
    [{ type: 'string', oneOf: [{ type: 'integer' }, { anyOf: [{ type: 'boolean' }, { type: 'null' }] }] }, 'types'],
    [{ type: 'string', if: true, then: { type: 'integer' }, else: { type: 'integer' } }, 'types'],
    [{ type: 'integer', if: { minimum: 5 }, then: { maximum: 3 }, else: false }, 'at least 5'],
  ])('finds that nothing satisfies %j', (schema, reason) => {
    expect(find(schema)).toContain(reason);
  });

  it.each<JsonSchema>([
    {},
    { minimum: 5, maximum: 3 },
    { type: ['string', 'integer'], minLength: 5, maxLength: 3 },
    { type: 'number', exclusiveMinimum: 5, exclusiveMaximum: 6 },
    { type: 'integer', minimum: 10, maximum: 10, multipleOf: 10 },
    { type: 'integer', minimum: -19, maximum: -10, multipleOf: 10 },
    { type: 'string', pattern: '[0-9]{3}', maxLength: 3, minLength: 3 },
    { type: 'string', pattern: '^a|b$', minLength: 9 },
    { type: 'string', pattern: String.raw`^(a)\1*$`, minLength: 9 },
    { type: 'string', pattern: '^(?=.{9})a*$', minLength: 9 },
    { type: 'array', contains: false, minContains: 0 },
    { type: 'array', items: false },
    { type: 'array', items: { type: 'boolean' }, uniqueItems: true, minItems: 2 },
    { type: 'object', additionalProperties: false },
    { type: 'object', properties: { a: { type: 'integer', minimum: 5, maximum: 3 } } },
    { type: 'object', required: ['a'], patternProperties: { '^a$': true }, additionalProperties: false },
    { type: 'object', required: ['a'], allOf: [{ properties: { a: true } }], unevaluatedProperties: false },
    { type: 'object', dependentSchemas: { a: false } },
    { dependentSchemas: { a: { type: 'string' } }, required: ['a'] },
    { type: 'object', required: ['a'], properties: { a: { type: 'null' } } },
    { anyOf: [false, { const: 'a' }] },
    { if: { type: 'string' }, then: false },
    { not: { type: 'integer' }, type: 'number' },
    { not: { type: 'string', minLength: 3 }, type: 'string' },
    { enum: [null, 'a'] },
  ])('accepts %j', (schema) => {
    expect(find(schema)).toBeUndefined();
  });

  it('accepts a schema that would take too long to compare', () => {
    const nested = (depth: number): JsonSchema =>
      depth === 0
        ? { type: 'string', maxLength: 0 }
        : {
            type: 'object',
            required: ['a', 'b'],
            anyOf: [1, 2, 3].map((minProperties) => ({ minProperties })),
            properties: { a: { type: 'string' }, b: nested(depth - 1) },
          };
    const hard = nested(12);
    expect(find({ ...hard, oneOf: [hard, hard, hard] })).toBeUndefined();
  });

  it('never rejects a schema that a value satisfies', () => {
    const schemaWithValue = value
      .filter((each) => each !== null && each !== '')
      .chain((each) => fc.record({ value: fc.constant(each), schema: satisfiedBy(each, 3) }));
    fc.assert(
      fc.property(schemaWithValue, ({ value, schema }) => {
        fc.pre(accepts(schema, value));
        expect(find(schema)).toBeUndefined();
      }),
      { numRuns: 1_000 },
    );
  });
});

const { value } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2 },
    fc.oneof(
      fc.constantFrom(null, true, false),
      fc.integer({ min: -9, max: 9 }),
      fc.double({ min: -9, max: 9, noNaN: true }),
      fc.string({ maxLength: 4 }),
    ),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'ab', 'b c'), tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
}));

const OTHERS: JsonSchema[] = [
  { type: 'string', maxLength: 0 },
  { type: 'integer', minimum: 5, maximum: 3 },
  { type: 'object', required: ['a'], additionalProperties: false },
  { not: {} },
  { const: 'other' },
  { type: ['boolean', 'null'] },
];

/** Schemas whose keywords, most of the time, the value satisfies. */
function satisfiedBy(value: Json, depth: number): fc.Arbitrary<JsonSchema> {
  const kinds = [...anyValue(value, depth)];
  if (typeof value === 'number') kinds.push(...numbers(value));
  if (typeof value === 'string') kinds.push(...texts(value));
  if (Array.isArray(value)) kinds.push(...lists(value, depth));
  if (isObject(value)) kinds.push(...objects(value, depth));
  // Only those that are chosen are created, because each contains others.
  return fc
    .array(fc.nat(kinds.length - 1), { minLength: 1, maxLength: 3 })
    .chain((chosen) => fc.tuple(...chosen.map((index) => kinds[index]!())))
    .map((all) => Object.assign({}, ...all) as JsonSchema);
}

type Kinds = (() => fc.Arbitrary<JsonSchema>)[];

const inner = (value: Json, depth: number): fc.Arbitrary<JsonSchema> =>
  depth === 0 ? fc.constant({}) : satisfiedBy(value, depth - 1);

const other = fc.constantFrom(...OTHERS);

const anyValue = (value: Json, depth: number): Kinds => [
  () => fc.constant({ type: typeOf(value) }),
  () => fc.constant({ enum: ['other', value] }),
  () => other.map((not) => ({ not })),
  () => fc.tuple(inner(value, depth), inner(value, depth)).map((allOf) => ({ allOf })),
  () => fc.tuple(other, inner(value, depth)).map((anyOf) => ({ anyOf })),
  () => fc.tuple(inner(value, depth), other).map((oneOf) => ({ oneOf })),
  () => fc.tuple(other, inner(value, depth)).map(([condition, rest]) => ({ if: condition, then: false, else: rest })),
  () => inner(value, depth).map((then) => ({ if: { type: typeOf(value) }, then, else: false })),
];

const numbers = (value: number): Kinds => [
  () => fc.nat(3).map((by) => ({ minimum: value - by, maximum: value + by })),
  () => fc.integer({ min: 1, max: 3 }).map((by) => ({ exclusiveMinimum: value - by, exclusiveMaximum: value + by })),
  () => fc.constant({ type: Number.isInteger(value) ? 'integer' : 'number', multipleOf: Math.abs(value) || 1 }),
];

const texts = (value: string): Kinds => {
  const length = [...value].length;
  const literal = value.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
  const patterns = [`^${literal}$`, `^(${literal}|other)$`, `^[^]{${length}}$`, literal];
  return [
    () => fc.nat(3).map((by) => ({ minLength: Math.max(0, length - by), maxLength: length + by })),
    () => fc.constantFrom(...patterns).map((pattern) => ({ pattern })),
  ];
};

const lists = (value: Json[], depth: number): Kinds => {
  const { length } = value;
  const items = () => fc.tuple(...value.map((item) => inner(item, depth)));
  const unless = <T extends JsonSchema>(schema: T) => (length === 0 ? {} : schema);
  return [
    () => fc.nat(2).map((by) => ({ minItems: Math.max(0, length - by), maxItems: length + by })),
    () => fc.constant({ uniqueItems: true, minItems: length }),
    () => items().map((prefixItems) => unless({ prefixItems, items: false, minItems: length })),
    () => items().map((anyOf) => unless({ items: { anyOf }, minItems: length })),
    () => items().map(([contains]) => unless({ contains })),
  ];
};

const objects = (value: Record<string, Json>, depth: number): Kinds => {
  const names = Object.keys(value);
  const size = names.length;
  const members = () => fc.record(mapValues(value, (member) => inner(member, depth)));
  return [
    () => members().map((properties) => ({ properties, required: names, additionalProperties: false })),
    () => members().map((properties) => ({ properties, unevaluatedProperties: false, minProperties: size })),
    () =>
      members().map((schemas) => ({
        dependentSchemas: mapValues(schemas, (schema, name) => ({ properties: { [name]: schema } })),
        required: names,
      })),
    () => fc.constant({ dependentRequired: mapValues(value, () => names), required: names.slice(0, 1) }),
    () => fc.constant({ propertyNames: { enum: ['other', ...names] }, minProperties: size, maxProperties: size }),
    () => fc.constant({ patternProperties: { '^': true }, additionalProperties: false, required: names }),
  ];
};

const typeOf = (value: Json): string => {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
};

const mapValues = <From, To>(
  object: Record<string, From>,
  change: (value: From, name: string) => To,
): Record<string, To> => Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value, name)]));
