import { describe, expect, it, jest } from '@jest/globals';
import type { JsonObject } from '../../../platform/json/json.js';
import type { LogtoUser } from '../../../platform/management-api/logto-user.js';
import type { ManagementApiService } from '../../../platform/management-api/management-api.service.js';
import { EncryptedValue } from '../encryption/encrypted-value.js';
import type { StoreValues, UserState } from '../user-state.js';
import { CustomDataStore } from './custom-data.store.js';
import { DatabaseStore } from './database.store.js';
import { ExternalStore } from './external.store.js';
import type { ChangeContext } from './field-store.js';
import { createFieldStores, FieldStores, type ValuesByStore } from './field-stores.js';
import { LogtoStore } from './logto.store.js';

const user = {
  id: 'u1',
  username: 'alice',
  name: 'Alice',
  avatar: null,
  profile: { givenName: 'Alice', nickname: 'Al', address: { country: 'DE' } },
  customData: { theirs: 1, preferences: { a: 1 }, gone: null },
} as unknown as LogtoUser;
const state: UserState = { user, fields: { city: 'Dresden' }, fieldsVersion: 1, loaded: {} };
const withUser = (changed: object): UserState => ({ ...state, user: { ...user, ...changed } });

const CONTEXT: ChangeContext = { changeId: 'change-1', guard: { maySend: () => true, onResponse: () => undefined } };

/** Makes the calls that lead to the values; each returns what Logto would return. @returns the calls, in order */
async function callsTowards(target: ValuesByStore): Promise<unknown[]> {
  const log: unknown[] = [];
  const recordCall = (operation: string, respond: (body: object) => unknown) =>
    jest.fn((_id: string, body: object) => {
      log.push([operation, body]);
      return Promise.resolve(respond(body));
    });
  const stores = createFieldStores({
    updateUser: recordCall('updateUser', (body) => ({ ...user, ...body })),
    mergeProfile: recordCall('mergeProfile', (body) => ({ ...user.profile, ...body })),
    mergeCustomData: recordCall('mergeCustomData', (body) => ({ ...user.customData, ...body })),
  } as unknown as ManagementApiService);
  let present = state;
  for (const call of stores.calls(state, target)) present = await call(present, CONTEXT);
  expect(stores.calls(present, target)).toEqual([]);
  return log;
}

const stores = createFieldStores({} as ManagementApiService);

describe('the calls that lead to other values', () => {
  it('are none for current values, whether unset or stored as null', async () => {
    const current = {
      logto: { name: 'Alice', avatar: null, nickname: 'Al', birthdate: null },
      customData: { preferences: { a: 1 }, gone: null, never: null },
      database: { city: 'Berlin' },
    };
    expect(await callsTowards(current)).toEqual([]);
  });

  it('send only what differs, starting with what Logto can reject', async () => {
    const target = {
      customData: { preferences: { a: 2 }, newsletter: null },
      logto: { name: 'Bob', username: 'alice', nickname: 'Bo', givenName: 'Alice' },
    };
    expect(await callsTowards(target)).toEqual([
      ['updateUser', { name: 'Bob' }],
      ['mergeProfile', { nickname: 'Bo' }],
      ['mergeCustomData', { preferences: { a: 2 } }],
    ]);
  });

  it('replace the whole profile only to remove a claim', async () => {
    const profile = { givenName: 'Alice', address: { country: 'DE' }, birthdate: '1990' };
    expect(await callsTowards({ logto: { name: 'Bob', nickname: null, birthdate: '1990' } })).toEqual([
      ['updateUser', { name: 'Bob', profile }],
    ]);
  });

  it('overwrite only removed keys of custom data with null', async () => {
    expect(await callsTowards({ customData: { preferences: null } })).toEqual([
      ['mergeCustomData', { preferences: null }],
    ]);
  });

  it('are fewer once a part of a change is applied, and as many when another program overwrites a value', () => {
    const target = { logto: { name: 'Bob', nickname: null }, customData: { newsletter: true } };
    const count = (present: UserState) => stores.calls(present, target).length;
    expect(count(state)).toBe(2);
    expect(count(withUser({ name: 'Carol' }))).toBe(2);
    expect(count(withUser({ name: 'Bob', profile: { givenName: 'Alice' } }))).toBe(1);
    expect(count(withUser({ customData: { newsletter: true } }))).toBe(1);
  });
});

describe('the state with other values', () => {
  it('has them in each store, and is the same as before with the previous values', () => {
    const before = { logto: { name: 'Alice', nickname: 'Al' }, customData: { newsletter: null } };
    const after = { logto: { name: 'Bob', nickname: null }, customData: { newsletter: true } };
    const changed = stores.withValues(state, after);
    expect(changed.user).toMatchObject({ name: 'Bob', customData: { newsletter: true, theirs: 1 } });
    expect(changed.user.profile).not.toHaveProperty('nickname');
    expect(stores.withValues(changed, before)).toEqual(state);
  });
});

describe('the part of a change that the row keeps', () => {
  it('separates encrypted values, and keeps a cleared field as null', () => {
    const taxId = new EncryptedValue('e30..', '•••• 1234');
    const target = { database: { city: null, taxId }, customData: { newsletter: true } };
    expect(stores.toRow(target)).toEqual({ plain: { city: null }, encrypted: { taxId } });
    expect(stores.calledValues(target)).toEqual({ customData: { newsletter: true } });
  });

  it('never takes JSON for an encrypted value', () => {
    const value = { jwe: 'e30..', mask: 'mine' };
    expect(stores.toRow({ database: { note: value } })).toEqual({ plain: { note: value }, encrypted: {} });
  });
});

describe('the limit of all custom data together', () => {
  it('is checked for new values but not for cleared ones', () => {
    const customData = new CustomDataStore({} as ManagementApiService);
    const full = withUser({ customData: { theirs: 'x'.repeat(899_000) } });
    expect(customData.validate({ note: 'x'.repeat(2_000), gone: null }, full)).toEqual([
      { pointer: '/note', code: 'too_large', params: { max: 900_000, of: 'customData' } },
    ]);
    expect(customData.validate({ gone: null }, full)).toEqual([]);
  });
});

class CrmStore extends ExternalStore {
  readonly name = 'crm';
  readonly written: unknown[] = [];

  load(): Promise<StoreValues> {
    return Promise.resolve({ tier: 'silver', note: null });
  }

  write(userId: string, values: JsonObject, { changeId }: { changeId: string }): Promise<void> {
    this.written.push([userId, values, changeId]);
    return Promise.resolve();
  }
}

describe('an external store', () => {
  it('is loaded, and written only where it differs, after Logto and with the ID of the change', async () => {
    const crm = new CrmStore();
    const logto = new LogtoStore({ updateUser: () => ({ ...user, name: 'Bob' }) } as unknown as ManagementApiService);
    const all = new FieldStores([logto, crm, new DatabaseStore()]);
    const loaded = await all.load('u1');
    expect([all.needLoading, loaded]).toEqual([true, { crm: { tier: 'silver', note: null } }]);

    const target = { crm: { tier: 'gold', note: null }, logto: { name: 'Bob' }, database: { city: 'Berlin' } };
    let present: UserState = { ...state, loaded };
    const calls = all.calls(present, target);
    expect(calls).toHaveLength(2);
    for (const call of calls) present = await call(present, CONTEXT);
    expect(crm.written).toEqual([['u1', { tier: 'gold' }, 'change-1']]);
    expect(present.loaded).toEqual({ crm: { tier: 'gold', note: null } });
    expect(crm.read({ name: 'tier', schema: {} }, present)).toBe('gold');
    expect(all.calls(present, target)).toEqual([]);
  });
});
