import type { LogtoUser } from '../../platform/management-api/logto-user.js';
import type { UserState } from '../fields/user-state.js';
import type { UserRow } from '../users/user-row.repository.js';
import { withLogtoValues } from './logto-values.js';
import type { PendingChange } from './pending-change.js';

/** The state of both stores. A pending change has not happened yet, even if Logto has its part already. */
export function toUserState(user: LogtoUser, { fields, fieldsVersion, pending }: UserRow): UserState {
  const before = (pending as PendingChange | undefined)?.before;
  return { user: before ? withLogtoValues(user, before) : user, fields, fieldsVersion };
}
