import { isObject, type Json } from '../../platform/json/json.js';

/**
 * JSON Merge Patch (RFC 7396 section 2): the document that `patch` makes of `target`. Members set to null are removed,
 * objects are merged, anything else replaces. Neither argument is changed.
 */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  // Entries, not assignments: assigning a member called `__proto__` would set the prototype instead.
  const merged = new Map(isObject(target) ? Object.entries(target) : []);
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) merged.delete(name);
    else merged.set(name, mergePatch(merged.get(name), value));
  }
  return Object.fromEntries(merged);
}
