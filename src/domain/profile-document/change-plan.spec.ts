import { describe, expect, it } from '@jest/globals';
import { stores } from '../../../test/support/stores.js';
import type { Json, JsonObject } from '../../platform/json/json.js';
import type { LogtoUser } from '../../platform/management-api/logto-user.js';
import { buildCatalogue } from '../fields/catalogue/load-catalogue.js';
import type { StoredValue } from '../fields/user-state.js';
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
      address: { store: 'logto' },
      settings: { store: 'customData', maxBytes: 60, maxKeys: 4, schema: { type: 'object' } },
      few: { store: 'database', schema: { type: 'object', maxProperties: 1 } },
      profile: {
        store: 'database',
        schema: {
          type: 'object',
          required: ['id'],
          additionalProperties: false,
          properties: {
            id: { type: 'string' },
            country: { type: 'string', maxLength: 2 },
            zip: { type: 'string' },
            list: { type: 'array', items: { type: 'integer' }, maxItems: 2 },
          },
          if: { properties: { country: { const: 'US' } }, required: ['country'] },
          then: { properties: { zip: { maxLength: 5 } } },
        },
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

  it.each<[string, StoredValue]>([
    ['an encrypted object', new EncryptedValue('e30..', '••••')],
    ['an object that is still in clear, because its field became sensitive later', { iban: 'DE1' }],
  ])('are identity for a patch of %s, whatever is in it', (_what, stored) => {
    const state = stateOf({ bank: stored });
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

  it.each<[string, Json]>([
    ['primaryEmail', 'taro..yamada@docomo.ne.jp'],
    ['primaryEmail', 'ann@my_host.example.com'],
    ['primaryPhone', '5215512345678'],
    ['name', '\u200D'],
    ['address', { country: '', planet: 'Mars', locality: 'Berlin' }],
    ['address', 'a text of another program'],
  ])('ignores the stored value of %s when it is sent back: %j', (name, value) => {
    const claims = name === 'address' ? { profile: { address: value } } : { [name]: value };
    const legacy = { ...stateOf(), user: { ...stateOf().user, ...claims } as LogtoUser };
    expect(plan({ [name]: value }, legacy)).toEqual({ changes: [], merges: [], errors: [] });
  });

  describe('of a merge into an invalid object', () => {
    const merge = (field: string, stored: JsonObject, patch: JsonObject) => {
      const state = stateOf({ [field]: stored });
      const { changes, errors } = plan(
        { [field]: patch },
        { ...state, user: { ...state.user, customData: state.fields as JsonObject } },
      );
      return errors.length > 0 ? errors.map(({ pointer, code }) => `${pointer} ${code}`) : changes[0]?.value;
    };
    const invalid = { country: 'Germany', planet: 'Mars', list: [1, 2, 'x'] };

    it('accepts a change beside the invalid members, and their removal', () => {
      expect(merge('profile', invalid, { zip: '1' })).toEqual({ ...invalid, zip: '1' });
      expect(merge('profile', { ...invalid, zip: '1' }, { zip: '2' })).toEqual({ ...invalid, zip: '2' });
      expect(merge('profile', invalid, { planet: null })).toEqual({ country: 'Germany', list: [1, 2, 'x'] });
      expect(merge('profile', invalid, { ...invalid, zip: '1' })).toEqual({ ...invalid, zip: '1' });
    });

    it('rejects invalid values that the patch sets', () => {
      expect(merge('profile', invalid, { country: 'Austria' })).toEqual(['/profile/country too_long']);
      expect(merge('profile', invalid, { moon: 1, planet: 'Venus' })).toEqual([
        '/profile/planet unknown_field',
        '/profile/moon unknown_field',
      ]);
      expect(merge('profile', invalid, { list: [1, 2, 3] })).toEqual(['/profile/list too_many']);
      expect(merge('profile', { id: 'a', zip: '1' }, { id: null })).toEqual(['/profile/id required']);
    });

    it('rejects a value that the change of another member makes invalid', () => {
      const zip = { id: 'a', zip: '1234567' };
      expect(merge('profile', zip, { country: 'US' })).toEqual(expect.arrayContaining(['/profile invalid_value']));
      expect(merge('profile', { ...zip, country: 'US' }, { list: [1] })).toMatchObject({ list: [1] });
    });

    it('accepts an object over its limits if it does not grow', () => {
      const large = { a: 'x'.repeat(60), b: 'y' };
      expect(merge('settings', large, { b: null })).toEqual({ a: large.a });
      expect(merge('settings', large, { b: 'z' })).toEqual({ ...large, b: 'z' });
      expect(merge('settings', large, { b: 'zz' })).toEqual(['/settings too_large']);
      const many = { a: 1, b: 1, c: 1, d: 1, e: 1 };
      expect(merge('settings', many, { a: null })).toEqual({ b: 1, c: 1, d: 1, e: 1 });
      expect(merge('settings', many, { f: 1 })).toEqual(['/settings too_many']);
      const members = { a: 1, b: 2, c: 3 };
      expect(merge('few', members, { a: null })).toEqual({ b: 2, c: 3 });
      expect(merge('few', members, { a: 4 })).toEqual({ ...members, a: 4 });
      expect(merge('few', members, { d: 4 })).toEqual(['/few too_many']);
    });
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
