import type { FieldStore } from '../stores/field-store.js';
import type { FieldProof } from '../stores/known-field.js';
import type { StoredValue, UserState } from '../user-state.js';
import type { JsonSchema } from './json-schema.js';

/** `hidden`: neither shown nor changed here. `write-once`: can be set while it is unset. */
export const FIELD_ACCESSES = ['write', 'read', 'hidden', 'write-once'] as const;
type FieldAccess = (typeof FIELD_ACCESSES)[number];

/** How a sensitive value is shown. `all` shows nothing of it. */
export const FIELD_MASKS = ['all', 'last4', 'email', 'phone'] as const;
export type FieldMask = (typeof FIELD_MASKS)[number];

/** Hints for forms. */
export const FIELD_INPUTS = [
  ...['text', 'textarea', 'email', 'tel', 'url', 'date', 'number', 'checkbox', 'select', 'image'],
  ...['country', 'time-zone', 'language', 'json'],
] as const;
type FieldInput = (typeof FIELD_INPUTS)[number];

/** Texts for users, by language tag. */
export type Labels = Readonly<Record<string, string>>;

/** A field of the document, as the catalogue defines it, with defaults filled in. */
export interface CatalogueField {
  readonly name: string;
  readonly store: FieldStore;
  /** The rules for a value; null (unset) is always allowed as well. */
  readonly schema: JsonSchema;
  readonly access: FieldAccess;
  /** Kept encrypted and shown masked. Only in a store that keeps encrypted values. */
  readonly sensitive: boolean;
  readonly mask: FieldMask;
  readonly proof: FieldProof;
  /** If there is none, the name is shown. */
  readonly labels: Labels;
  /** Labels of the members of an object, by name. */
  readonly memberLabels: Readonly<Record<string, Labels>>;
  readonly order: number;
  readonly input?: FieldInput;
  /** The largest size of the value as JSON, in bytes of UTF-8. */
  readonly maxBytes: number;
  /** The largest number of object keys and list items in the value, at all depths together. */
  readonly maxKeys: number;
  /** The store that holds the values that have not been moved yet. */
  readonly previously?: { readonly store: FieldStore };
}

/** An entry as it is written; missing keys have the defaults of CatalogueField. */
export interface CatalogueEntry {
  /** The name of a store. */
  readonly store: string;
  /** Required, except for Logto's own fields, whose rules are known: it can only narrow those. */
  readonly schema?: JsonSchema;
  readonly access?: FieldAccess;
  readonly sensitive?: boolean;
  readonly mask?: FieldMask;
  readonly proof?: FieldProof;
  readonly labels?: Labels;
  readonly memberLabels?: Readonly<Record<string, Labels>>;
  readonly order?: number;
  readonly input?: FieldInput;
  readonly maxBytes?: number;
  readonly maxKeys?: number;
  readonly previously?: { readonly store: string };
}

/** The whole catalogue as it is written, in `profile-fields.yaml` or in code. */
export interface CatalogueDefinition {
  readonly fields: Readonly<Record<string, CatalogueEntry>>;
}

/** A field's value as stored; null if it is unset. If it has not been moved yet, it is read from its previous store. */
export function valueOf(field: CatalogueField, state: UserState): StoredValue {
  const stored = field.store.read(field, state);
  // Null counts as a value: the field was cleared after the move.
  if (stored === undefined && field.previously) return field.previously.store.read(field, state) ?? null;
  return stored ?? null;
}
