import type { JsonSchema } from './json-schema.js';

const SINGLE =
  'items additionalProperties unevaluatedProperties unevaluatedItems contains propertyNames not if then else'.split(
    ' ',
  );
const LISTS = ['allOf', 'anyOf', 'oneOf', 'prefixItems'];
const MAPS = ['properties', 'patternProperties', 'dependentSchemas', 'dependencies'];

const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Applies `change` to the schema and to every schema inside it, from the inside out. */
export function mapSchemas(schema: JsonSchema, change: (schema: JsonSchema) => JsonSchema): JsonSchema {
  const inner = (value: unknown): unknown => (isSchema(value) ? mapSchemas(value, change) : value);
  const entries = Object.entries(schema).map(([keyword, value]): [string, unknown] => {
    if (SINGLE.includes(keyword)) return [keyword, inner(value)];
    if (LISTS.includes(keyword) && Array.isArray(value)) return [keyword, value.map(inner)];
    if (MAPS.includes(keyword) && isSchema(value)) {
      return [keyword, Object.fromEntries(Object.entries(value).map(([name, each]) => [name, inner(each)]))];
    }
    return [keyword, value];
  });
  return change(Object.fromEntries(entries));
}

/** The schema and every schema inside it, each with its path: keywords, names and positions. */
export function* eachSchema(schema: JsonSchema, path: readonly string[] = []): Generator<[string[], JsonSchema]> {
  yield [[...path], schema];
  for (const [keyword, value] of Object.entries(schema)) {
    if (SINGLE.includes(keyword) && isSchema(value)) yield* eachSchema(value, [...path, keyword]);
    if (![...LISTS, ...MAPS].includes(keyword)) continue;
    for (const [key, each] of Object.entries(value as object)) {
      if (isSchema(each)) yield* eachSchema(each, [...path, keyword, key]);
    }
  }
}
