import { describe, expect, it } from '@jest/globals';
import { stores } from '../../../test/support/stores.js';
import type { Json } from '../../platform/json/json.js';
import type { LogtoUser } from '../../platform/management-api/logto-user.js';
import { valueOf } from '../fields/catalogue/catalogue-field.js';
import { buildCatalogue } from '../fields/catalogue/load-catalogue.js';
import type { UserState } from '../fields/user-state.js';
import { valuesByStore } from './values-by-store.js';

const catalogue = buildCatalogue(
  {
    fields: {
      name: { store: 'logto' },
      nickname: { store: 'logto' },
      plan: { store: 'customData', schema: {} },
      city: { store: 'database', schema: {} },
      movedHere: { store: 'database', schema: {}, previously: { store: 'customData' } },
      movedThere: { store: 'customData', schema: {}, previously: { store: 'database' } },
    },
  },
  stores,
);
const field = (name: string) => catalogue.fields.get(name)!;
const changesTo = (values: Record<string, Json>) =>
  Object.entries(values).map(([name, value]) => ({ field: field(name), value }));

const state: UserState = {
  user: {
    id: 'u1',
    name: 'Alice',
    profile: { nickname: '' },
    customData: { movedHere: 'old', plan: 'pro' },
  } as unknown as LogtoUser,
  fields: { movedThere: 'old', city: 'Dresden' },
  fieldsVersion: 3,
  loaded: {},
};

describe('the values of a change, by store', () => {
  it('are assigned to the store of each field, with the previous values', () => {
    const values = { name: 'Bob', nickname: 'Bo', plan: null, city: 'Berlin' };
    expect(valuesByStore(changesTo(values), state)).toEqual({
      target: { logto: { name: 'Bob', nickname: 'Bo' }, customData: { plan: null }, database: { city: 'Berlin' } },
      before: { logto: { name: 'Alice', nickname: null }, customData: { plan: 'pro' }, database: { city: 'Dresden' } },
    });
  });

  it('move a changed field to its new store and clear the previous one', () => {
    const { target } = valuesByStore(changesTo({ movedHere: 'new', movedThere: 'new' }), state);
    expect(target).toEqual({
      database: { movedHere: 'new', movedThere: null },
      customData: { movedHere: null, movedThere: 'new' },
    });
  });

  it('keep null for a cleared field, so that its previous store is not read again', () => {
    const { target } = valuesByStore(changesTo({ movedHere: null, movedThere: null }), state);
    const after = stores.withValues(state, target);
    const user = { ...after.user, customData: { ...after.user.customData, movedHere: 'written again' } };
    expect(valueOf(field('movedHere'), { ...after, user })).toBeNull();
    expect(valueOf(field('movedThere'), after)).toBeNull();
  });

  it('lead to a state with the new values', () => {
    const values = { name: null, nickname: 'Bo', plan: null, city: 'Berlin', movedHere: 'new' };
    const after = stores.withValues(state, valuesByStore(changesTo(values), state).target);
    for (const [name, value] of Object.entries(values)) expect(valueOf(field(name), after)).toBe(value);
  });
});

describe('a field that has not been moved yet', () => {
  it('is read from its previous store', () => {
    expect([valueOf(field('movedHere'), state), valueOf(field('movedThere'), state)]).toEqual(['old', 'old']);
  });
});
