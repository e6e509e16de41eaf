import type { Profile } from 'logto-profile-client';
import { apply, diff } from '../fields/merge-patch';
import { equal, isObject, type Json, type JsonObject } from '../fields/json';
import { kindOf, maskOf, type Field } from '../fields/model';

/** What is being edited: on which version, and the values typed so far. Plain data; the rules are below. */
export interface Draft {
  readonly etag: string | undefined;
  /** The document that the changes are made on. */
  readonly base: JsonObject;
  /** By field; a field that is open but untouched is not here. */
  readonly values: Readonly<Record<string, Json>>;
  /** Rows that show their editor. */
  readonly open: ReadonlySet<string>;
}

export const EMPTY: Draft = { etag: undefined, base: {}, values: {}, open: new Set() };

export const begin = (draft: Draft, profile: Profile, etag: string | undefined): Draft =>
  isIdle(draft) ? { ...draft, base: profile as JsonObject, etag } : draft;

export const isIdle = ({ open, values }: Draft): boolean => open.size === 0 && Object.keys(values).length === 0;

export function edit(draft: Draft, name: string, value: Json): Draft {
  return { ...draft, values: { ...draft.values, [name]: value } };
}

export function drop(draft: Draft, name: string): Draft {
  const { [name]: _dropped, ...values } = draft.values;
  const open = new Set(draft.open);
  open.delete(name);
  return { ...draft, values, open };
}

export const show = (draft: Draft, name: string): Draft => ({ ...draft, open: new Set([...draft.open, name]) });

/** The value an editor starts from. A masked one is no value: what is typed replaces it whole. */
export function initial(draft: Draft, field: Field): Json {
  const stored = draft.values[field.name] ?? draft.base[field.name] ?? null;
  return maskOf(stored) === undefined ? stored : null;
}

/** One merge patch (RFC 7396) with nothing in it but what changed. */
export function patchOf(draft: Draft, fields: readonly Field[]): JsonObject {
  const patch: JsonObject = {};
  for (const field of fields) {
    const value = draft.values[field.name];
    if (value === undefined) continue;
    const before = draft.base[field.name] ?? null;
    const after = tidy(value, field);
    // An untouched editor of a masked value means "as it is"; removing is done by its button.
    if (maskOf(before) !== undefined && after === null && draft.open.has(field.name)) continue;
    const change = diff(maskOf(before) === undefined ? before : null, after);
    if (change !== undefined) patch[field.name] = change;
    else if (maskOf(before) !== undefined && after === null) patch[field.name] = null;
  }
  return patch;
}

/** An emptied text is an unset value: the service refuses `""`. In free objects a text may be empty. */
function tidy(value: Json, field: Field): Json {
  if (typeof value === 'string') return value.trim() === '' ? null : value;
  if (!isObject(value) || kindOf(field.schema, field.input) !== 'object') return value;
  const members = Object.entries(value).filter(([, member]) => member !== '' && member !== null);
  return members.length > 0 ? Object.fromEntries(members) : null;
}

export interface Conflict {
  readonly etag: string | undefined;
  readonly current: JsonObject;
  /** Changed by both: the person chooses. */
  readonly both: readonly string[];
  /** Changed meanwhile by others only. */
  readonly theirs: readonly string[];
}

/** What changed between the document the draft was made on and the one stored now. */
export function conflictOf(draft: Draft, patch: JsonObject, current: JsonObject, etag: string | undefined): Conflict {
  const changed = Object.keys(current).filter((name) => name in draft.base && !equal(draft.base[name], current[name]));
  return {
    etag,
    current,
    both: changed.filter((name) => name in patch),
    theirs: changed.filter((name) => !(name in patch)),
  };
}

/** The draft put upon the current document: of the fields that both changed, those in `mine` stay as drafted. */
export function rebase(draft: Draft, patch: JsonObject, conflict: Conflict, mine: ReadonlySet<string>): Draft {
  const kept = Object.entries(patch).filter(([name]) => !conflict.both.includes(name) || mine.has(name));
  return {
    etag: conflict.etag,
    base: conflict.current,
    values: Object.fromEntries(
      kept.map(([name, change]) => {
        const now = conflict.current[name] ?? null;
        return [name, change === null || maskOf(now) !== undefined ? change : apply(now, change)];
      }),
    ),
    open: new Set(),
  };
}
