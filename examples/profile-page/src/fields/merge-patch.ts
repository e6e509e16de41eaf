import { isEqual, isObject, type Json, type JsonObject } from './json';

/**
 * Creates the smallest JSON Merge Patch (RFC 7396) from `before` to `after`; returns `undefined` if they are equal. An
 * object without members becomes null, so that clearing all parts of an address unsets it.
 */
export function createMergePatch(before: Json | undefined, after: Json): Json | undefined {
  if (isEqual(before, after)) return undefined;
  if (!isObject(after)) return after;
  if (Object.keys(after).length === 0) return before === null || before === undefined ? undefined : null;
  const old = isObject(before) ? before : {};
  const patch: JsonObject = {};
  for (const key of Object.keys(old)) if (!(key in after)) patch[key] = null;
  for (const [key, value] of Object.entries(after)) {
    const change = createMergePatch(old[key], value);
    if (change !== undefined && !(change === null && !(key in old))) patch[key] = change;
  }
  return Object.keys(patch).length > 0 ? patch : undefined;
}

/** Applies a JSON Merge Patch (RFC 7396, section 2). */
export function applyMergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const kept = Object.entries(isObject(target) ? target : {}).filter(([key]) => patch[key] !== null);
  const result: JsonObject = Object.fromEntries(kept);
  for (const [key, value] of Object.entries(patch))
    if (value !== null) result[key] = applyMergePatch(result[key], value);
  return result;
}
