import type { FieldError } from '../../../platform/errors/problem-error.js';
import { jsonPointer } from '../../../platform/json/json-pointer.js';
import type { Json } from '../../../platform/json/json.js';
import type { CatalogueField } from './catalogue-field.js';
import { maskValue } from './masks.js';
import type { ValueValidator } from './value-validator.js';

/** All that is known about the fields of the document. Also its injection token. Made by `load-catalogue.ts`. */
export class FieldCatalogue {
  /** By name, in the order of the document. */
  readonly fields: ReadonlyMap<string, CatalogueField>;

  /** @param validator has every field's schema compiled */
  constructor(
    fields: readonly CatalogueField[],
    private readonly validator: ValueValidator,
  ) {
    const sorted = [...fields].sort((a, b) => a.order - b.order);
    this.fields = new Map(sorted.map((field) => [field.name, field]));
  }

  /** The fields that the document shows, in its order. */
  readable(): CatalogueField[] {
    return [...this.fields.values()].filter(({ access }) => access !== 'hidden');
  }

  /** The fields that a patch may change, in the order of the document. */
  writable(): CatalogueField[] {
    return [...this.fields.values()].filter(({ access }) => access === 'write' || access === 'write-once');
  }

  sensitive(): CatalogueField[] {
    return [...this.fields.values()].filter((field) => field.sensitive);
  }

  /**
   * Checks values that fields shall have, whole (after the merge). Null is always right: it unsets.
   * @param values by field name
   * @returns what is wrong, by pointer (`/address/country`); empty when all is right. Never quotes a value.
   */
  validate(values: Readonly<Record<string, Json>>): FieldError[] {
    return Object.entries(values).flatMap(([name, value]) => {
      const field = this.fields.get(name);
      if (!field) return [{ pointer: jsonPointer(name), code: 'unknown_field' }];
      return value === null ? [] : this.validator.validate(field, value);
    });
  }

  /** What may be shown of a sensitive value, such as `•••• 1234`. */
  mask(name: string, value: Json): string {
    return maskValue(this.fields.get(name)?.mask ?? 'all', value);
  }
}
