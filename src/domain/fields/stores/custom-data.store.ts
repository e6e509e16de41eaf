import type { FieldError } from '../../../platform/errors/problem-error.js';
import { jsonPointer } from '../../../platform/json/json-pointer.js';
import type { JsonObject } from '../../../platform/json/json.js';
import type { ManagementApiService } from '../../../platform/management-api/management-api.service.js';
import type { StoredValue, StoreValues, UserState } from '../user-state.js';
import type { FieldStore, StorableField, StoreCall } from './field-store.js';
import { differences, hasMembers, withMembers } from './value-differences.js';

/** In bytes of UTF-8. Logto responds 404 to bodies over 1 MB, so all custom data together stays well below. */
const MAX_BYTES = 900_000;

/** Top-level keys of Logto's custom data. A removed one becomes null there, because Logto cannot delete it. */
export class CustomDataStore implements FieldStore {
  readonly name = 'customData';
  readonly isShared = true;

  constructor(private readonly logto: ManagementApiService) {}

  validate(values: StoreValues, { user }: UserState): FieldError[] {
    const names = Object.keys(values).filter((name) => values[name] !== null);
    if (names.length === 0) return [];
    const bytesOf = (customData: object) => Buffer.byteLength(JSON.stringify(customData));
    // Too much that is there already may shrink.
    const max = Math.max(MAX_BYTES, bytesOf(user.customData));
    if (bytesOf({ ...user.customData, ...values }) <= max) return [];
    const params = { max: MAX_BYTES, of: 'customData' } as const;
    return names.map((name) => ({ pointer: jsonPointer(name), code: 'too_large', params }));
  }

  read({ name }: StorableField, { user }: UserState): StoredValue | undefined {
    return user.customData[name];
  }

  withValues(state: UserState, values: StoreValues): UserState {
    if (!hasMembers(values)) return state;
    const customData = withMembers(state.user.customData, values as JsonObject);
    return { ...state, user: { ...state.user, customData } };
  }

  calls({ user }: UserState, values: StoreValues): StoreCall[] {
    const changed = differences(values, user.customData);
    if (!hasMembers(changed)) return [];
    return [
      async (state, { guard }) => {
        const customData = await this.logto.mergeCustomData(state.user.id, changed, guard);
        return { ...state, user: { ...state.user, customData } };
      },
    ];
  }
}

/** Whether a field is kept in Logto's custom data. */
export const isCustomData = ({ store }: { readonly store: FieldStore }): boolean => store instanceof CustomDataStore;
