import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { entryProperties } from './catalogue-file.schema.js';
import { buildCatalogue, loadCatalogueFile, parseCatalogue } from './load-catalogue.js';
import { LOGTO_FIELDS } from '../stores/logto-fields.js';
import { stores } from '../../../../test/support/stores.js';

const SAMPLE = fileURLToPath(new URL('../../../../profile-fields.yaml', import.meta.url));

const faultsOf = (yaml: string): string[] => {
  try {
    parseCatalogue(yaml, 'fields.yaml', stores);
  } catch (error) {
    return (error as Error).message.split('\n');
  }
  throw new Error('The catalogue was accepted.');
};

describe('the sample catalogue', () => {
  const catalogue = loadCatalogueFile(SAMPLE, stores);

  it('has every field of Logto that a user may change, with English and German labels', () => {
    for (const [name, { readOnly }] of LOGTO_FIELDS) {
      if (!readOnly)
        expect(catalogue.fields.get(name)?.labels).toEqual({ en: expect.any(String), de: expect.any(String) });
    }
    for (const field of catalogue.fields.values()) expect(Object.keys(field.labels)).toEqual(['en', 'de']);
  });

  it('keeps the order of the file', () => {
    expect([...catalogue.fields.keys()].slice(0, 5)).toEqual([
      'username',
      'primaryEmail',
      'primaryPhone',
      'name',
      'avatar',
    ]);
  });

  it('requires proofs for identifiers and sensitive fields', () => {
    const needed = [...catalogue.fields.values()].filter(({ proof }) => proof !== 'none');
    expect(Object.fromEntries(needed.map(({ name, proof }) => [name, proof]))).toEqual({
      username: 'identity',
      primaryEmail: 'identity-and-address',
      primaryPhone: 'identity-and-address',
      taxId: 'identity',
    });
  });

  it('lets nobody choose the name under which other applications may know a user', () => {
    expect(catalogue.fields.get('preferredUsername')?.access).toBe('read');
  });

  it('maps each field to its store', () => {
    const storeOf = (name: string) => catalogue.fields.get(name)?.store.name;
    expect([storeOf('address'), storeOf('preferences'), storeOf('taxId')]).toEqual(['logto', 'customData', 'database']);
  });
});

describe('docs/fields.md', () => {
  it('describes each key of an entry, with each value that the key can have', () => {
    const text = readFileSync(fileURLToPath(new URL('../../../../docs/fields.md', import.meta.url)), 'utf8');
    const rows = text.split('\n').filter((line) => line.startsWith('| `'));
    for (const [key, { enum: values }] of Object.entries(entryProperties(stores.names))) {
      const row = rows.find((line) => line.startsWith(`| \`${key}\``)) ?? '';
      expect([key, row]).toEqual([key, expect.stringContaining('|')]);
      for (const value of (values ?? []) as string[]) expect(row).toContain(value);
    }
  });
});

describe('an invalid catalogue', () => {
  it.each([
    [
      'an unknown key',
      'fields:\n  a:\n    store: database\n    schem: {}',
      'fields.yaml:4: fields.a.schem: unknown key',
    ],
    [
      'an unknown store',
      'fields:\n  a:\n    store: disk',
      'fields.yaml:3: fields.a.store: must be one of logto, customData, database',
    ],
    ['no store', 'fields:\n  a: {}', 'fields.yaml:2: fields.a: store is missing'],
    ['no fields', 'field: {}', 'fields.yaml:1: fields is missing'],
    [
      'a field that Logto lacks',
      'fields:\n  shoeSize: { store: logto }',
      'fields.yaml:2: fields.shoeSize.store: Logto has no such field',
    ],
    ['no schema', 'fields:\n\n  a: { store: database }', 'fields.yaml:3: fields.a.schema: a schema is required'],
    [
      'a misspelt JSON Schema keyword',
      'fields:\n  a:\n    store: database\n    schema: { type: string, maxLenght: 3 }',
      'fields.yaml:4: fields.a.schema: strict mode: unknown keyword: "maxLenght"',
    ],
    [
      'a type that does not exist',
      'fields:\n  a:\n    store: database\n    schema: { type: text }',
      'fields.yaml:4: fields.a.schema: schema is invalid',
    ],
    [
      'a broken pattern',
      "fields:\n  a:\n    store: database\n    schema: { pattern: '[' }",
      'fields.yaml:4: fields.a.schema: ',
    ],
    [
      'a format that does not exist',
      'fields:\n  a:\n    store: database\n    schema: { type: string, format: iban }',
      'fields.yaml:4: fields.a.schema: unknown format "iban"',
    ],
    [
      'a sensitive field in Logto',
      'fields:\n  a: { store: customData, sensitive: true, schema: {} }',
      'fields.yaml:2: fields.a.sensitive: this store does not keep values encrypted',
    ],
    [
      'a mask of what is not sensitive',
      'fields:\n  a: { store: database, mask: last4, schema: { type: string } }',
      'fields.yaml:2: fields.a.mask: only sensitive fields are masked',
    ],
    [
      'a mask that shows a part of an object',
      'fields:\n  a: { store: database, sensitive: true, mask: last4, schema: { type: object } }',
      'fields.yaml:2: fields.a.mask: only text can be shown in part',
    ],
    [
      'a proof that is too weak',
      'fields:\n  primaryEmail: { store: logto, proof: identity }',
      'fields.yaml:2: fields.primaryEmail.proof: a change of this field needs at least identity-and-address',
    ],
    [
      'a sensitive field without proof',
      'fields:\n  a: { store: database, sensitive: true, proof: none, schema: {} }',
      'fields.yaml:2: fields.a.proof: a change of this field needs at least identity',
    ],
    [
      'an identifier in the database',
      'fields:\n  username: { store: database, schema: { type: string } }',
      'fields.yaml:2: fields.username.store: Logto signs users in by this field',
    ],
    [
      'its own store as the previous one',
      'fields:\n  a: { store: database, schema: {}, previously: { store: database } }',
      'fields.yaml:2: fields.a.previously: this is the current store',
    ],
    [
      'a reserved name',
      'fields:\n  id: { store: database, schema: {} }',
      'fields.yaml:2: fields.id: this name is reserved',
    ],
    [
      'a name that every object has',
      'fields:\n  constructor: { store: database, schema: {} }',
      'fields.yaml:2: fields.constructor: this name is reserved',
    ],
    [
      'a name that reaches the prototype',
      'fields:\n  __proto__: { store: database, schema: {} }',
      'fields.yaml:2: fields.__proto__: a name starts with a lower-case letter',
    ],
    [
      'a label in an unknown language',
      'fields:\n  a: { store: database, schema: {}, labels: { x_y: A } }',
      'fields.yaml:2: fields.a.labels: x_y is not a language tag',
    ],
    [
      'write access to a field that Logto sets',
      'fields:\n  createdAt: { store: logto, access: write }',
      'fields.yaml:2: fields.createdAt.access: Logto sets this field itself',
    ],
    [
      'a field twice',
      'fields:\n  a: { store: database, schema: {} }\n  a: { store: database, schema: {} }',
      'fields.yaml:3: Map keys must be unique',
    ],
    ['broken YAML', 'fields:\n  a: { store: database', 'fields.yaml:2: '],
    ['nothing', '', 'fields.yaml:1: must be object'],
  ])('is rejected with file, line, entry and reason: %s', (_what, yaml, expected) => {
    expect(faultsOf(yaml)).toContainEqual(expect.stringMatching(`^${expected.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`));
  });

  it.each([
    ['pattern', "pattern: '^(a+)+$'", 'pattern'],
    ['patternProperties', "patternProperties: { '^(a+)+$': {} }", 'patternProperties.^(a+)+$'],
    ['propertyNames', "propertyNames: { pattern: '^(a+)+$' }", 'propertyNames.pattern'],
    ['a member', "properties: { a: { pattern: '^(a+)+$' } }", 'properties.a.pattern'],
    ['an item', "items: { pattern: '^(a+)+$' }", 'items.pattern'],
    ['the first item', "prefixItems: [{ pattern: '^(a+)+$' }]", 'prefixItems.0.pattern'],
    ['an alternative', "anyOf: [{}, { pattern: '^(a+)+$' }]", 'anyOf.1.pattern'],
    ['a condition', "if: { pattern: '^(a+)+$' }, then: {}", 'if.pattern'],
    ['a consequence', "if: {}, then: { not: { pattern: '^(a+)+$' } }", 'then.not.pattern'],
    [
      'a dependent schema',
      "dependentSchemas: { a: { contains: { pattern: '^(a+)+$' } } }",
      'dependentSchemas.a.contains.pattern',
    ],
    [
      'a dependency',
      "dependencies: { a: { unevaluatedItems: { pattern: '^(a+)+$' } } }",
      'dependencies.a.unevaluatedItems.pattern',
    ],
    ['additional members', "additionalProperties: { pattern: '^(a+)+$' }", 'additionalProperties.pattern'],
  ])('is rejected if a pattern can take exponential time: %s', (_where, schema, path) => {
    expect(faultsOf(`fields:\n  a:\n    store: database\n    schema: { ${schema} }`)).toEqual([
      expect.stringMatching(/^fields\.yaml:4: fields\.a\.schema\./),
    ]);
    expect(faultsOf(`fields:\n  a:\n    store: database\n    schema: { ${schema} }`)[0]).toContain(
      `fields.a.schema.${path}: matching can take exponential time`,
    );
  });

  it('reports the line of a pattern', () => {
    const yaml =
      "fields:\n  a:\n    store: database\n    schema:\n      properties:\n        b:\n          pattern: '^(a+)+$'";
    expect(faultsOf(yaml)[0]).toMatch(/^fields\.yaml:7: fields\.a\.schema\.properties\.b\.pattern: /);
  });

  it('is rejected if a pattern takes long with the longest text, which maxLength and maxBytes limit', () => {
    const accept = (schema: string, more = '') =>
      parseCatalogue(`fields:\n  a: { store: database, schema: { ${schema} }${more} }`, 'fields.yaml', stores);
    const reject = (schema: string) => faultsOf(`fields:\n  a: { store: database, schema: { ${schema} } }`)[0];
    const slow = String.raw`pattern: '^\s*\S+@\S+\s*$'`;

    expect(reject(slow)).toContain('set maxLength to at most 500');
    expect(reject(`${slow}, maxLength: 501`)).toContain('set maxLength to at most 500');
    expect(accept(`${slow}, maxLength: 500`)).toBeDefined();
    expect(accept(slow, ', maxBytes: 1000')).toBeDefined();
    expect(accept(`maxLength: 500, allOf: [{ ${slow} }]`)).toBeDefined();
    expect(accept(`properties: { b: { ${slow}, maxLength: 7 } }`)).toBeDefined();
    // A list can have many texts, each as long as allowed.
    expect(reject(`items: { ${slow}, maxLength: 8 }`)).toContain('set maxLength to at most 7');
    expect(accept(`items: { ${slow}, maxLength: 7 }`)).toBeDefined();
    expect(reject('propertyNames: { pattern: "a*b" }')).toContain('matching a long text can take too long');
  });

  it.each([
    ['contradicting limits', '{ store: database, schema: { type: integer, minimum: 5, maximum: 3 } }'],
    ['a rule that Logto excludes', '{ store: logto, schema: { minLength: 129 } }', 'name'],
    ['null alone, which clears', '{ store: database, schema: { type: "null" } }'],
    ['an empty text alone, which is rejected', '{ store: database, schema: { const: "" } }'],
    ['more bytes than allowed', '{ store: database, maxBytes: 10, schema: { type: string, minLength: 9 } }'],
    [
      'a member that is required and excluded',
      '{ store: database, schema: { type: object, required: [b], properties: { b: false } } }',
    ],
  ])('is rejected if no value can satisfy a schema: %s', (_what, entry, name = 'a') => {
    expect(faultsOf(`fields:\n  ${name}: ${entry}`)).toEqual([
      expect.stringMatching(new RegExp(`^fields\\.yaml:2: fields\\.${name}\\.schema: no value can satisfy it: `)),
    ]);
  });

  it('has all its faults reported at once', () => {
    expect(faultsOf('fields:\n  a: { store: database }\n  b: { store: logto }')).toHaveLength(2);
  });

  it('is rejected when it is built in code, too', () => {
    expect(() => buildCatalogue({ fields: { a: { store: 'database' } } }, stores)).toThrow(
      'catalogue: fields.a.schema: ',
    );
  });

  it('is rejected when the file is missing', () => {
    expect(() => loadCatalogueFile('/nowhere/fields.yaml', stores)).toThrow(
      '/nowhere/fields.yaml: the field catalogue cannot be read (ENOENT)',
    );
  });
});

describe('a field of Logto', () => {
  it('can be narrowed but not loosened', () => {
    const catalogue = buildCatalogue(
      {
        fields: { name: { store: 'logto', schema: { minLength: 3, maxLength: 5000 } } },
      },
      stores,
    );
    expect(catalogue.validate({ name: 'Al' })).toMatchObject([{ code: 'too_short' }]);
    expect(catalogue.validate({ name: 'A'.repeat(129) })).toMatchObject([{ code: 'too_long' }]);
  });
});
