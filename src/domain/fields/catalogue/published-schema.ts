import type { CatalogueField, Labels } from './catalogue-field.js';
import type { JsonSchema } from './json-schema.js';
import type { FieldCatalogue } from './field-catalogue.js';
import type { FieldSchemaName } from '../../../platform/docs/documented-requests.js';
import { isCustomData } from '../stores/custom-data.store.js';
import { TEXT_FORMATS } from './formats.js';
import { mapSchemas } from './map-schemas.js';

/** The language of labels where the wanted one is missing, and of the API document. */
const DEFAULT_LANGUAGE = 'en';

/** Languages of labels, the default one first: what `Accept-Language` is negotiated with. */
export function labelLanguages(catalogue: FieldCatalogue): [string, ...string[]] {
  const all = [...catalogue.fields.values()].flatMap(({ labels }) => Object.keys(labels));
  return [DEFAULT_LANGUAGE, ...new Set(all.filter((language) => language !== DEFAULT_LANGUAGE))];
}

/** The label in that language; otherwise in English, in any other language, or the name. */
export const labelOf = ({ name, labels }: Pick<CatalogueField, 'name' | 'labels'>, language: string): string =>
  pick(labels, language) ?? name;

const pick = (labels: Labels | undefined, language: string): string | undefined =>
  labels?.[language] ?? labels?.[DEFAULT_LANGUAGE] ?? Object.values(labels ?? {})[0];

/**
 * JSON Schema 2020-12 of the writable document, for `GET /v1/profile/schema`: labels as `title`, the order and the hint for forms as
 * `x-order` and `x-input`.
 */
export function writableSchema(catalogue: FieldCatalogue, language: string): JsonSchema {
  const properties = catalogue.writable().map((field, index) => {
    const annotations = {
      'x-order': index + 1,
      ...(field.input !== undefined && { 'x-input': field.input }),
      ...(field.sensitive && { 'x-sensitive': true }),
    };
    return [field.name, { ...nullable(titled(field, language)), ...annotations }];
  });
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: Object.fromEntries(properties) as JsonSchema,
    additionalProperties: false,
  };
}

/** Schemas (OpenAPI 3.1, so JSON Schema 2020-12) of the document and of patches. */
export function documentSchemas(catalogue: FieldCatalogue): Record<FieldSchemaName, JsonSchema> {
  const sensitive = catalogue
    .readable()
    .filter((field) => field.sensitive)
    .map(({ name }) => name);
  const id = { id: { type: 'string', description: "Logto's id of the user.", examples: ['w2kd7q9xh3m1'] } };
  return {
    Profile: {
      description: 'The profile document: `id`, then every readable field. An unset field is null.',
      ...documentOf(catalogue.readable(), id),
    },
    ProfilePatch: {
      description: 'A JSON Merge Patch (RFC 7396) of the profile document. Null clears.',
      ...patchOf(catalogue.writable()),
    },
    CustomData: {
      description: "The readable fields in Logto's custom data. An unset field is null.",
      ...documentOf(catalogue.readable().filter(isCustomData)),
    },
    CustomDataPatch: {
      description: 'A JSON Merge Patch (RFC 7396) of the fields in custom data. Null clears.',
      ...patchOf(catalogue.writable().filter(isCustomData)),
    },
    SensitiveFieldName: {
      description: 'The name of a sensitive field.',
      type: 'string',
      ...(sensitive.length > 0 ? { enum: sensitive } : { examples: ['taxId'] }),
    },
  };
}

function documentOf(fields: CatalogueField[], first: JsonSchema = {}): JsonSchema {
  const properties = { ...first, ...byName(fields, readSchema) };
  return { type: 'object', required: Object.keys(properties), properties, additionalProperties: false };
}

function patchOf(fields: CatalogueField[]): JsonSchema {
  const properties = byName(fields, (field) => patched(titled(field, DEFAULT_LANGUAGE)));
  return { type: 'object', properties, additionalProperties: false };
}

const byName = (fields: CatalogueField[], schema: (field: CatalogueField) => JsonSchema): JsonSchema =>
  Object.fromEntries(fields.map((field) => [field.name, schema(field)]));

function readSchema(field: CatalogueField): JsonSchema {
  const readOnly = field.access === 'read' && { readOnly: true };
  const title = labelOf(field, DEFAULT_LANGUAGE);
  if (field.sensitive) {
    const masked = { type: 'string', description: 'The visible part of the value.', examples: ['•••• 1234'] };
    return { type: ['object', 'null'], title, required: ['masked'], properties: { masked }, ...readOnly };
  }
  // A value that another program wrote may break every rule but the type.
  const schema = titled(field, DEFAULT_LANGUAGE);
  return { ...nullable(field.store.isShared ? mapSchemas(schema, relax) : schema), ...readOnly };
}

/** The schema with labels as titles, in standard JSON Schema only. */
function titled(field: CatalogueField, language: string): JsonSchema {
  const schema = mapSchemas(field.schema, standardize);
  const { properties } = schema as { properties?: Record<string, JsonSchema> };
  const members = Object.entries(properties ?? {}).map(([name, member]) => {
    const title = pick(field.memberLabels[name], language);
    return [name, title === undefined ? member : { title, ...member }];
  });
  return {
    title: labelOf(field, language),
    ...schema,
    ...(properties && { properties: Object.fromEntries(members) as JsonSchema }),
  };
}

function standardize({ 'x-maxUtf16Length': _ours, format, ...schema }: JsonSchema): JsonSchema {
  const own = typeof format === 'string' ? TEXT_FORMATS[format] : undefined;
  return { ...(own ? own.standard : format !== undefined && { format }), ...openIfFreeForm(schema) };
}

/** Says that a free-form object has any members. By its absence, generators of types conclude that it has none. */
function openIfFreeForm(schema: JsonSchema): JsonSchema {
  const { type, properties = {}, additionalProperties } = schema;
  const isObject = [type].flat().includes('object');
  if (!isObject || additionalProperties !== undefined || Object.keys(properties as object).length > 0) return schema;
  return { ...schema, additionalProperties: true };
}

const RULES = new Set(
  'pattern format minLength maxLength minimum maximum exclusiveMinimum exclusiveMaximum multipleOf enum const required minItems maxItems uniqueItems minProperties maxProperties allOf anyOf oneOf not if then else dependentRequired dependentSchemas propertyNames contains'.split(
    ' ',
  ),
);

function relax(schema: JsonSchema): JsonSchema {
  const { additionalProperties, ...rest } = schema;
  const kept = Object.fromEntries(Object.entries(rest).filter(([keyword]) => !RULES.has(keyword)));
  return additionalProperties === false || additionalProperties === undefined
    ? openIfFreeForm(kept)
    : { ...kept, additionalProperties };
}

/** The schema of a merge patch: every member is optional, and null removes it. */
function patched(schema: JsonSchema): JsonSchema {
  const { required: _all, minProperties: _some, dependentRequired: _others, ...rest } = schema;
  const { properties } = rest as { properties?: Record<string, JsonSchema> };
  const members = Object.entries(properties ?? {}).map(([name, member]) => [name, patched(member)]);
  return nullable({ ...rest, ...(properties && { properties: Object.fromEntries(members) as JsonSchema }) });
}

function nullable(schema: JsonSchema): JsonSchema {
  const { title, type, enum: values, ...rest } = schema;
  const named = title !== undefined && { title };
  // A `const` or an alternative cannot be extended in place.
  const simple =
    type !== undefined && !['const', 'allOf', 'anyOf', 'oneOf', 'not', 'if'].some((keyword) => keyword in rest);
  if (!simple) {
    const { title: _title, ...untitled } = schema;
    return Object.keys(untitled).length === 0 ? { ...named } : { ...named, anyOf: [untitled, { type: 'null' }] };
  }
  return {
    ...named,
    type: [...new Set([type, 'null'].flat())],
    ...(Array.isArray(values) && { enum: [...new Set([...(values as unknown[]), null])] }),
    ...rest,
  };
}
