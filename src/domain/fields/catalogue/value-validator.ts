import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import formatsPlugin from 'ajv-formats';
import type { Clock } from '../../../platform/config/clock.js';
import type { FieldMessage, FormatName, JsonType } from '../../../platform/errors/messages/messages.js';
import type { FieldError } from '../../../platform/errors/problem-error.js';
import { jsonPointer } from '../../../platform/json/json-pointer.js';
import type { Json } from '../../../platform/json/json.js';
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

  /**
   * @param value not null
   * @returns what is wrong, with pointers from the document; never quotes the value
   */
  validate(field: CatalogueField, value: Json): FieldError[] {
    const root = `/${field.name}`;
    const at = (fault: FieldMessage): FieldError[] => [{ pointer: root, ...fault }];
    if (value === '' && allowsType(field.schema, 'string')) return at({ code: 'empty', params: { nullClears: true } });
    const bytes = Buffer.byteLength(JSON.stringify(value));
    if (bytes > field.maxBytes) return at({ code: 'too_large', params: { max: field.maxBytes, of: 'value' } });
    const { entries, depth } = measure(value);
    if (entries > field.maxKeys) return at({ code: 'too_many', params: { max: field.maxKeys, of: 'both' } });
    if (depth >= MAX_DEPTH) return at({ code: 'too_deep', params: { max: MAX_DEPTH } });

    const { maxLength } = field.schema;
    // Ajv would try the pattern too, which can take long for a long text.
    if (typeof value === 'string' && typeof maxLength === 'number' && value.length > 2 * maxLength) {
      return at(tooLong({ schema: maxLength }));
    }

    const check = this.compiled.get(field.name)!;
    if (check(value)) return [];
    return outermost(check.errors ?? [])
      .slice(0, MAX_ERRORS)
      .map((error) => {
        const member = error.params[MEMBER_PARAMS[error.keyword] ?? ''] as string | undefined;
        const fault = DESCRIPTIONS[error.keyword]?.(error) ?? { code: 'invalid_value', params: {} };
        return { pointer: root + error.instancePath + (member === undefined ? '' : jsonPointer(member)), ...fault };
      });
  }
}

/** Omits the errors inside failed alternatives: the alternative itself is reported, and the reasons of each branch would only confuse. */
function outermost(errors: ErrorObject[]): ErrorObject[] {
  const alternatives = errors.filter(({ keyword }) => ['anyOf', 'oneOf', 'not', 'if'].includes(keyword));
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

function measure(value: Json): { entries: number; depth: number } {
  if (value === null || typeof value !== 'object') return { entries: 0, depth: 0 };
  const members = Object.values(value);
  const inner = members.map(measure);
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
  return ajv;
}
