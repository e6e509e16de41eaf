import type { EncryptedJson, RowValues } from '../../../platform/database/schema.js';
import type { Json } from '../../../platform/json/json.js';
import { EncryptedValue } from '../encryption/encrypted-value.js';
import type { StoredValue, StoreValues, UserState } from '../user-state.js';
import type { FieldStore, StorableField, StoreCall } from './field-store.js';

/**
 * Fields in the user's row. A field that was cleared stays in the row as null: it must not be read from its previous store again.
 */
export class DatabaseStore implements FieldStore {
  readonly name = 'database';
  readonly keepsEncrypted = true;

  read({ name }: StorableField, { fields }: UserState): StoredValue | undefined {
    return fields[name];
  }

  withValues(state: UserState, values: StoreValues): UserState {
    return { ...state, fields: { ...state.fields, ...values } };
  }

  calls(): StoreCall[] {
    return [];
  }

  toRow(values: StoreValues): RowValues {
    const plain: Record<string, Json> = {};
    const encrypted: Record<string, EncryptedJson> = {};
    for (const [name, value] of Object.entries(values)) {
      if (value instanceof EncryptedValue) encrypted[name] = value;
      else plain[name] = value;
    }
    return { plain, encrypted };
  }
}
