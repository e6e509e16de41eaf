import { describe, expect, it, jest } from '@jest/globals';
import type { LogtoUser } from '../../platform/management-api/logto-user.js';
import type { ManagementApiService } from '../../platform/management-api/management-api.service.js';
import { callsTowards, noLogtoValues, reachedInPart, withLogtoValues, type LogtoValues } from './logto-values.js';

const user = {
  id: 'u1',
  username: 'alice',
  name: 'Alice',
  avatar: null,
  profile: { givenName: 'Alice', nickname: 'Al', address: { country: 'DE' } },
  customData: { theirs: 1, preferences: { a: 1 }, gone: null },
} as unknown as LogtoUser;

const target = (values: Partial<LogtoValues>): LogtoValues => ({ ...noLogtoValues(), ...values });

/** Records the calls to Logto in order; each returns what Logto would return. */
async function sent(towards: LogtoValues): Promise<unknown[]> {
  const log: unknown[] = [];
  const recordCall = (operation: string, respond: (body: object) => unknown) =>
    jest.fn((_id: string, body: object) => {
      log.push([operation, body]);
      return Promise.resolve(respond(body));
    });
  const logto = {
    updateUser: recordCall('updateUser', (body) => ({ ...user, ...body })),
    mergeProfile: recordCall('mergeProfile', (body) => ({ ...user.profile, ...body })),
    mergeCustomData: recordCall('mergeCustomData', (body) => ({ ...user.customData, ...body })),
  } as unknown as ManagementApiService;
  let present = user;
  for (const call of callsTowards(user, towards)) present = await call(logto, present);
  expect(callsTowards(present, towards)).toEqual([]);
  return log;
}

describe('the calls that lead to the target values', () => {
  it('are none for current values, whether unset or stored as null', async () => {
    const there = {
      user: { name: 'Alice', avatar: null },
      profile: { nickname: 'Al', birthdate: null },
      customData: { preferences: { a: 1 }, gone: null, never: null },
    };
    expect(await sent(target(there))).toEqual([]);
  });

  it('send only what differs, starting with what Logto can reject', async () => {
    const change = target({
      user: { name: 'Bob', username: 'alice' },
      profile: { nickname: 'Bo', givenName: 'Alice' },
      customData: { preferences: { a: 2 }, newsletter: null },
    });
    expect(await sent(change)).toEqual([
      ['updateUser', { name: 'Bob' }],
      ['mergeProfile', { nickname: 'Bo' }],
      ['mergeCustomData', { preferences: { a: 2 } }],
    ]);
  });

  it('replace the whole profile only to remove a claim', async () => {
    const change = target({ user: { name: 'Bob' }, profile: { nickname: null, birthdate: '1990' } });
    const profile = { givenName: 'Alice', address: { country: 'DE' }, birthdate: '1990' };
    expect(await sent(change)).toEqual([['updateUser', { name: 'Bob', profile }]]);
  });

  it('overwrite only removed keys of custom data with null', async () => {
    expect(await sent(target({ customData: { preferences: null } }))).toEqual([
      ['mergeCustomData', { preferences: null }],
    ]);
  });
});

describe('a partly applied change', () => {
  const before = target({ user: { name: 'Alice' }, profile: { nickname: 'Al' }, customData: { newsletter: null } });
  const after = target({ user: { name: 'Bob' }, profile: { nickname: null }, customData: { newsletter: true } });

  it('is distinguished from one that has not begun and from one that another program overwrote', () => {
    expect(reachedInPart(user, after, before)).toBe(false);
    expect(reachedInPart({ ...user, name: 'Carol' }, after, before)).toBe(false);
    expect(reachedInPart({ ...user, name: 'Bob' }, after, before)).toBe(true);
    expect(reachedInPart({ ...user, customData: { newsletter: true } }, after, before)).toBe(true);
  });

  it('can be shown as if it had not begun', () => {
    const halfWay = withLogtoValues(user, { ...after, customData: {} });
    expect(withLogtoValues(halfWay, before)).toEqual(user);
    expect(withLogtoValues(withLogtoValues(user, after), before)).toEqual(user);
  });
});
