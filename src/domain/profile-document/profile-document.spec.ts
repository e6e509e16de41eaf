import { describe, expect, it } from '@jest/globals';
import { buildCatalogue } from '../fields/catalogue/load-catalogue.js';
import { documentOf, renderProfile } from './profile-document.js';
import { EncryptedValue } from '../fields/encryption/encrypted-value.js';
import type { UserState } from '../fields/user-state.js';
import { stores } from '../../../test/support/stores.js';

const catalogue = buildCatalogue(
  {
    fields: {
      nickname: { store: 'logto', order: 2 },
      name: { store: 'logto', order: 1 },
      plan: { store: 'customData', access: 'read', schema: {} },
      hiddenOne: { store: 'customData', access: 'hidden', schema: {} },
      city: { store: 'database', schema: {} },
      taxId: { store: 'database', sensitive: true, mask: 'last4', schema: { type: 'string' } },
    },
  },
  stores,
);

const stateOf = (fields: UserState['fields'], customData: object = {}): UserState => ({
  user: { id: 'u1', name: '', profile: { nickname: 'Al' }, customData } as unknown as UserState['user'],
  fields,
  fieldsVersion: 7,
  loaded: {},
});

describe('the profile document', () => {
  it("has the id, then the readable fields in the catalogue's order", () => {
    const document = documentOf(catalogue, stateOf({}, { plan: 'pro', hiddenOne: 'x', theirs: 1 }));
    expect(Object.entries(document)).toEqual([
      ['id', 'u1'],
      ['name', null],
      ['nickname', 'Al'],
      ['plan', 'pro'],
      ['city', null],
      ['taxId', null],
    ]);
    expect(documentOf(catalogue, stateOf({}, { plan: 'pro', hiddenOne: 'x' }), 'customData')).toEqual({ plan: 'pro' });
  });

  it('masks a sensitive value, also if it was stored before the field became sensitive', () => {
    const encrypted = new EncryptedValue('e30..', '•••• 1234');
    expect(documentOf(catalogue, stateOf({ taxId: encrypted })).taxId).toEqual({ masked: '•••• 1234' });
    expect(documentOf(catalogue, stateOf({ taxId: 'DE123456789' })).taxId).toEqual({ masked: '•••• 6789' });
  });
});

describe('the ETag', () => {
  const tagOf = (state: UserState) => renderProfile(catalogue, state).etag;

  it('depends on values and the version, but not on the order of members', () => {
    const state = stateOf({ city: { b: 1, a: [{ d: 1, c: 2 }] } });
    expect(tagOf(stateOf({ city: { a: [{ c: 2, d: 1 }], b: 1 } }))).toBe(tagOf(state));
    expect(tagOf(stateOf({ city: { a: [{ c: 2, d: 2 }], b: 1 } }))).not.toBe(tagOf(state));
    expect(tagOf({ ...state, fieldsVersion: 8 })).not.toBe(tagOf(state));
    expect(tagOf(state)).toMatch(/^"7-[0-9a-f]{64}"$/);
  });
});
