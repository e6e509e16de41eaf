import { sameJson, type Json, type JsonObject } from '../../../platform/json/json.js';
import type { StoreValues } from '../user-state.js';

/** The values that `present` does not have yet; a missing member is the same as null. */
export function differences(values: StoreValues, present: JsonObject): JsonObject {
  const differing = Object.entries(values as JsonObject).filter(([name, value]) => {
    const current = Object.hasOwn(present, name) ? (present[name] as Json) : null;
    return !sameJson(current, value);
  });
  return Object.fromEntries(differing);
}

/** `present` with these values; a null one is removed. */
export function withMembers(present: JsonObject, values: JsonObject): JsonObject {
  const merged = new Map(Object.entries({ ...present, ...values }));
  for (const [name, value] of merged) if (value === null && Object.hasOwn(values, name)) merged.delete(name);
  return Object.fromEntries(merged);
}

export const hasMembers = (object: object): boolean => Object.keys(object).length > 0;
