import type { JsonSchema } from '../catalogue/json-schema.js';
import type { ServerRule } from '../catalogue/server-rules.js';

/** What a change of the field needs first, the weakest first. `identity-and-address`: also a proof of exactly the new address. */
export const FIELD_PROOFS = ['none', 'identity', 'identity-and-address'] as const;
export type FieldProof = (typeof FIELD_PROOFS)[number];

/** What is known of a field without an entry in the catalogue. */
export interface KnownField {
  readonly schema: JsonSchema;
  /** The weakest proof that a change needs; a catalogue can ask for a stronger one. */
  readonly proof?: FieldProof;
  /** What the service checks beyond the schema. */
  readonly serverRules?: readonly ServerRule[];
  /** It is set by the store itself. */
  readonly readOnly?: true;
}
