import { describe, expect, it } from '@jest/globals';
import type { LogtoUser } from '../../platform/management-api/logto-user.js';
import { buildCatalogue } from '../fields/catalogue/load-catalogue.js';
import { planChanges, proofNeeds, stateAfter } from './change-plan.js';
import type { FieldChange } from './change-plan.js';
import { valueOf, type UserState } from '../fields/user-state.js';

const catalogue = buildCatalogue({
  fields: {
    username: { store: 'logto' },
    primaryEmail: { store: 'logto' },
    primaryPhone: { store: 'logto' },
    name: { store: 'logto' },
    nickname: { store: 'logto' },
    plan: { store: 'customData', schema: {} },
    city: { store: 'database', schema: {} },
    taxId: { store: 'database', sensitive: true, schema: {} },
    movedHere: { store: 'database', schema: {}, previously: { store: 'customData' } },
    movedThere: { store: 'customData', schema: {}, previously: { store: 'database' } },
  },
});
const field = (name: string) => catalogue.fields.get(name)!;
const changes = (values: Record<string, FieldChange['value']>): FieldChange[] =>
  Object.entries(values).map(([name, value]) => ({ field: field(name), value }));

const state = {
  user: { id: 'u1', name: 'Alice', profile: { nickname: '' }, customData: { movedHere: 'old', plan: 'pro' } },
  fields: { movedThere: 'old', city: 'Dresden' },
  fieldsVersion: 3,
} as unknown as UserState;

describe('a change plan', () => {
  it('assigns each value to its store, with the previous value', () => {
    const plan = planChanges(changes({ name: 'Bob', nickname: 'Bo', plan: null, city: 'Berlin', taxId: null }), state);
    expect(plan.logto).toEqual({ user: { name: 'Bob' }, profile: { nickname: 'Bo' }, customData: { plan: null } });
    expect(plan.before).toEqual({ user: { name: 'Alice' }, profile: { nickname: null }, customData: { plan: 'pro' } });
    expect([plan.set, plan.remove]).toEqual([{ city: 'Berlin' }, ['taxId']]);
  });

  it('moves a changed field to its new store and clears the old one', () => {
    const plan = planChanges(changes({ movedHere: 'new', movedThere: 'new' }), state);
    expect(plan.logto.customData).toEqual({ movedHere: null, movedThere: 'new' });
    expect([plan.set, plan.remove]).toEqual([{ movedHere: 'new' }, ['movedThere']]);
  });

  it('stores null for a removed field, so that its old store is not read again', () => {
    const plan = planChanges(changes({ movedHere: null, movedThere: null }), state);
    expect([plan.logto.customData, plan.set]).toEqual([{ movedHere: null, movedThere: null }, { movedHere: null }]);
    const after = stateAfter(state, plan, { fields: { movedHere: null } });
    const user = { ...after.user, customData: { ...after.user.customData, movedHere: 'written again' } } as LogtoUser;
    expect(valueOf(field('movedHere'), { ...after, user })).toBeNull();
    expect(valueOf(field('movedThere'), after)).toBeNull();
  });

  it('results in a state with the new values', () => {
    const values = { name: null, nickname: 'Bo', plan: null, city: 'Berlin', movedHere: 'new' };
    const plan = planChanges(changes(values), state);
    const after = stateAfter(state, plan, { fields: plan.set as Record<string, string> });
    for (const [name, value] of Object.entries(values)) expect(valueOf(field(name), after)).toBe(value);
  });
});

describe('a field that has not been moved yet', () => {
  it('is read from its old store', () => {
    expect([valueOf(field('movedHere'), state), valueOf(field('movedThere'), state)]).toEqual(['old', 'old']);
  });
});

describe('the proofs that a change needs', () => {
  const needs = (values: Record<string, FieldChange['value']>) => proofNeeds(planChanges(changes(values), state));

  it('are none, identity, or identity and each new address', () => {
    expect(needs({ name: 'Bob', city: 'Berlin' })).toEqual([]);
    expect(needs({ username: 'bob', taxId: 'x' })).toEqual([{ identity: true }]);
    expect(needs({ primaryEmail: null })).toEqual([{ identity: true }]);
    const address = { kind: 'email', address: 'b@example.com' };
    expect(needs({ primaryEmail: 'b@example.com', username: 'bob' })).toEqual([{ identity: true, address }]);
    expect(needs({ primaryEmail: 'b@example.com', primaryPhone: '15550100009' })).toEqual([
      { identity: true, address },
      { identity: false, address: { kind: 'phone', address: '15550100009' } },
    ]);
  });
});
