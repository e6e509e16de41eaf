import type { Profile } from 'logto-profile-client';
import { applyMergePatch, createMergePatch } from '../fields/merge-patch';
import { isEqual, isObject, type Json, type JsonObject } from '../fields/json';
import { getKind, getMask, type Field } from '../fields/model';

/** The user's unsaved changes. */
export interface Draft {
  readonly etag: string | undefined;
  /** The profile document that the changes are based on. */
  readonly base: JsonObject;
  /** Changed values by field name. */
  readonly values: Readonly<Record<string, Json>>;
  /** Names of the fields whose editor is open. */
  readonly open: ReadonlySet<string>;
}

export const EMPTY_DRAFT: Draft = { etag: undefined, base: {}, values: {}, open: new Set() };

/** Bases an empty draft on the given document. A draft with changes keeps its document. */
export const startDraft = (draft: Draft, profile: Profile, etag: string | undefined): Draft =>
  isEmptyDraft(draft) ? { ...draft, base: profile as JsonObject, etag } : draft;

export const isEmptyDraft = ({ open, values }: Draft): boolean => open.size === 0 && Object.keys(values).length === 0;

export function setValue(draft: Draft, name: string, value: Json): Draft {
  return { ...draft, values: { ...draft.values, [name]: value } };
}

export function resetField(draft: Draft, name: string): Draft {
  const { [name]: _removed, ...values } = draft.values;
  const open = new Set(draft.open);
  open.delete(name);
  return { ...draft, values, open };
}

export const openField = (draft: Draft, name: string): Draft => ({ ...draft, open: new Set([...draft.open, name]) });

/** Returns the initial value of an editor: null for a masked value, because users can only replace it as a whole. */
export function getEditorValue(draft: Draft, field: Field): Json {
  const stored = draft.values[field.name] ?? draft.base[field.name] ?? null;
  return getMask(stored) === undefined ? stored : null;
}

/** Converts the draft to a JSON Merge Patch (RFC 7396) of the changes only. */
export function toPatch(draft: Draft, fields: readonly Field[]): JsonObject {
  const patch: JsonObject = {};
  for (const field of fields) {
    const value = draft.values[field.name];
    if (value === undefined) continue;
    const before = draft.base[field.name] ?? null;
    const after = emptyToNull(value, field);
    // An empty editor keeps a masked value; only the Remove button clears it.
    if (getMask(before) !== undefined && after === null && draft.open.has(field.name)) continue;
    const change = createMergePatch(getMask(before) === undefined ? before : null, after);
    if (change !== undefined) patch[field.name] = change;
    else if (getMask(before) !== undefined && after === null) patch[field.name] = null;
  }
  return patch;
}

/** Replaces empty text with null, because the service rejects `""`. Members of free objects may be empty. */
function emptyToNull(value: Json, field: Field): Json {
  if (typeof value === 'string') return value.trim() === '' ? null : value;
  if (!isObject(value) || getKind(field.schema, field.input) !== 'object') return value;
  const members = Object.entries(value).filter(([, member]) => member !== '' && member !== null);
  return members.length > 0 ? Object.fromEntries(members) : null;
}

export interface Conflict {
  readonly etag: string | undefined;
  readonly current: JsonObject;
  /** Fields that both sides changed; the user chooses a value. */
  readonly both: readonly string[];
  /** Fields that changed only on the server. */
  readonly theirs: readonly string[];
}

/** Compares the document that the draft is based on with the current one. */
export function findConflict(draft: Draft, patch: JsonObject, current: JsonObject, etag: string | undefined): Conflict {
  const changed = Object.keys(current).filter(
    (name) => name in draft.base && !isEqual(draft.base[name], current[name]),
  );
  return {
    etag,
    current,
    both: changed.filter((name) => name in patch),
    theirs: changed.filter((name) => !(name in patch)),
  };
}

/**
 * Bases the draft on the current document.
 *
 * @param keptNames those of the fields changed on both sides that keep the user's value
 */
export function rebase(draft: Draft, patch: JsonObject, conflict: Conflict, keptNames: ReadonlySet<string>): Draft {
  const keptChanges = Object.entries(patch).filter(([name]) => !conflict.both.includes(name) || keptNames.has(name));
  return {
    etag: conflict.etag,
    base: conflict.current,
    values: Object.fromEntries(
      keptChanges.map(([name, change]) => {
        const currentValue = conflict.current[name] ?? null;
        const isReplaced = change === null || getMask(currentValue) !== undefined;
        return [name, isReplaced ? change : applyMergePatch(currentValue, change)];
      }),
    ),
    open: new Set(),
  };
}
