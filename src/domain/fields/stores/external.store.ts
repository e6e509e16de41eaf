import type { JsonObject } from '../../../platform/json/json.js';
import { UpstreamError } from '../../../platform/management-api/upstream-error.js';
import type { StoredValue, StoreValues, UserState } from '../user-state.js';
import type { FieldStore, StorableField, StoreCall } from './field-store.js';
import { differences, hasMembers } from './value-differences.js';

/** A store behind an API of the team's own, such as a CRM. A subclass reads and writes the values of one user at a time. */
export abstract class ExternalStore implements FieldStore {
  abstract readonly name: string;

  /** Reads the user's values, by field name; a field without a value is missing or null. */
  abstract load(userId: string): Promise<StoreValues>;

  /**
   * Writes values, all or none; null clears. Recovery may call it again with the same values and the same `changeId`, and that must
   * have no further effect.
   * @throws UpstreamError with the outcome `rejected` if the store rejects the values: then the change is reverted in the other
   *   stores. After any other error the outcome is unknown, and recovery tries again.
   */
  abstract write(userId: string, values: JsonObject, context: { readonly changeId: string }): Promise<void>;

  read({ name }: StorableField, state: UserState): StoredValue | undefined {
    return this.valuesIn(state)[name];
  }

  withValues(state: UserState, values: StoreValues): UserState {
    if (!hasMembers(values)) return state;
    return { ...state, loaded: { ...state.loaded, [this.name]: { ...this.valuesIn(state), ...values } } };
  }

  calls(state: UserState, values: StoreValues): StoreCall[] {
    const changed = differences(values, this.valuesIn(state) as JsonObject);
    if (!hasMembers(changed)) return [];
    return [
      async (present, { changeId }) => {
        await this.write(present.user.id, changed, { changeId }).catch((error: unknown) => {
          throw error instanceof UpstreamError
            ? error
            : new UpstreamError('upstream_failed', 'unknown', { cause: error });
        });
        return this.withValues(present, changed);
      },
    ];
  }

  private valuesIn({ loaded }: UserState): StoreValues {
    return loaded[this.name] ?? {};
  }
}
