import type { CatalogueField, Labels } from './catalogue-field.js';
import { isObject, type Json } from '../../../platform/json/json.js';
import { allowsType, type JsonSchema } from './json-schema.js';
import type { FieldCatalogue } from './field-catalogue.js';
import type { FieldSchemaName } from '../../../platform/docs/documented-requests.js';
import { isCustomData } from '../stores/custom-data.store.js';
import { TEXT_FORMATS } from './formats.js';
import { mapSchemas } from './map-schemas.js';
import { serverRulesOf } from './server-rules.js';

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
 * JSON Schema 2020-12 of the readable document, for `GET /v1/profile/schema`: labels as `title`, the order and the hint for forms as
 * `x-order` and `x-input`. A writable field has the rules for new values, with the names of those that only the service checks in
 * `x-server-rules`; members that a patch can remove may be null.
 */
export function profileSchema(catalogue: FieldCatalogue, language: string): JsonSchema {
  const writable = new Set(catalogue.writable());
  const fields = catalogue.readable().map((field, index) => {
    const schema = writable.has(field) ? formSchema(field, language) : readSchema(field, language);
    const annotations = {
      'x-order': index + 1,
      ...(field.input !== undefined && { 'x-input': field.input }),
      ...(field.sensitive && { 'x-sensitive': true }),
    };
    return [field.name, { ...schema, ...annotations }];
  });
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: { id: { ...ID, readOnly: true }, ...(Object.fromEntries(fields) as JsonSchema) },
    additionalProperties: false,
  };
}

const ID: JsonSchema = { type: 'string', description: "Logto's ID of the user.", examples: ['w2kd7q9xh3m1'] };

function formSchema(field: CatalogueField, language: string): JsonSchema {
  const rules = serverRulesOf(field);
  return {
    ...nullable(removable(notEmpty(titled(field, language, { forForm: true })))),
    ...(rules.length > 0 && { 'x-server-rules': rules }),
  };
}

/** Schemas (OpenAPI 3.1, so JSON Schema 2020-12) of the document and of patches. */
export function documentSchemas(catalogue: FieldCatalogue): Record<FieldSchemaName, JsonSchema> {
  const sensitive = catalogue
    .readable()
    .filter((field) => field.sensitive)
    .map(({ name }) => name);
  return {
    Profile: {
      description: 'The profile document: `id`, then every readable field. An unset field is null.',
      ...documentOf(catalogue.readable(), { id: ID }),
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
  const properties = { ...first, ...byName(fields, (field) => readSchema(field, DEFAULT_LANGUAGE)) };
  return { type: 'object', required: Object.keys(properties), properties, additionalProperties: false };
}

function patchOf(fields: CatalogueField[]): JsonSchema {
  const properties = byName(fields, (field) => nullable(patched(notEmpty(titled(field, DEFAULT_LANGUAGE)))));
  return { type: 'object', properties, additionalProperties: false };
}

const byName = (fields: CatalogueField[], schema: (field: CatalogueField) => JsonSchema): JsonSchema =>
  Object.fromEntries(fields.map((field) => [field.name, schema(field)]));

function readSchema(field: CatalogueField, language: string): JsonSchema {
  const readOnly = field.access === 'read' && { readOnly: true };
  const title = labelOf(field, language);
  if (field.sensitive) {
    const masked = { type: 'string', description: 'The visible part of the value.', examples: ['•••• 1234'] };
    return { type: ['object', 'null'], title, required: ['masked'], properties: { masked }, ...readOnly };
  }
  // A value that another program wrote may break every rule but the type.
  const schema = titled(field, language);
  return { ...nullable(field.store.isShared ? mapSchemas(schema, relax) : schema), ...readOnly };
}

/** The schema with labels as titles, in standard JSON Schema only. */
function titled(field: CatalogueField, language: string, { forForm = false } = {}): JsonSchema {
  const schema = mapSchemas(field.schema, (each) => standardize(each, forForm));
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

function standardize({ 'x-maxUtf16Length': _ours, format, ...schema }: JsonSchema, forForm: boolean): JsonSchema {
  const own = typeof format === 'string' ? TEXT_FORMATS[format] : undefined;
  const open = openIfFreeForm(schema);
  if (!own) return { ...(format !== undefined && { format }), ...open };
  const standard = { ...own.standard, ...(forForm && own.form) };
  if (!Object.keys(standard).some((keyword) => keyword in schema)) return { ...standard, ...open };
  return { ...open, allOf: [...((schema.allOf as JsonSchema[] | undefined) ?? []), standard] };
}

/** Says that a free-form object has any members. By its absence, generators of types conclude that it has none. */
function openIfFreeForm(schema: JsonSchema): JsonSchema {
  const { type, properties = {}, additionalProperties } = schema;
  const isObject = [type].flat().includes('object');
  if (!isObject || additionalProperties !== undefined || Object.keys(properties as object).length > 0) return schema;
  return { ...schema, additionalProperties: true };
}

/** The service rejects an empty text, because null clears a field. */
const notEmpty = (schema: JsonSchema): JsonSchema =>
  allowsType(schema, 'string') && !('enum' in schema) && !schema.minLength ? { ...schema, minLength: 1 } : schema;

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
  return withMembers(rest, (member) => nullable(patched(member)));
}

/** The schema of a document in which a member that is not required may also be null: a patch then removes it, even an unknown one. */
function removable(schema: JsonSchema): JsonSchema {
  const required = (schema.required ?? []) as string[];
  const changed = withMembers(schema, (member, name) =>
    required.includes(name) ? removable(member) : nullable(removable(member)),
  );
  return changed.additionalProperties === false ? { ...changed, additionalProperties: { type: 'null' } } : changed;
}

/** Changes the schemas of an object's members, but not those of a list's items: a merge patch replaces lists as a whole. */
function withMembers(schema: JsonSchema, change: (member: JsonSchema, name: string) => JsonSchema): JsonSchema {
  const changed = Object.entries(schema).map(([keyword, value]): [string, unknown] => {
    if (keyword === 'properties' || keyword === 'patternProperties') {
      const members = Object.entries(value as Record<string, JsonSchema>);
      return [keyword, Object.fromEntries(members.map(([name, member]) => [name, change(member, name)]))];
    }
    if (keyword === 'additionalProperties' && isObject(value as Json))
      return [keyword, change(value as JsonSchema, '')];
    if (['allOf', 'anyOf', 'oneOf'].includes(keyword)) {
      return [keyword, (value as JsonSchema[]).map((each) => withMembers(each, change))];
    }
    return [keyword, value];
  });
  return Object.fromEntries(changed);
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
