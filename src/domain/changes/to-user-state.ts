import type { LogtoUser } from '../../platform/management-api/logto-user.js';
import type { FieldStores } from '../fields/stores/field-stores.js';
import type { UserState } from '../fields/user-state.js';
import type { UserRow } from '../users/user-row.repository.js';
import type { PendingChange } from './pending-change.js';

/**
 * The state of all stores, from what each of them holds. A pending change has not happened yet, even if some stores have their part
 * already.
 */
export function toUserState(
  stores: FieldStores,
  user: LogtoUser,
  { fields, fieldsVersion, pending }: UserRow,
  loaded: UserState['loaded'],
): UserState {
  const state = { user, fields, fieldsVersion, loaded };
  const before = (pending as PendingChange | undefined)?.before;
  return before ? stores.withValues(state, before) : state;
}
