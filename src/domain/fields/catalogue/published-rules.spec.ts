import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formatsPlugin from 'ajv-formats';
import fc from 'fast-check';
import { json } from '../../../../test/data/json-arbitraries.js';
import { email, pastedPhone } from '../../../../test/support/addresses.js';
import { stores } from '../../../../test/support/stores.js';
import type { FieldError } from '../../../platform/errors/problem-error.js';
import { parseJsonBody } from '../../../platform/http/json-body.js';
import type { Json } from '../../../platform/json/json.js';
import type { UserState } from '../user-state.js';
import { planChange } from '../../profile-document/change-plan.js';
import type { CatalogueDefinition } from './catalogue-field.js';
import type { FieldCatalogue } from './field-catalogue.js';
import type { JsonSchema } from './json-schema.js';
import { buildCatalogue, loadCatalogueFile } from './load-catalogue.js';
import { profileSchema } from './published-schema.js';
import { SERVER_RULES, type ServerRule } from './server-rules.js';

const NOW = Date.parse('2026-06-15T12:00:00Z');
const clock = { now: () => NOW };

/** Fields with rules of every kind, beside those of the sample. */
const KINDS: CatalogueDefinition = {
  fields: {
    anything: { store: 'database', schema: {} },
    shoeSize: { store: 'customData', schema: { type: 'integer', minimum: 15, maximum: 60, multipleOf: 5 } },
    color: { store: 'customData', schema: { type: 'string', enum: ['red', 'green'] } },
    fixed: { store: 'database', schema: { const: 'a' } },
    code: { store: 'database', schema: { type: 'string', format: 'line', pattern: '^[a-c ]*$', minLength: 3 } },
    either: { store: 'database', schema: { type: ['string', 'boolean'], maxLength: 3 } },
    several: { store: 'database', schema: { anyOf: [{ type: 'string', format: 'date' }, { type: 'integer' }] } },
    mail: { store: 'database', schema: { type: 'string', format: 'email', maxLength: 40 } },
    bio: { store: 'database', schema: { type: 'string', format: 'lines' } },
    tags: {
      store: 'customData',
      schema: { type: 'array', items: { type: 'string', format: 'line' }, maxItems: 3, uniqueItems: true },
    },
    limits: { store: 'customData', maxKeys: 3, maxBytes: 60, schema: { type: 'object' } },
    map: { store: 'customData', schema: { type: 'object', additionalProperties: { type: 'string', format: 'line' } } },
    contact: {
      store: 'database',
      sensitive: true,
      schema: {
        type: 'object',
        required: ['a'],
        additionalProperties: false,
        properties: {
          a: { type: 'string', maxLength: 3 },
          b: { type: 'object', properties: { a: { type: 'integer' }, b: { type: ['string', 'null'] } } },
          c: { type: 'array', items: { type: 'object', properties: { a: { type: 'string' } } } },
        },
      },
    },
    website: { store: 'logto', schema: { pattern: '^https:' } },
    address: { store: 'logto', schema: { properties: { country: { enum: ['DE', 'FR'] } } } },
  },
};

const catalogues: [string, FieldCatalogue][] = [
  [
    'the sample catalogue',
    loadCatalogueFile(fileURLToPath(new URL('../../../../profile-fields.yaml', import.meta.url)), stores, clock),
  ],
  ['a catalogue with rules of every kind', buildCatalogue(KINDS, stores, { clock })],
];

/** What the service rejects of a change of one field of a user who has no values. */
function faultsOf(catalogue: FieldCatalogue, name: string, value: Json): readonly FieldError[] {
  const user = { id: 'u1', customData: {}, profile: {} } as unknown as UserState['user'];
  const state: UserState = { user, fields: {}, fieldsVersion: 1, loaded: {} };
  const { errors } = planChange(catalogue, state, { [name]: value }, 'profile');
  return errors;
}

/** Compiles a schema as a page does. */
function compile(schema: JsonSchema) {
  const ajv = new Ajv2020({ strict: false });
  formatsPlugin.default(ajv);
  return ajv.compile(schema);
}

const textsIn = (value: Json): string[] =>
  typeof value === 'string'
    ? [value]
    : value !== null && typeof value === 'object'
      ? Object.values(value).flatMap(textsIn)
      : [];
const today = new Date(NOW + 14 * 3_600_000).toISOString();

const isUrl = (text: string): boolean => {
  try {
    return Boolean(new URL(text));
  } catch {
    return false;
  }
};

/** Whether a server rule explains an error, from what the rule says and independent of the service's code. */
const EXPLANATIONS: Record<ServerRule, (error: FieldError, value: Json) => boolean> = {
  'phone-number': ({ code }) => ['invalid_phone', 'country_code_missing', 'invalid_format'].includes(code),
  'email-address': ({ code }) => code === 'invalid_email',
  'tenant-policy': () => false,
  'last-identifier': () => false,
  'not-in-future': ({ code }, value) => code === 'invalid_format' && (value as string) > today.slice(0, 10),
  'registered-subtags': ({ code }) => code === 'invalid_format',
  url: ({ code }, value) => code === 'invalid_format' && !isUrl(value as string),
  'visible-text': ({ code, params }, value) =>
    code === 'invalid_format' &&
    ['line', 'lines'].includes((params as { format?: string }).format ?? '') &&
    textsIn(value).some(
      (text) => !/(?![\p{Default_Ignorable_Code_Point}\u2800\uFFFC])[\p{L}\p{N}\p{P}\p{S}]/u.test(text),
    ),
  'utf16-length': ({ code }, value) =>
    code === 'too_long' && textsIn(value).some((text) => text.length > [...text].length),
  size: ({ code }) => ['too_large', 'too_many', 'too_deep'].includes(code),
};

const character = fc.oneof(
  fc.constantFrom(
    ...'aZ09 \t\n-_.,/\\|@#?%{}"^`<>()+äЖ漢😀',
    '\u00A0',
    '\u00AD',
    '\u200B',
    '\u200D',
    '\u2028',
    '\u202E',
    '\u2800',
    '\u3164',
    '\uFEFF',
    '\u{E0001}',
  ),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
);
const text = fc.oneof(
  fc.array(character, { maxLength: 8 }).map((characters) => characters.join('')),
  fc.tuple(character, fc.nat(140)).map(([each, count]) => each.repeat(count)),
);
const digits = fc
  .array(fc.constantFrom('0', '1', '2', '3', '9'), { minLength: 1, maxLength: 4 })
  .map((each) => each.join(''));
const url = fc
  .tuple(
    fc.constantFrom('http://', 'HTTPS://', 'https:/', 'ftp://', 'https:///'),
    fc.oneof(
      fc.constantFrom(
        '例え.jp',
        'example.com',
        '[::1]',
        'user:pw@example.com',
        '@example.com',
        '999.1.1.1',
        'a b',
        'xn--a',
      ),
      text,
    ),
    fc.oneof(fc.constantFrom('', ':80', ':99999', '/a|b', '/{id}', '/100%', '/wiki/Zürich', '?q=a@b', '#ü'), text),
  )
  .map((parts) => parts.join(''));
const date = fc
  .tuple(fc.oneof(fc.constantFrom('0000', '1900', '2000', '2024', '2026', '2027'), digits), digits, digits)
  .map(([year, month, day]) => `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`);
const tag = fc.array(fc.constantFrom('en', 'DE', 'Latn', 'english', 'zh', 'yue', 'x', 'u', 'co', '419', '1994', 'a'), {
  minLength: 1,
  maxLength: 4,
});
const zone = fc.constantFrom('Europe/Kyiv', 'EUROPE/KYIV', 'UTC', 'utc', 'PST', 'Europe/Atlantis', 'Factory');
const samples = fc.oneof(
  text,
  url,
  date,
  fc.oneof(digits, fc.integer().map(String)),
  tag.map((subtags) => subtags.join('-')),
  zone,
  fc
    .tuple(text, email, text)
    .map(([before, address, after]) =>
      before.trim() === '' && after.trim() === '' ? before + address + after : address,
    ),
  pastedPhone.map(({ pasted }) => pasted),
);
const scalar = fc.oneof(
  samples,
  fc.integer({ min: -100, max: 100 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
);

/** Values for a schema: mostly of its type, with its examples and members; sometimes any JSON. */
function valuesFor(schema: JsonSchema): fc.Arbitrary<Json> {
  const {
    properties,
    examples = [],
    enum: values = [],
    items,
  } = schema as {
    properties?: Record<string, JsonSchema>;
    examples?: Json[];
    enum?: Json[];
    items?: JsonSchema;
  };
  const known = [...examples, ...values] as Json[];
  const changed = fc
    .tuple(fc.constantFrom(...(known.length > 0 ? known : [''])), text)
    .map(([example, more]) => (typeof example === 'string' ? example + more : example));
  const options: fc.Arbitrary<Json>[] = [scalar, changed, json.value];
  if (known.length > 0) options.push(fc.constantFrom(...known));
  if (items) options.push(fc.array(valuesFor(items), { maxLength: 4 }));
  if (properties) {
    const members = Object.entries(properties).map(([name, member]) => [
      name,
      fc.oneof(valuesFor(member), fc.constant(null)),
    ]);
    options.push(
      fc.record(Object.fromEntries(members) as Record<string, fc.Arbitrary<Json>>, {
        requiredKeys: [],
      }) as fc.Arbitrary<Json>,
    );
  }
  options.push(fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), scalar, { noNullPrototype: true }));
  return fc.oneof(...options);
}

describe.each(catalogues)('the published schema of %s', (_what, catalogue) => {
  const schema = profileSchema(catalogue, 'en');
  const accepts = compile(schema);
  const published = schema.properties as Record<string, JsonSchema>;

  it.each(catalogue.writable().map(({ name }) => [name]))('agrees with the service for %s', (name) => {
    const field = catalogue.fields.get(name)!;
    const rules = (published[name]!['x-server-rules'] ?? []) as ServerRule[];
    fc.assert(
      fc.property(valuesFor(field.schema), (generated) => {
        const value = storable(generated);
        fc.pre(value !== undefined);
        const faults = faultsOf(catalogue, name, value!);
        if (!accepts({ [name]: value! })) return expect(faults).not.toEqual([]);
        const isExplained = (error: FieldError) => rules.some((rule) => EXPLANATIONS[rule](error, value!));
        expect(faults.filter((error) => !isExplained(error))).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });
});

/** The value as the service receives it; undefined if no body can contain it. */
function storable(value: Json): Json | undefined {
  try {
    return parseJsonBody(Buffer.from(JSON.stringify(value)));
  } catch {
    return undefined;
  }
}

describe('x-server-rules', () => {
  const sample = catalogues[0]![1];
  const published = profileSchema(sample, 'en').properties as Record<string, JsonSchema>;
  const accepts = compile(profileSchema(sample, 'en'));

  it.each<[string, ServerRule, Json]>([
    ['primaryPhone', 'phone-number', '12'],
    ['emergencyContact', 'phone-number', { phone: '+' }],
    ['primaryEmail', 'email-address', 'a@b'],
    ['birthdate', 'not-in-future', '2026-06-17'],
    ['locale', 'registered-subtags', 'english'],
    ['website', 'url', 'https://example.com:99999'],
    ['name', 'visible-text', '\u0301'],
    ['address', 'visible-text', { formatted: '\u{E0001}' }],
    ['name', 'utf16-length', '😀'.repeat(65)],
    ['preferences', 'size', { a: 'x'.repeat(262_144) }],
  ])('of %s has %s, which only the service checks', (name, rule, value) => {
    expect(published[name]!['x-server-rules']).toContain(rule);
    expect(accepts({ [name]: value })).toBe(true);
    expect(faultsOf(sample, name, value)).not.toEqual([]);
  });

  it('has the rules of the tenant and of sign-in for identifiers', () => {
    expect(published.username).toMatchObject({
      'x-server-rules': ['tenant-policy', 'last-identifier', 'utf16-length'],
    });
    expect(published.plan).not.toHaveProperty('x-server-rules');
    expect(published.newsletter).not.toHaveProperty('x-server-rules');
  });

  it('are all explained in docs/fields.md', () => {
    const docs = readFileSync(fileURLToPath(new URL('../../../../docs/fields.md', import.meta.url)), 'utf8');
    expect([...docs.split('| rule ')[1]!.matchAll(/^\| `([\w-]+)` +\| [A-Z]/gm)].map(([, rule]) => rule)).toEqual([
      ...SERVER_RULES,
    ]);
  });

  it('are not needed for the URLs that people have', () => {
    const urls = [
      'https://例え.jp/パス',
      'https://de.wikipedia.org/wiki/Zürich',
      'https://example.com/a|b',
      'https://example.com/{id}',
      'https://example.com/100%',
      'https://example.com/"a"',
      'https://example.com/^`<>',
      'https://example.com?q=[a]',
      'https://medium.com/@alice',
      'https://bücher.example',
    ];
    for (const website of urls) {
      expect([website, accepts({ website }), faultsOf(sample, 'website', website)]).toEqual([website, true, []]);
    }
  });
});
