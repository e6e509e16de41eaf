import { describe, expect, it } from '@jest/globals';
import type { Profile } from 'logto-profile-client';
import type { JsonObject } from '../fields/json';
import { fieldsOf } from '../fields/model';
import { begin, conflictOf, drop, edit, EMPTY, isIdle, patchOf, rebase, show, type Draft } from './draft';

const properties = {
  name: { type: 'string' },
  nickname: { type: 'string' },
  address: { type: 'object', properties: { street: { type: 'string' }, city: { type: 'string' } } },
  preferences: { type: 'object' },
  taxId: { type: 'string', 'x-sensitive': true },
};
const fields = fieldsOf({ schema: { properties }, names: undefined, capabilities: undefined, labels: {} });
const stored: JsonObject = {
  id: 'u', name: 'A', nickname: null, address: { city: 'X' }, preferences: { a: 1 }, taxId: { masked: '•••• 1' },
}; // prettier-ignore
const begun = (): Draft => begin(EMPTY, stored as unknown as Profile, '"1"');
const drafted = (values: JsonObject): Draft =>
  Object.entries(values).reduce((draft, [name, value]) => show(edit(draft, name, value), name), begun());

describe('the patch of a draft', () => {
  it('has only what changed', () => {
    const draft = drafted({ name: 'A', nickname: 'N', address: { city: 'X', street: 'S' }, preferences: { a: 1 } });
    expect(patchOf(draft, fields)).toEqual({ nickname: 'N', address: { street: 'S' } });
  });

  it('unsets what was emptied, and leaves unset what stayed empty', () => {
    expect(patchOf(drafted({ name: ' ', nickname: '', address: { city: '' } }), fields)).toEqual({
      name: null,
      address: null,
    });
  });

  it('keeps empty texts inside free objects', () => {
    expect(patchOf(drafted({ preferences: { a: 1, b: '' } }), fields)).toEqual({ preferences: { b: '' } });
  });

  it('sends a sensitive value whole, and none for an editor left empty', () => {
    expect(patchOf(drafted({ taxId: 'new' }), fields)).toEqual({ taxId: 'new' });
    expect(patchOf(drafted({ taxId: '' }), fields)).toEqual({});
    expect(patchOf(edit(begun(), 'taxId', null), fields)).toEqual({ taxId: null });
  });
});

describe('a draft', () => {
  it('stays on the version it was begun on', () => {
    const later = begin(show(begun(), 'name'), { id: 'u', name: 'B' } as unknown as Profile, '"2"');
    expect(later).toMatchObject({ etag: '"1"', base: { name: 'A' } });
    expect(isIdle(drop(later, 'name'))).toBe(true);
  });

  it('tells what both changed from what only others changed', () => {
    const draft = drafted({ name: 'Mine', nickname: 'N' });
    const conflict = conflictOf(draft, patchOf(draft, fields), { ...stored, name: 'Theirs', preferences: null }, '"2"');
    expect(conflict).toMatchObject({ both: ['name'], theirs: ['preferences'], etag: '"2"' });
  });

  it('is put upon what is stored now: own fields stay, of common ones the chosen', () => {
    const draft = drafted({ name: 'Mine', nickname: 'N', address: { city: 'X', street: 'S' } });
    const patch = patchOf(draft, fields);
    const now = { ...stored, name: 'Theirs', address: { city: 'Y' } };
    const conflict = conflictOf(draft, patch, now, '"2"');
    const merged = rebase(draft, patch, conflict, new Set(['address']));
    expect(merged).toMatchObject({ etag: '"2"', values: { nickname: 'N', address: { city: 'Y', street: 'S' } } });
    expect(patchOf(merged, fields)).toEqual({ nickname: 'N', address: { street: 'S' } });
    expect(patchOf(rebase(draft, patch, conflict, new Set(['name', 'address'])), fields)).toMatchObject({
      name: 'Mine',
    });
  });
});
