import { describe, expect, it } from '@jest/globals';
import type { Profile } from 'logto-profile-client';
import type { JsonObject } from '../fields/json';
import { toFields } from '../fields/model';
import {
  startDraft,
  findConflict,
  resetField,
  setValue,
  EMPTY_DRAFT,
  isEmptyDraft,
  toPatch,
  rebase,
  openField,
  type Draft,
} from './draft';

const properties = {
  name: { type: 'string' },
  nickname: { type: 'string' },
  address: { type: 'object', properties: { street: { type: 'string' }, city: { type: 'string' } } },
  preferences: { type: 'object' },
  taxId: { type: 'string', 'x-sensitive': true },
};
const fields = toFields({ schema: { properties }, names: undefined, capabilities: undefined, labels: {} });
const stored: JsonObject = {
  id: 'u', name: 'A', nickname: null, address: { city: 'X' }, preferences: { a: 1 }, taxId: { masked: '•••• 1' },
}; // prettier-ignore
const createDraft = (): Draft => startDraft(EMPTY_DRAFT, stored as unknown as Profile, '"1"');
const createDraftOf = (values: JsonObject): Draft =>
  Object.entries(values).reduce((draft, [name, value]) => openField(setValue(draft, name, value), name), createDraft());

describe('toPatch', () => {
  it('contains only changes', () => {
    const draft = createDraftOf({
      name: 'A',
      nickname: 'N',
      address: { city: 'X', street: 'S' },
      preferences: { a: 1 },
    });
    expect(toPatch(draft, fields)).toEqual({ nickname: 'N', address: { street: 'S' } });
  });

  it('unsets cleared fields and ignores fields that were already unset', () => {
    expect(toPatch(createDraftOf({ name: ' ', nickname: '', address: { city: '' } }), fields)).toEqual({
      name: null,
      address: null,
    });
  });

  it('keeps empty strings in free objects', () => {
    expect(toPatch(createDraftOf({ preferences: { a: 1, b: '' } }), fields)).toEqual({ preferences: { b: '' } });
  });

  it('sends a new sensitive value as a whole and ignores an empty editor', () => {
    expect(toPatch(createDraftOf({ taxId: 'new' }), fields)).toEqual({ taxId: 'new' });
    expect(toPatch(createDraftOf({ taxId: '' }), fields)).toEqual({});
    expect(toPatch(setValue(createDraft(), 'taxId', null), fields)).toEqual({ taxId: null });
  });
});

describe('a draft', () => {
  it('keeps the document on which it is based', () => {
    const restarted = startDraft(openField(createDraft(), 'name'), { id: 'u', name: 'B' } as unknown as Profile, '"2"');
    expect(restarted).toMatchObject({ etag: '"1"', base: { name: 'A' } });
    expect(isEmptyDraft(resetField(restarted, 'name'))).toBe(true);
  });

  it('separates fields that both sides changed from those that only others changed', () => {
    const draft = createDraftOf({ name: 'Mine', nickname: 'N' });
    const conflict = findConflict(
      draft,
      toPatch(draft, fields),
      { ...stored, name: 'Theirs', preferences: null },
      '"2"',
    );
    expect(conflict).toMatchObject({ both: ['name'], theirs: ['preferences'], etag: '"2"' });
  });

  it('keeps its own changes and the chosen values after a rebase', () => {
    const draft = createDraftOf({ name: 'Mine', nickname: 'N', address: { city: 'X', street: 'S' } });
    const patch = toPatch(draft, fields);
    const current = { ...stored, name: 'Theirs', address: { city: 'Y' } };
    const conflict = findConflict(draft, patch, current, '"2"');
    const merged = rebase(draft, patch, conflict, new Set(['address']));
    expect(merged).toMatchObject({ etag: '"2"', values: { nickname: 'N', address: { city: 'Y', street: 'S' } } });
    expect(toPatch(merged, fields)).toEqual({ nickname: 'N', address: { street: 'S' } });
    expect(toPatch(rebase(draft, patch, conflict, new Set(['name', 'address'])), fields)).toMatchObject({
      name: 'Mine',
    });
  });
});
