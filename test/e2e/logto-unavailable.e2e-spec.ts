import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { skipMonotonicTime } from '../support/monotonic-clock.js';
import { startStack, type Stack } from './harness.js';

/** How Logto fails for every call. */
const OUTAGES = {
  'closes connections': { drop: 'before' },
  'responds 503': { status: 503 },
  'responds 500': { status: 500 },
} as const;

let stack: Stack;
beforeAll(async () => {
  // Each cached user is too old at once, as after a longer outage.
  stack = await startStack({ environment: { CACHE_MAX_AGE_MS: '1' } });
});
afterAll(() => stack?.stop());

describe.each(Object.entries(OUTAGES))('while Logto %s', (_outage, fault) => {
  let token: string;
  const read = (headers?: Record<string, string>) => stack.api('GET', '/v1/profile', { token, headers });
  const patch = (body: object, headers?: Record<string, string>) =>
    stack.api('PATCH', '/v1/profile', { token, body, headers });

  beforeEach(async () => {
    const { username } = await stack.createUser();
    token = await stack.tokenFor(username);
    // Circuit breakers reject calls for a while after the previous test.
    const profile = { name: 'Ann', shippingAddress: { locality: 'Ulm' } };
    while ((await patch(profile)).status !== 200) skipMonotonicTime(30_000);
    await read();
    stack.faults.add({ operation: '* /**', ...fault });
  });
  afterEach(() => stack.faults.reset());

  it('serves the last known profile, with its age and a warning', async () => {
    const { status, body, headers } = await read();
    expect([status, body.name, body.shippingAddress.locality]).toEqual([200, 'Ann', 'Ulm']);
    expect(headers.get('warning')).toBe('110 - "Response is Stale"');
    expect(headers.get('age')).toMatch(/^\d+$/);
    const customData = await stack.api('GET', '/v1/custom-data', { token });
    expect([customData.status, customData.headers.get('warning')]).toEqual([200, '110 - "Response is Stale"']);
  });

  it('changes fields in the database, and serves them at once', async () => {
    const { headers } = await read();
    const changed = await patch({ shippingAddress: { locality: 'Bonn' } }, { 'if-match': headers.get('etag')! });
    expect([changed.status, changed.body.shippingAddress.locality]).toEqual([200, 'Bonn']);
    const after = await read();
    expect(after.body).toEqual(changed.body);
    expect(after.headers.get('etag')).toBe(changed.headers.get('etag'));
    expect((await patch({}, { 'if-match': headers.get('etag')! })).status).toBe(412);
  });

  it('rejects what needs Logto, and keeps the last known profile', async () => {
    const rejected = [
      await patch({ name: 'Bob' }),
      await patch({ name: 'Bob', shippingAddress: { locality: 'Bonn' } }),
      await patch({ taxId: 'DE123456789' }),
      await read({ 'cache-control': 'no-cache' }),
      await patch({ name: 'Bob' }, { 'if-match': '"other"' }),
    ];
    for (const { status } of rejected) expect([502, 503]).toContain(status);
    const { status, body } = await read();
    expect([status, body.name, body.shippingAddress.locality]).toEqual([200, 'Ann', 'Ulm']);
  });

  it('serves the schema, even to a user who was never read', async () => {
    stack.faults.reset();
    const { username } = await stack.createUser();
    const newToken = await stack.tokenFor(username);
    stack.faults.add({ operation: '* /**', ...fault });
    expect((await stack.api('GET', '/v1/profile/schema', { token: newToken })).status).toBe(200);
    expect([502, 503]).toContain((await stack.api('GET', '/v1/profile', { token: newToken })).status);
  });
});
