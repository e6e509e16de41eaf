import type { Json, JsonObject } from './json.js';

/** The JSON Pointer (RFC 6901) that leads along these keys; empty for the whole document. */
export const jsonPointer = (...keys: readonly string[]): string =>
  keys.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** The part of a value that a pointer leads to; undefined if there is none. */
export function valueAt(value: Json | undefined, pointer: string): Json | undefined {
  const keys = pointer.split('/').slice(1);
  return keys.reduce<Json | undefined>((part, key) => {
    if (typeof part !== 'object' || part === null) return undefined;
    const name = key.replaceAll('~1', '/').replaceAll('~0', '~');
    return Object.hasOwn(part, name) ? (part as JsonObject)[name] : undefined;
  }, value);
}
