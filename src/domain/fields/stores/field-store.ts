import type { RowValues } from '../../../platform/database/schema.js';
import type { FieldError } from '../../../platform/errors/problem-error.js';
import type { Json } from '../../../platform/json/json.js';
import type { SendGuard } from '../../../platform/management-api/send-guard.js';
import type { JsonSchema } from '../catalogue/json-schema.js';
import type { StoredValue, StoreValues, UserState } from '../user-state.js';
import type { KnownField } from './known-field.js';

/** What a store needs to know of a field. */
export interface StorableField {
  readonly name: string;
  readonly schema: JsonSchema;
}

/** The change that a call is part of. */
export interface ChangeContext {
  /** The same each time that recovery repeats the change. */
  readonly changeId: string;
  readonly guard: SendGuard;
}

/**
 * A call that brings a store closer to the values to reach.
 * @param state as the previous call left it
 * @returns the state after the call
 * @throws UpstreamError, with what became of the call
 */
export type StoreCall = (state: UserState, context: ChangeContext) => Promise<UserState>;

/**
 * A place that fields are kept in. A store reads its values from the state of a user, and states which calls lead to other values;
 * ChangeWriter makes them. Values are absolute, so that recovery can write them again.
 *
 * To add a store, implement this interface (or extend ExternalStore) and add it to `createFieldStores`.
 */
export interface FieldStore {
  /** The name in the catalogue. */
  readonly name: string;

  /** Whether it can keep sensitive values. It receives them encrypted. */
  readonly keepsEncrypted?: boolean;

  /** Whether other programs write to it by their own rules, so that a value may break the rules of its field. */
  readonly isShared?: boolean;

  /** What is known of a field without an entry in the catalogue. */
  knownField?(name: string): KnownField | undefined;

  /** Why the store cannot keep a field with this name; undefined if it can. */
  reasonAgainst?(name: string): string | undefined;

  /** The form that a value is stored in. */
  normalize?(field: StorableField, value: Json): Json;

  /** What is wrong with new values, beyond the rules of each field. */
  validate?(values: StoreValues, state: UserState): FieldError[];

  /** Reads the user's values, if they are neither part of Logto's user nor in the user's row. */
  load?(userId: string): Promise<StoreValues>;

  /** The stored value; undefined if the store has no entry for the field. */
  read(field: StorableField, state: UserState): StoredValue | undefined;

  /** The state with these values. */
  withValues(state: UserState, values: StoreValues): UserState;

  /**
   * The calls that lead from `state` to `values`, in the order to make them: first the one that is most likely to be rejected. None if
   * nothing differs, or if the values are kept in the row. A call that fails has changed nothing, or has an unknown outcome.
   */
  calls(state: UserState, values: StoreValues): StoreCall[];

  /** What the user's row keeps of the values, written by the statement that completes the change. */
  toRow?(values: StoreValues): RowValues;
}
