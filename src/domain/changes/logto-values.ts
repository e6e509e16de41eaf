import { sameJson, type Json, type JsonObject } from '../../platform/json/json.js';
import type { LogtoUser, LogtoUserPatch, LogtoUserProfile } from '../../platform/management-api/logto-user.js';
import type { ManagementApiService } from '../../platform/management-api/management-api.service.js';

/** Values in Logto, by the three places that it keeps them in; null is unset. Serialisable, as part of a pending change. */
export type LogtoValues = Record<'user' | 'profile' | 'customData', JsonObject>;

export const noLogtoValues = (): LogtoValues => ({ user: {}, profile: {}, customData: {} });

/** A call to Logto that makes a part of the change; returns the user as the call left them. */
export type LogtoCall = (logto: ManagementApiService, user: LogtoUser) => Promise<LogtoUser>;

/**
 * The narrowest calls that bring `user` to `target`, first the one that can be rejected for its values; none if nothing differs.
 * What `target` does not name is left to the other programs that write there:
 * - on the user: one PATCH, all or nothing;
 * - claims: merged; only to remove one is the whole profile replaced, in the same PATCH as the user's own values;
 * - custom data: the changed top-level keys; a removed one becomes null, since Logto cannot delete it.
 */
export function callsTowards(user: LogtoUser, target: LogtoValues): LogtoCall[] {
  const { user: own, profile, customData } = missing(user, target);
  const calls: LogtoCall[] = [];
  const removesClaim = Object.values(profile).includes(null);
  if (hasMembers(own) || removesClaim) {
    calls.push(async (logto, present) => {
      const patch: LogtoUserPatch = removesClaim
        ? { ...own, profile: withValues(present.profile as JsonObject, profile) as LogtoUserProfile }
        : own;
      return { ...present, ...(await logto.updateUser(present.id, patch)) };
    });
  }
  if (hasMembers(profile) && !removesClaim) {
    calls.push(async (logto, present) => ({ ...present, profile: await logto.mergeProfile(present.id, profile) }));
  }
  if (hasMembers(customData)) {
    calls.push(async (logto, present) => ({
      ...present,
      customData: await logto.mergeCustomData(present.id, customData),
    }));
  }
  return calls;
}

/** The user with these values: after a change, or as if it had not begun. */
export function withLogtoValues(user: LogtoUser, values: LogtoValues): LogtoUser {
  return {
    ...user,
    ...values.user,
    profile: withValues(user.profile as JsonObject, values.profile) as LogtoUserProfile,
    customData: withValues(user.customData, values.customData),
  };
}

/** Whether one of the places that the change concerns has all of its new values, and had others before. */
export function reachedInPart(user: LogtoUser, target: LogtoValues, before: LogtoValues): boolean {
  const left = missing(user, target);
  const all = missing(withLogtoValues(user, before), target);
  return places.some((place) => hasMembers(all[place]) && !hasMembers(left[place]));
}

const places = ['user', 'profile', 'customData'] as const;

/** The part of `target` that `user` differs from. */
function missing(user: LogtoUser, target: LogtoValues): LogtoValues {
  const present = {
    user: user as unknown as JsonObject,
    profile: user.profile as JsonObject,
    customData: user.customData,
  };
  const differing = (place: (typeof places)[number]): JsonObject =>
    Object.fromEntries(
      Object.entries(target[place]).filter(([name, value]) => {
        const current = Object.hasOwn(present[place], name) ? (present[place][name] as Json) : null;
        return !sameJson(current, value);
      }),
    );
  return { user: differing('user'), profile: differing('profile'), customData: differing('customData') };
}

function withValues(target: JsonObject, values: JsonObject): JsonObject {
  const merged = new Map(Object.entries({ ...target, ...values }));
  for (const [name, value] of merged) if (value === null && Object.hasOwn(values, name)) merged.delete(name);
  return Object.fromEntries(merged);
}

const hasMembers = (object: JsonObject): boolean => Object.keys(object).length > 0;
