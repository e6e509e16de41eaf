import type { CatalogueField } from '../fields/catalogue/catalogue-field.js';
import type { FieldStore } from '../fields/stores/field-store.js';
import type { ValuesByStore } from '../fields/stores/field-stores.js';
import type { StoredValue, UserState } from '../fields/user-state.js';

/** The values that a change leads to in each store, and the values of the same fields before. */
export interface StoreChanges {
  readonly target: ValuesByStore;
  readonly before: ValuesByStore;
}

/** Assigns each value to its field's store. A field that has not been moved yet is moved: its previous store is cleared. */
export function valuesByStore(
  changes: readonly { readonly field: CatalogueField; readonly value: StoredValue }[],
  state: UserState,
): StoreChanges {
  return collect(
    changes.flatMap(({ field, value }): Assignment[] => [
      { store: field.store, field, value },
      ...(isInPreviousStore(field, state) ? [{ store: field.previously!.store, field, value: null }] : []),
    ]),
    state,
  );
}

/** The change that clears a field in its previous store. */
export const clearedPreviousStore = (field: CatalogueField, state: UserState): StoreChanges =>
  collect([{ store: field.previously!.store, field, value: null }], state);

/** Whether the field's previous store still has a value. */
export const isInPreviousStore = (field: CatalogueField, state: UserState): boolean =>
  (field.previously?.store.read(field, state) ?? null) !== null;

interface Assignment {
  readonly store: FieldStore;
  readonly field: CatalogueField;
  readonly value: StoredValue;
}

function collect(assignments: readonly Assignment[], state: UserState): StoreChanges {
  const target: Record<string, Record<string, StoredValue>> = {};
  const before: Record<string, Record<string, StoredValue>> = {};
  for (const { store, field, value } of assignments) {
    (target[store.name] ??= {})[field.name] = value;
    (before[store.name] ??= {})[field.name] = store.read(field, state) ?? null;
  }
  return { target, before };
}
