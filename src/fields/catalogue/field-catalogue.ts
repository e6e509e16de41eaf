import type { FieldError } from '../../errors/problem-error.js';
import type { Json } from '../../management-api/logto-user.js';
import type { CatalogueField, FieldStoreName } from './catalogue-field.js';

/** All that is known about the fields of the document. Also its injection token. */
export class FieldCatalogue {
  /** By name, in the order of the document. */
  readonly fields: ReadonlyMap<string, CatalogueField>;

  constructor(fields: readonly CatalogueField[]) {
    const sorted = [...fields].sort((a, b) => a.order - b.order);
    this.fields = new Map(sorted.map((field) => [field.name, field]));
  }

  /** The fields that the document shows, in its order. */
  readable(): CatalogueField[] {
    return [...this.fields.values()].filter(({ access }) => access !== 'hidden');
  }

  /** The fields that a patch may name, in the order of the document. */
  writable(): CatalogueField[] {
    return [...this.fields.values()].filter(({ access }) => access === 'write' || access === 'write-once');
  }

  inStore(store: FieldStoreName): CatalogueField[] {
    return [...this.fields.values()].filter((field) => field.store === store);
  }

  /**
   * Checks values that the fields shall have, whole (after the merge). Null is always allowed: it unsets.
   * @param values by field name
   * @returns what is wrong, by pointer (`/address/country`); empty when all is right. Never holds a value.
   */
  validate(_values: Readonly<Record<string, Json>>): FieldError[] {
    throw new Error('Written in the next commit.');
  }

  /** What may be shown of a sensitive value, such as `•••• 1234`. */
  mask(_name: string, _value: Json): string {
    throw new Error('Written in the next commit.');
  }
}
