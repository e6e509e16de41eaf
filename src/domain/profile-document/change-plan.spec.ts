import { describe, expect, it } from '@jest/globals';
import { stores } from '../../../test/support/stores.js';
import type { Json, JsonObject } from '../../platform/json/json.js';
import type { LogtoUser } from '../../platform/management-api/logto-user.js';
import { buildCatalogue } from '../fields/catalogue/load-catalogue.js';
import { EncryptedValue } from '../fields/encryption/encrypted-value.js';
import type { UserState } from '../fields/user-state.js';
import { planChange, proofNeeds } from './change-plan.js';

const catalogue = buildCatalogue(
  {
    fields: {
      username: { store: 'logto' },
      primaryEmail: { store: 'logto' },
      primaryPhone: { store: 'logto' },
      name: { store: 'logto' },
      city: { store: 'database', schema: {} },
      taxId: { store: 'database', sensitive: true, schema: {} },
      bank: {
        store: 'database',
        sensitive: true,
        schema: { type: 'object', required: ['iban'], properties: { iban: { type: 'string', maxLength: 8 } } },
      },
    },
  },
  stores,
);

const stateOf = (fields: UserState['fields'] = {}): UserState => ({
  user: { id: 'u1', username: 'alice', name: 'Alice', profile: {}, customData: {} } as unknown as LogtoUser,
  fields,
  fieldsVersion: 3,
  loaded: {},
});
const plan = (patch: JsonObject, state = stateOf()) => planChange(catalogue, state, patch, 'profile');

describe('the proofs that a change needs', () => {
  const needs = (values: Record<string, Json>) => proofNeeds(plan(values));

  it('are none, identity, or identity and each new address', () => {
    expect(needs({ name: 'Bob', city: 'Berlin' })).toEqual([]);
    expect(needs({ username: 'bob', taxId: 'x' })).toEqual([{ identity: true }]);
    const address = { kind: 'email', address: 'b@example.com' };
    expect(needs({ primaryEmail: 'b@example.com', username: 'bob' })).toEqual([{ identity: true, address }]);
    expect(needs({ primaryEmail: 'b@example.com', primaryPhone: '4915112345678' })).toEqual([
      { identity: true, address },
      { identity: false, address: { kind: 'phone', address: '4915112345678' } },
    ]);
  });

  it('are identity for a patch of an encrypted object, whatever is in it', () => {
    const state = stateOf({ bank: new EncryptedValue('e30..', '••••') });
    const patches: JsonObject[] = [{}, { iban: 'DE1' }, { iban: 'x'.repeat(99) }, { other: { deep: 1 } }];
    for (const bank of patches) {
      const { changes, merges, errors } = plan({ bank }, state);
      expect([changes, errors]).toEqual([[], []]);
      expect(merges).toMatchObject([{ patch: bank }]);
      expect(proofNeeds({ changes, merges, errors })).toEqual([{ identity: true }]);
    }
  });
});

describe('a plan', () => {
  it('contains only values that differ', () => {
    const { changes } = plan({ name: 'Alice', username: 'bob', city: null });
    expect(changes.map(({ field, value }) => [field.name, value])).toEqual([['username', 'bob']]);
  });

  it('ignores a stored value that is sent back, even if it breaks the rules of its field', () => {
    const legacy = { ...stateOf(), user: { ...stateOf().user, primaryEmail: '"taro..y"@docomo.ne.jp', username: 'ä' } };
    const sentBack = { primaryEmail: '"taro..y"@docomo.ne.jp', username: 'ä' };
    expect(plan(sentBack, legacy)).toEqual({ changes: [], merges: [], errors: [] });
    expect(plan({ ...sentBack, username: 'äb' }, legacy).errors).toMatchObject([{ pointer: '/username' }]);
  });

  it('counts any value of a sensitive field as a change, except clearing an unset one', () => {
    const encrypted = stateOf({ taxId: new EncryptedValue('e30..', '••••') });
    const valuesOf = (patch: JsonObject, state?: UserState) => plan(patch, state).changes.map(({ value }) => value);
    expect(valuesOf({ taxId: 'x' })).toEqual(['x']);
    expect(valuesOf({ taxId: null })).toEqual([]);
    expect(valuesOf({ taxId: 'x' }, encrypted)).toEqual(['x']);
    expect(valuesOf({ taxId: null }, encrypted)).toEqual([null]);
  });
});
