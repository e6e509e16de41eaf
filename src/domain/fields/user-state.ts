import type { Json } from '../../platform/json/json.js';
import type { LogtoUser } from '../../platform/management-api/logto-user.js';
import type { EncryptedValue } from './encryption/encrypted-value.js';

/** A field's value as a store has it. */
export type StoredValue = Json | EncryptedValue;

/** Values of one store, by field name; null is unset. */
export type StoreValues = Readonly<Record<string, StoredValue>>;

/** Everything that the stores hold of one user, as of one moment. */
export interface UserState {
  readonly user: LogtoUser;
  /** The fields in the user's row. */
  readonly fields: StoreValues;
  readonly fieldsVersion: number;
  /** By store name: the values of stores that are read separately (`FieldStore.load`). */
  readonly loaded: Readonly<Record<string, StoreValues>>;
}
