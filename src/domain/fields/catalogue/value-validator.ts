import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import formatsPlugin from 'ajv-formats';
import type { FieldError } from '../../../platform/errors/problem-error.js';
import { jsonPointer } from '../../../platform/json/json-pointer.js';
import { isObject, type Json } from '../../../platform/json/json.js';
import type { CatalogueField, JsonSchema } from './catalogue-field.js';
import { TEXT_FORMATS } from './formats.js';
import { allowsType } from './schema-types.js';

/** Containers inside each other, the document itself included. */
const MAX_DEPTH = 16;
/** Errors told of one value at most. */
const MAX_ERRORS = 20;

type Describe = (error: ErrorObject) => { code: string; detail: string; member?: string };

const TYPES: Record<string, string> = {
  string: 'text',
  boolean: 'true or false',
  integer: 'a whole number',
  number: 'a number',
  object: 'an object',
  array: 'a list',
  null: 'null',
};

const notAllowedMember = (member: string) => ({ code: 'unknown_field', detail: 'This key is not known.', member });

/** By JSON Schema keyword. What is not listed is `invalid_value`. */
const DESCRIPTIONS: Record<string, Describe> = {
  type: ({ params }) => {
    const types = [params.type as string | string[]].flat().flatMap((type) => type.split(','));
    return { code: 'invalid_type', detail: `This value must be ${types.map((type) => TYPES[type]).join(' or ')}.` };
  },
  required: ({ params }) => ({
    code: 'required',
    detail: 'This value is missing.',
    member: params.missingProperty as string,
  }),
  additionalProperties: ({ params }) => notAllowedMember(params.additionalProperty as string),
  unevaluatedProperties: ({ params }) => notAllowedMember(params.unevaluatedProperty as string),
  maxLength: ({ params }) => tooLong(params.limit as number),
  'x-maxUtf16Length': ({ schema }) => tooLong(schema as number),
  minLength: ({ params }) =>
    params.limit === 1
      ? { code: 'empty', detail: 'This value must not be empty.' }
      : { code: 'too_short', detail: `This value must have at least ${params.limit} characters.` },
  pattern: ({ params }) => ({ code: 'invalid_format', detail: `This value must match ${params.pattern}.` }),
  format: ({ params }) => {
    const format = params.format as string;
    return { code: 'invalid_format', detail: TEXT_FORMATS[format]?.detail ?? `This value must be a valid ${format}.` };
  },
  enum: ({ params }) => notAllowed(params.allowedValues as Json[]),
  const: ({ params }) => notAllowed([params.allowedValue as Json]),
  minimum: outOfRange,
  maximum: outOfRange,
  exclusiveMinimum: outOfRange,
  exclusiveMaximum: outOfRange,
  minItems: ({ params }) => ({ code: 'too_few', detail: `This list must have at least ${params.limit} items.` }),
  maxItems: ({ params }) => ({ code: 'too_many', detail: `This list must have at most ${params.limit} items.` }),
  minProperties: ({ params }) => ({ code: 'too_few', detail: `This object must have at least ${params.limit} keys.` }),
  maxProperties: ({ params }) => ({ code: 'too_many', detail: `This object must have at most ${params.limit} keys.` }),
  uniqueItems: () => ({ code: 'duplicate', detail: 'This list must not have equal items.' }),
};

function tooLong(limit: number) {
  return { code: 'too_long', detail: `This value must have at most ${limit} characters.` };
}

function notAllowed(values: Json[]) {
  return {
    code: 'not_allowed',
    detail: `This value must be one of ${values.map((value) => JSON.stringify(value)).join(', ')}.`,
  };
}

function outOfRange({ params }: ErrorObject) {
  return { code: 'out_of_range', detail: `This value must be ${params.comparison} ${params.limit}.` };
}

/** Compiles the schemas of fields, once each, and checks values by them. */
export class ValueValidator {
  private readonly ajv = createAjv();
  private readonly compiled = new Map<string, ValidateFunction>();

  /** @throws Error when the schema is not valid JSON Schema 2020-12, or holds a keyword or format that is not known */
  compile(name: string, schema: JsonSchema): void {
    this.compiled.set(name, this.ajv.compile(schema));
  }

  /**
   * @param value not null
   * @returns what is wrong with it, by pointer from the document; never quoting the value
   */
  validate(field: CatalogueField, value: Json): FieldError[] {
    const root = `/${field.name}`;
    const at = (code: string, detail: string): FieldError[] => [{ pointer: root, code, detail }];
    if (value === '' && allowsType(field.schema, 'string'))
      return at('empty', 'This value must not be empty; null clears it.');
    // It would be taken for a sealed value when it is read.
    if (field.store === 'database' && isObject(value) && Object.hasOwn(value, '$sealed')) {
      return [{ pointer: `${root}/$sealed`, code: 'unknown_field', detail: 'This key is not known.' }];
    }
    const bytes = Buffer.byteLength(JSON.stringify(value));
    if (bytes > field.maxBytes) return at('too_large', `This value may take ${field.maxBytes} bytes.`);
    const { entries, depth } = measure(value);
    if (entries > field.maxKeys) return at('too_many', `This value may have ${field.maxKeys} keys and items in all.`);
    if (depth >= MAX_DEPTH) return at('too_deep', `A document may be ${MAX_DEPTH} levels deep.`);

    const { maxLength } = field.schema;
    // Some patterns take long to refuse a long text, and would be tried although its length refuses it already.
    if (typeof value === 'string' && typeof maxLength === 'number' && value.length > 2 * maxLength) {
      return [{ pointer: root, ...tooLong(maxLength) }];
    }

    const check = this.compiled.get(field.name)!;
    if (check(value)) return [];
    return outermost(check.errors ?? [])
      .slice(0, MAX_ERRORS)
      .map((error) => {
        const { code, detail, member } = DESCRIPTIONS[error.keyword]?.(error) ?? {
          code: 'invalid_value',
          detail: 'This value is not valid.',
        };
        const pointer = root + error.instancePath + (member === undefined ? '' : jsonPointer(member));
        return { pointer, code, detail };
      });
  }
}

/** An alternative that failed says so itself; the reasons of each branch would only confuse. */
function outermost(errors: ErrorObject[]): ErrorObject[] {
  const alternatives = errors.filter(({ keyword }) => ['anyOf', 'oneOf', 'not', 'if'].includes(keyword));
  const inside = (path: string) => alternatives.some(({ schemaPath }) => path.startsWith(`${schemaPath}/`));
  const seen = new Set<string>();
  return errors.filter(({ schemaPath, instancePath, keyword, params }) => {
    // maxLength and its UTF-16 twin, or a rule given twice, say one thing once.
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

function measure(value: Json): { entries: number; depth: number } {
  if (value === null || typeof value !== 'object') return { entries: 0, depth: 0 };
  const members = Object.values(value);
  const inner = members.map(measure);
  return {
    entries: inner.reduce((sum, { entries }) => sum + entries, members.length),
    depth: 1 + inner.reduce((deepest, { depth }) => Math.max(deepest, depth), 0),
  };
}

function createAjv(): Ajv2020 {
  const ajv = new Ajv2020({
    allErrors: true,
    strict: true,
    strictTypes: false,
    strictRequired: false,
    strictTuples: false,
    allowUnionTypes: true,
    ownProperties: true, // A required `constructor` would be found on every object's prototype.
    verbose: true, // Adds `schema` to errors, for x-maxUtf16Length. Errors never leave this file.
  });
  formatsPlugin.default(ajv);
  for (const [name, { accepts }] of Object.entries(TEXT_FORMATS)) ajv.addFormat(name, accepts);
  ajv.addKeyword({
    keyword: 'x-maxUtf16Length',
    type: 'string',
    schemaType: 'number',
    validate: (limit: number, text: string) => text.length <= limit,
  });
  return ajv;
}
