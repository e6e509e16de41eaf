import { isObject, type Json, type JsonObject } from '../../../platform/json/json.js';
import type { LogtoUser, LogtoUserPatch, LogtoUserProfile } from '../../../platform/management-api/logto-user.js';
import type { ManagementApiService } from '../../../platform/management-api/management-api.service.js';
import { LOGTO_FIELDS } from './logto-fields.js';
import { allowsType } from '../catalogue/json-schema.js';
import type { StoredValue, StoreValues, UserState } from '../user-state.js';
import type { FieldStore, StorableField, StoreCall } from './field-store.js';
import type { KnownField } from './known-field.js';
import { differences, hasMembers, withMembers } from './value-differences.js';

/** Logto's own fields: members of the user, and the OpenID Connect claims in its `profile`. */
export class LogtoStore implements FieldStore {
  readonly name = 'logto';
  readonly isShared = true;

  constructor(private readonly logto: ManagementApiService) {}

  knownField(name: string): KnownField | undefined {
    return LOGTO_FIELDS.get(name);
  }

  reasonAgainst(name: string): string | undefined {
    return LOGTO_FIELDS.has(name)
      ? undefined
      : `Logto has no such field; it has ${[...LOGTO_FIELDS.keys()].join(', ')}`;
  }

  /** An object claim without members is omitted (OpenID Connect Core section 5.3.2). An empty object never clears a text. */
  normalize({ schema }: StorableField, value: Json): Json {
    return allowsType(schema, 'object') && isObject(value) && !hasMembers(value) ? null : value;
  }

  /** Logto does not record that a field was cleared: a missing, null or empty value has no entry. */
  read({ name }: StorableField, { user }: UserState): StoredValue | undefined {
    const value = (isClaim(name) ? user.profile : user)[name as never] as Json | undefined;
    return value === '' || value === null ? undefined : value;
  }

  withValues(state: UserState, values: StoreValues): UserState {
    if (!hasMembers(values)) return state;
    const { own, claims } = split(values as JsonObject);
    const profile = withMembers(state.user.profile as JsonObject, claims) as LogtoUserProfile;
    return { ...state, user: { ...state.user, ...own, profile } };
  }

  /**
   * The narrowest calls, and what Logto can reject first: one PATCH of the user, then a merge of the claims. Only to remove a claim is
   * the whole profile replaced, in the same PATCH as the user's own members.
   */
  calls({ user }: UserState, values: StoreValues): StoreCall[] {
    const { own, claims } = missing(user, values);
    const calls: StoreCall[] = [];
    const removesClaim = Object.values(claims).includes(null);
    if (hasMembers(own) || removesClaim) {
      calls.push(async (state, { guard }) => {
        const present = state.user.profile as JsonObject;
        const patch: LogtoUserPatch = removesClaim
          ? { ...own, profile: withMembers(present, claims) as LogtoUserProfile }
          : own;
        return withUser(state, await this.logto.updateUser(state.user.id, patch, guard));
      });
    }
    if (hasMembers(claims) && !removesClaim) {
      calls.push(async (state, { guard }) =>
        withUser(state, { profile: await this.logto.mergeProfile(state.user.id, claims, guard) }),
      );
    }
    return calls;
  }
}

const isClaim = (name: string): boolean => LOGTO_FIELDS.get(name)?.place === 'profile';

function split(values: JsonObject): { own: JsonObject; claims: JsonObject } {
  const entries = Object.entries(values);
  return {
    own: Object.fromEntries(entries.filter(([name]) => !isClaim(name))),
    claims: Object.fromEntries(entries.filter(([name]) => isClaim(name))),
  };
}

function missing(user: LogtoUser, values: StoreValues): { own: JsonObject; claims: JsonObject } {
  const { own, claims } = split(values as JsonObject);
  return {
    own: differences(own, user as unknown as JsonObject),
    claims: differences(claims, user.profile as JsonObject),
  };
}

const withUser = (state: UserState, changed: Partial<LogtoUser>): UserState => ({
  ...state,
  user: { ...state.user, ...changed },
});
