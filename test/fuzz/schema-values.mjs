import fc from 'fast-check';

/** Values that parsers, databases and validators have got wrong. As JSON text, because some are no JavaScript values. */
const HOSTILE_TEXTS = [
  ...[
    'null',
    'true',
    '0',
    '-0',
    '-1',
    '1.5',
    '1e400',
    '9007199254740993',
    '1e-400',
    '""',
    '" "',
    '[]',
    '{}',
    '[[]]',
    '[null]',
  ],
  ...[
    '"\\u0000"',
    '"\\ud800"',
    '"\\udc00x"',
    '"\\u200b"',
    '"\\u202e"',
    '"a\\nb"',
    '"😀"',
    '"é"',
    '"e\\u0301"',
    '"İ"',
    '"﷽"',
  ],
  ...[
    '"<script>"',
    '"\' or 1=1--"',
    '"../../etc"',
    '"%00"',
    '"{{7*7}}"',
    '"javascript:alert(1)"',
    '"null"',
    '"__proto__"',
  ],
  ...[
    '{"__proto__":{"a":1}}',
    '{"constructor":{"prototype":1}}',
    '{"a":1,"a":2}',
    '{"$sealed":"x"}',
    '{"masked":"•••• 1234"}',
  ],
  ...['{"jwe":"x","mask":"y"}', '{"a":{"b":{"c":[1,{"d":null}]}}}', '{"":""}', '{"$ref":"#"}', '[1e308,-1e308]'],
  JSON.stringify('a'.repeat(129)),
  JSON.stringify('a'.repeat(3_000)),
  JSON.stringify('é'.repeat(70_000)),
  JSON.stringify(Array(1_200).fill(1)),
  `${'['.repeat(17)}${']'.repeat(17)}`,
  `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`,
];

/** The JSON text of a value that is probably wrong. */
export const hostileText = fc.constantFrom(...HOSTILE_TEXTS);

/** How many texts are generated for each pattern: generating them is slow, choosing one is not. */
const TEXTS_PER_PATTERN = 40;

/** Creates arbitraries of values from the schemas of an OpenAPI document. */
export class SchemaValues {
  #document;
  #pools = new Map();
  #seed;

  constructor(document, seed) {
    this.#document = document;
    this.#seed = seed;
  }

  /**
   * @param overrides arbitraries by the name of a member, which are preferred to those of its schema
   * @returns an arbitrary of JSON texts, most of which the schema accepts
   */
  textOf(schema, overrides = {}) {
    return this.#valueOf(schema, overrides).map((value) => JSON.stringify(value));
  }

  #valueOf(given, overrides) {
    const schema = this.resolve(given);
    const alternatives = schema.oneOf ?? schema.anyOf;
    if (alternatives) return fc.oneof(...alternatives.map((each) => this.#valueOf(each, overrides)));
    if (schema.allOf) return this.#valueOf(Object.assign({}, schema, ...schema.allOf, { allOf: undefined }), overrides);
    if ('const' in schema) return fc.constant(schema.const);
    if (schema.enum) return fc.constantFrom(...schema.enum);
    const types = [schema.type ?? ['string', 'integer', 'object']].flat();
    const examples = schema.examples ?? ('example' in schema ? [schema.example] : []);
    const generated = fc.oneof(...types.map((type) => this.#valueOfType(type, schema, overrides)));
    if (examples.length === 0 || types.includes('object')) return generated;
    return fc.oneof({ weight: 1, arbitrary: fc.constantFrom(...examples) }, { weight: 2, arbitrary: generated });
  }

  #valueOfType(type, schema, overrides) {
    switch (type) {
      case 'null':
        return fc.constant(null);
      case 'boolean':
        return fc.boolean();
      case 'integer':
        return fc.integer({ min: schema.minimum ?? -1_000, max: schema.maximum ?? 1_000 });
      case 'number':
        return fc.double({ min: schema.minimum ?? -1e6, max: schema.maximum ?? 1e6, noNaN: true });
      case 'array':
        return fc.array(this.#valueOf(schema.items ?? {}, overrides), { maxLength: 3 });
      case 'object':
        return this.#objectOf(schema, overrides);
      default:
        return this.#textOfString(schema);
    }
  }

  #textOfString({ pattern, minLength = 0, maxLength = 200 }) {
    if (pattern === undefined) return fc.string({ unit: 'grapheme', minLength, maxLength: Math.min(maxLength, 24) });
    if (!this.#pools.has(pattern)) {
      const texts = fc.sample(fc.stringMatching(new RegExp(pattern, 'u')), {
        numRuns: TEXTS_PER_PATTERN,
        seed: this.#seed,
      });
      this.#pools.set(pattern, fc.constantFrom(...texts));
    }
    return this.#pools.get(pattern);
  }

  #objectOf({ properties = {}, required = [], additionalProperties }, overrides) {
    const members = Object.entries(properties).map(([name, member]) => {
      const own = this.#valueOf(member, overrides);
      return [
        name,
        overrides[name] ? fc.oneof({ weight: 4, arbitrary: overrides[name] }, { weight: 1, arbitrary: own }) : own,
      ];
    });
    const isOpen = members.length === 0 && additionalProperties !== false;
    if (isOpen)
      return fc.dictionary(fc.string({ minLength: 1, maxLength: 5 }), fc.jsonValue({ maxDepth: 1 }), {
        maxKeys: 3,
        noNullPrototype: true,
      });
    const all = Object.fromEntries(members);
    const optional = Object.keys(all).filter((name) => !required.includes(name));
    // A few members at a time: a patch of all fields would hardly ever be valid.
    return fc
      .subarray(optional, { maxLength: Math.min(3, optional.length) })
      .chain((chosen) =>
        fc.record(
          Object.fromEntries([...required, ...chosen].filter((name) => all[name]).map((name) => [name, all[name]])),
          { noNullPrototype: true },
        ),
      );
  }

  /** Follows `$ref`. */
  resolve(schema) {
    if (!schema?.$ref) return schema ?? {};
    return this.resolve(
      schema.$ref
        .slice(2)
        .split('/')
        .reduce((part, key) => part[key], this.#document),
    );
  }
}
