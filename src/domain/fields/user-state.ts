import type { SealedValue, StoredValue } from '../../platform/database/schema.js';
import type { Json } from '../../platform/json/json.js';
import type { LogtoUser } from '../../platform/management-api/logto-user.js';
import type { CatalogueField, FieldStoreName } from './catalogue/catalogue-field.js';

/** What both stores hold of one user at one moment. */
export interface UserState {
  readonly user: LogtoUser;
  readonly fields: Readonly<Record<string, StoredValue>>;
  readonly fieldsVersion: number;
}

export const isSealed = (value: StoredValue | undefined): value is SealedValue =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && typeof value['$sealed'] === 'string';

/** A field's value as it is stored; null when it is unset. One that was not moved yet is read where it was. */
export function valueOf(field: CatalogueField, state: UserState): StoredValue {
  const stored = storedIn(field.store, field, state);
  // Null is a value: it was removed after the move.
  if (stored === undefined && field.previously) return storedIn(field.previously.store, field, state) ?? null;
  return stored ?? null;
}

/** Undefined when the store has no entry for the field. */
export function storedIn(
  store: FieldStoreName,
  { name, logtoPlace }: CatalogueField,
  { user, fields }: UserState,
): StoredValue | undefined {
  if (store === 'database') return fields[name];
  if (store === 'customData') return user.customData[name];
  const value = (logtoPlace === 'profile' ? user.profile : user)[name as never] as Json | undefined;
  return value === '' ? undefined : (value ?? undefined); // Unset: Logto keeps no mark of a removal.
}
