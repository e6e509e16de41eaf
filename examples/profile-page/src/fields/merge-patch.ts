import { equal, isObject, type Json, type JsonObject } from './json';

/**
 * The JSON Merge Patch (RFC 7396) that makes `before` into `after`, with nothing in it that stays; `undefined` when
 * they are equal. An object left without members becomes null: an emptied address is an unset one.
 */
export function diff(before: Json | undefined, after: Json): Json | undefined {
  if (equal(before, after)) return undefined;
  if (!isObject(after)) return after;
  if (Object.keys(after).length === 0) return before === null || before === undefined ? undefined : null;
  const old = isObject(before) ? before : {};
  const patch: JsonObject = {};
  for (const key of Object.keys(old)) if (!(key in after)) patch[key] = null;
  for (const [key, value] of Object.entries(after)) {
    const change = diff(old[key], value);
    if (change !== undefined && !(change === null && !(key in old))) patch[key] = change;
  }
  return Object.keys(patch).length > 0 ? patch : undefined;
}

/** RFC 7396 section 2. */
export function apply(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const kept = Object.entries(isObject(target) ? target : {}).filter(([key]) => patch[key] !== null);
  const result: JsonObject = Object.fromEntries(kept);
  for (const [key, value] of Object.entries(patch)) if (value !== null) result[key] = apply(result[key], value);
  return result;
}
