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
  const [target, before]: Record<string, Record<string, StoredValue>>[] = [{}, {}];
  const put = (store: FieldStore, field: CatalogueField, value: StoredValue) => {
    (target![store.name] ??= {})[field.name] = value;
    (before![store.name] ??= {})[field.name] = store.read(field, state) ?? null;
  };
  for (const { field, value } of changes) {
    put(field.store, field, value);
    if (isInPreviousStore(field, state)) put(field.previously!.store, field, null);
  }
  return { target: target!, before: before! };
}

/** The change that clears a field in its previous store. */
export function clearedPreviousStore(field: CatalogueField, state: UserState): StoreChanges {
  const { store } = field.previously!;
  return {
    target: { [store.name]: { [field.name]: null } },
    before: { [store.name]: { [field.name]: store.read(field, state) ?? null } },
  };
}

/** Whether the field's previous store still has a value. */
export const isInPreviousStore = (field: CatalogueField, state: UserState): boolean =>
  (field.previously?.store.read(field, state) ?? null) !== null;
