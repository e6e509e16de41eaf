import type { JsonSchema } from './catalogue-field.js';

const STORES = ['logto', 'customData', 'database'];
/** Hints of the forms that a page may build. */
const INPUTS = 'text textarea email tel url date number checkbox select image country time-zone language json'.split(
  ' ',
);

const labels: JsonSchema = { type: 'object', additionalProperties: { type: 'string', minLength: 1 } };

/** The shape of the catalogue as it is written; what goes beyond a shape is checked by resolveField. */
export const CATALOGUE_SHAPE: JsonSchema = {
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
        properties: {
          store: { enum: STORES },
          schema: { type: 'object' },
          access: { enum: ['write', 'read', 'hidden', 'write-once'] },
          sensitive: { type: 'boolean' },
          mask: { enum: ['all', 'last4', 'email', 'phone'] },
          proof: { enum: ['none', 'identity', 'identity-and-address'] },
          labels,
          memberLabels: { type: 'object', additionalProperties: labels },
          order: { type: 'number' },
          input: { enum: INPUTS },
          maxBytes: { type: 'integer', minimum: 1, maximum: 1_048_576 },
          maxKeys: { type: 'integer', minimum: 0, maximum: 100_000 },
          previously: {
            type: 'object',
            additionalProperties: false,
            required: ['store'],
            properties: { store: { enum: STORES } },
          },
        },
      },
    },
  },
};
