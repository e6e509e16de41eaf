import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import formatsPlugin from 'ajv-formats';
import type { Clock } from '../../../platform/config/clock.js';
import type { FieldMessage, FormatName, JsonType } from '../../../platform/errors/messages/messages.js';
import type { FieldError } from '../../../platform/errors/problem-error.js';
import { jsonPointer, valueAt } from '../../../platform/json/json-pointer.js';
import { sameJson, type Json } from '../../../platform/json/json.js';
import type { CatalogueField } from './catalogue-field.js';
import { TEXT_FORMATS } from './formats.js';
import { allowsType, type JsonSchema } from './json-schema.js';

/** The deepest nesting of objects and lists, including the document itself. */
const MAX_DEPTH = 16;
/** The most errors that are reported for one value. */
const MAX_ERRORS = 20;

type Describe = (error: ErrorObject) => FieldMessage;

/** By JSON Schema keyword. A keyword that is not listed is reported as `invalid_value`. */
const DESCRIPTIONS: Record<string, Describe> = {
  type: ({ schema }) => ({ code: 'invalid_type', params: { types: [schema as JsonType | JsonType[]].flat() } }),
  required: () => ({ code: 'required' }),
  additionalProperties: () => ({ code: 'unknown_field' }),
  unevaluatedProperties: () => ({ code: 'unknown_field' }),
  maxLength: tooLong,
  'x-maxUtf16Length': tooLong,
  minLength: ({ schema }) =>
    schema === 1
      ? { code: 'empty', params: { nullClears: false } }
      : { code: 'too_short', params: { min: schema as number } },
  pattern: ({ schema }) => ({ code: 'invalid_format', params: { pattern: schema as string } }),
  format: ({ schema }) => ({ code: 'invalid_format', params: { format: schema as FormatName } }),
  enum: ({ schema }) => ({ code: 'not_allowed', params: { values: schema as Json[] } }),
  const: ({ schema }) => ({ code: 'not_allowed', params: { values: [schema as Json] } }),
  minimum: outOfRange,
  maximum: outOfRange,
  exclusiveMinimum: outOfRange,
  exclusiveMaximum: outOfRange,
  minItems: ({ schema }) => ({ code: 'too_few', params: { min: schema as number, of: 'items' } }),
  maxItems: ({ schema }) => ({ code: 'too_many', params: { max: schema as number, of: 'items' } }),
  minProperties: ({ schema }) => ({ code: 'too_few', params: { min: schema as number, of: 'keys' } }),
  maxProperties: ({ schema }) => ({ code: 'too_many', params: { max: schema as number, of: 'keys' } }),
  uniqueItems: () => ({ code: 'duplicate' }),
};

function tooLong({ schema }: Pick<ErrorObject, 'schema'>): FieldMessage {
  return { code: 'too_long', params: { max: schema as number } };
}

function outOfRange({ params }: ErrorObject): FieldMessage {
  const { comparison, limit } = params as { comparison: '>=' | '>' | '<=' | '<'; limit: number };
  return { code: 'out_of_range', params: { comparison, limit } };
}

/** By keyword: Ajv's parameter with the name of the member at fault, if that is not the object itself. */
const MEMBER_PARAMS: Readonly<Record<string, string>> = {
  required: 'missingProperty',
  additionalProperties: 'additionalProperty',
  unevaluatedProperties: 'unevaluatedProperty',
};

/** Compiles the schema of each field once, and checks values by it. */
export class ValueValidator {
  private readonly ajv: Ajv2020;
  private readonly compiled = new Map<string, ValidateFunction>();

  constructor(clock: Clock) {
    this.ajv = createAjv(clock);
  }

  /** @throws Error if the schema is not valid JSON Schema 2020-12, or has an unknown keyword or format */
  compile(name: string, schema: JsonSchema): void {
    this.compiled.set(name, this.ajv.compile(schema));
  }

  /** Whether a schema accepts a value; unlike `validate`, not within the limits of a field. */
  accepts(schema: JsonSchema, value: Json): boolean {
    return this.ajv.validate(schema, value);
  }

  /**
   * @param value not null
   * @param stored the present value, which can break rules that are younger than it is: parts that stay as they are, and a size that
   *   does not grow, are no errors
   * @returns what is wrong, with pointers from the document; never quotes the value
   */
  validate(field: CatalogueField, value: Json, stored: Json = null): FieldError[] {
    const root = `/${field.name}`;
    const at = (fault: FieldMessage): FieldError[] => [{ pointer: root, ...fault }];
    if (value === '' && allowsType(field.schema, 'string')) return at({ code: 'empty', params: { nullClears: true } });
    const [size, before] = [measure(value), measure(stored)];
    if (size.bytes > Math.max(field.maxBytes, before.bytes)) {
      return at({ code: 'too_large', params: { max: field.maxBytes, of: 'value' } });
    }
    if (size.entries > Math.max(field.maxKeys, before.entries)) {
      return at({ code: 'too_many', params: { max: field.maxKeys, of: 'both' } });
    }
    if (size.depth > Math.max(MAX_DEPTH - 1, before.depth)) return at({ code: 'too_deep', params: { max: MAX_DEPTH } });

    const { maxLength } = field.schema;
    if (typeof value === 'string' && isFarTooLong(value, field.schema)) return at(tooLong({ schema: maxLength }));

    const check = this.compiled.get(field.name)!;
    if (check(value)) return [];
    const errors = check.errors ?? [];
    return outermost(stored === null || check(stored) ? errors : newErrors(errors, check.errors ?? [], value, stored))
      .slice(0, MAX_ERRORS)
      .map((error) => ({
        pointer: root + pointerOf(error),
        ...(DESCRIPTIONS[error.keyword]?.(error) ?? { code: 'invalid_value', params: {} }),
      }));
  }
}

/**
 * Whether a text exceeds `maxLength` even if each character has two UTF-16 code units. Patterns are not tried with such a text: they may
 * take long, and it is rejected anyway.
 */
const isFarTooLong = (text: string, { maxLength }: JsonSchema): boolean =>
  typeof maxLength === 'number' && text.length > 2 * maxLength;

/** From the value to the part at fault. */
function pointerOf({ instancePath, keyword, params }: ErrorObject): string {
  const member = params[MEMBER_PARAMS[keyword] ?? ''] as string | undefined;
  return instancePath + (member === undefined ? '' : jsonPointer(member));
}

/**
 * Omits the errors that the stored value has too, if their part stays as it is, or an object with too many members does not grow. An
 * alternative fails for the same reason if all errors inside it are the same.
 */
function newErrors(errors: ErrorObject[], before: ErrorObject[], value: Json, stored: Json): ErrorObject[] {
  const keyOf = (error: ErrorObject) => `${error.schemaPath} ${pointerOf(error)}`;
  const known = new Set(before.map(keyOf));
  const isOld = (error: ErrorObject): boolean => {
    if (!known.has(keyOf(error))) return false;
    const inside = errors.filter(({ schemaPath }) => schemaPath.startsWith(insideOf(error)));
    if (ALTERNATIVES.includes(error.keyword) && inside.length > 0) return inside.every(isOld);
    const [part, present] = [value, stored].map((each) => valueAt(each, pointerOf(error)));
    const shrinks = error.keyword === 'maxProperties' && Object.keys(part!).length <= Object.keys(present ?? {}).length;
    return shrinks || sameJson(part, present);
  };
  return errors.filter((error) => !isOld(error));
}

const ALTERNATIVES = ['anyOf', 'oneOf', 'not', 'if'];

/** The path of the schemas that a failed alternative consists of: of `if`, the `then` or `else` that failed. */
const insideOf = ({ keyword, schemaPath, params }: ErrorObject): string =>
  keyword === 'if' ? `${schemaPath.slice(0, -2)}${params.failingKeyword as string}/` : `${schemaPath}/`;

/** Omits the errors inside failed alternatives: the alternative itself is reported, and the reasons of each branch would only confuse. */
function outermost(errors: ErrorObject[]): ErrorObject[] {
  const alternatives = errors.filter(({ keyword }) => ALTERNATIVES.includes(keyword));
  const inside = (path: string) => alternatives.some(({ schemaPath }) => path.startsWith(`${schemaPath}/`));
  const seen = new Set<string>();
  return errors.filter(({ schemaPath, instancePath, keyword, params }) => {
    // Reports a rule only once: maxLength and x-maxUtf16Length, or a rule that occurs twice.
    const key = JSON.stringify([
      instancePath,
      keyword.toLowerCase().replace('x-maxutf16', 'max'),
      params.missingProperty,
      params.additionalProperty,
    ]);
    if (inside(schemaPath) || seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** Its size as JSON in bytes of UTF-8, its number of keys and items, and its depth. */
const measure = (value: Json) => ({ bytes: Buffer.byteLength(JSON.stringify(value)), ...measureTree(value) });

function measureTree(value: Json): { entries: number; depth: number } {
  if (value === null || typeof value !== 'object') return { entries: 0, depth: 0 };
  const members = Object.values(value);
  const inner = members.map(measureTree);
  return {
    entries: inner.reduce((sum, { entries }) => sum + entries, members.length),
    depth: 1 + inner.reduce((deepest, { depth }) => Math.max(deepest, depth), 0),
  };
}

function createAjv(clock: Clock): Ajv2020 {
  const ajv = new Ajv2020({
    allErrors: true,
    strict: true,
    strictTypes: false,
    strictRequired: false,
    strictTuples: false,
    allowUnionTypes: true,
    ownProperties: true, // A required `constructor` would be found on every object's prototype.
    verbose: true, // Adds `schema`, the keyword's value, to errors. Errors never leave this file.
  });
  formatsPlugin.default(ajv);
  for (const [name, { accepts }] of Object.entries(TEXT_FORMATS)) {
    ajv.addFormat(name, (text: string) => accepts(text, clock.now()));
  }
  ajv.addKeyword({
    keyword: 'x-maxUtf16Length',
    type: 'string',
    schemaType: 'number',
    validate: (limit: number, text: string) => text.length <= limit,
  });
  // As Ajv's own, which does not know of other keywords.
  ajv.removeKeyword('pattern').addKeyword({
    keyword: 'pattern',
    type: 'string',
    schemaType: 'string',
    compile: (pattern: string, schema: JsonSchema) => {
      const expression = new RegExp(pattern, 'u');
      return (text: string) => isFarTooLong(text, schema) || expression.test(text);
    },
  });
  return ajv;
}
