import { FIELD_PROOFS } from '../stores/known-field.js';
import { FIELD_ACCESSES, FIELD_INPUTS, FIELD_MASKS, type CatalogueEntry } from './catalogue-field.js';
import type { JsonSchema } from './json-schema.js';

const labels: JsonSchema = { type: 'object', additionalProperties: { type: 'string', minLength: 1 } };

/**
 * The keys of an entry, each with the values that it can have; resolveField checks how they go together.
 * @param stores names of the stores
 */
export const entryProperties = (stores: readonly string[]): Record<keyof CatalogueEntry, JsonSchema> => ({
  store: { enum: stores },
  schema: { type: 'object' },
  access: { enum: FIELD_ACCESSES },
  sensitive: { type: 'boolean' },
  mask: { enum: FIELD_MASKS },
  proof: { enum: FIELD_PROOFS },
  labels,
  memberLabels: { type: 'object', additionalProperties: labels },
  order: { type: 'number' },
  input: { enum: FIELD_INPUTS },
  maxBytes: { type: 'integer', minimum: 1, maximum: 1_048_576 },
  maxKeys: { type: 'integer', minimum: 0, maximum: 100_000 },
  previously: {
    type: 'object',
    additionalProperties: false,
    required: ['store'],
    properties: { store: { enum: stores } },
  },
});

/** JSON Schema of the catalogue as it is written. */
export const catalogueSchema = (stores: readonly string[]): JsonSchema => ({
  type: 'object',
  additionalProperties: false,
  required: ['fields'],
  properties: {
    fields: {
      type: 'object',
      minProperties: 1,
      additionalProperties: {
        type: 'object',
        additionalProperties: false,
        required: ['store'],
        properties: entryProperties(stores),
      },
    },
  },
});
