import type { FieldError } from '../../../platform/errors/problem-error.js';
import { jsonPointer } from '../../../platform/json/json-pointer.js';
import type { Json } from '../../../platform/json/json.js';
import type { CatalogueField } from './catalogue-field.js';
import { maskValue } from './masks.js';
import type { ValueValidator } from './value-validator.js';

/** All fields of the document. Also its injection token. Created by `load-catalogue.ts`. */
export class FieldCatalogue {
  /** By name, in the order of the document. */
  readonly fields: ReadonlyMap<string, CatalogueField>;

  /** @param validator has compiled every field's schema */
  constructor(
    fields: readonly CatalogueField[],
    private readonly validator: ValueValidator,
  ) {
    const sorted = [...fields].sort((a, b) => a.order - b.order);
    this.fields = new Map(sorted.map((field) => [field.name, field]));
  }

  /** The fields of the document, in its order. */
  readable(): CatalogueField[] {
    return [...this.fields.values()].filter(({ access }) => access !== 'hidden');
  }

  /** The fields that a patch can change, in the order of the document. */
  writable(): CatalogueField[] {
    return [...this.fields.values()].filter(({ access }) => access === 'write' || access === 'write-once');
  }

  sensitive(): CatalogueField[] {
    return [...this.fields.values()].filter((field) => field.sensitive);
  }

  /**
   * Checks new values of fields, after any merge. Null is always valid: it clears.
   * @param values by field name
   * @param stored the present values: what is wrong with them, and stays as it is, is no error
   * @returns what is wrong, with pointers such as `/address/country`; never quotes a value
   */
  validate(values: Readonly<Record<string, Json>>, stored: Readonly<Record<string, Json>> = {}): FieldError[] {
    return Object.entries(values).flatMap(([name, value]) => {
      const field = this.fields.get(name);
      if (!field) return [{ pointer: jsonPointer(name), code: 'unknown_field' }];
      return value === null ? [] : this.validator.validate(field, value, stored[name]);
    });
  }

  /** The visible part of a sensitive value, such as `•••• 1234`. */
  mask(name: string, value: Json): string {
    return maskValue(this.fields.get(name)?.mask ?? 'all', value);
  }
}
