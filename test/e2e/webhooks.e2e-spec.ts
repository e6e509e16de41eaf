import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { Database } from '../../src/platform/database/database.js';
import { embedded, startStack, type Stack } from './harness.js';
import type { TenantUser } from './logto-tenant.js';

const KEY = 'a-webhook-signing-key';
const EVENTS = ['User.Created', 'User.Data.Updated', 'User.SuspensionStatus.Updated', 'User.Deleted'];

let stack: Stack;
let user: TenantUser;
let token: string;

beforeAll(async () => {
  stack = await startStack({ environment: { LOGTO_WEBHOOK_SIGNING_KEY: KEY } });
}, 60_000);
afterAll(() => stack?.stop());

const signUp = async () => {
  user = await stack.createUser({ name: 'Before' });
  token = await stack.tokenFor(user.username);
};
const read = () => stack.api('GET', '/v1/profile', { token });
const send = (body: object, key = KEY) => {
  const raw = JSON.stringify({ createdAt: new Date().toISOString(), ...body });
  const signature = createHmac('sha256', key).update(raw).digest('hex');
  return stack.api('POST', '/webhooks/logto', {
    body: raw,
    headers: { 'content-type': 'application/json', 'logto-signature-sha-256': signature },
  });
};

describe("Logto's webhook", () => {
  it('makes a change that was made in Logto seen at once, and nothing else does', async () => {
    await signUp();
    expect((await read()).body.name).toBe('Before');
    await stack.tenant.call('PATCH', `/users/${user.id}`, { name: 'After' });
    expect((await read()).body.name).toBe('Before');
    expect((await send({ event: 'User.Data.Updated', params: { userId: user.id }, data: {} })).status).toBe(204);
    expect((await read()).body.name).toBe('After');
  });

  it('makes a suspension count at once', async () => {
    await signUp();
    await read();
    await stack.tenant.call('PATCH', `/users/${user.id}/is-suspended`, { isSuspended: true });
    await send({ event: 'User.SuspensionStatus.Updated', params: { userId: user.id }, data: { id: user.id } });
    expect([(await read()).status, (await read()).body.code]).toEqual([403, 'account_suspended']);
  });

  it('voids what a password proved that was changed at Logto', async () => {
    const password = 'Str0ng-Passw0rd!x';
    user = await stack.createUser({ password });
    token = await stack.tokenFor(user.username);
    const prove = async (present: string) => {
      const { body } = await stack.api('POST', '/v1/password/verify', { token, body: { password: present } });
      return { 'verification-id': body.verificationId as string };
    };
    const proof = await prove(password);
    await stack.tenant.call('PATCH', `/users/${user.id}/password`, { password: `${password}y` });
    const changed = {
      event: 'User.Data.Updated',
      matchedRoute: '/users/:userId/password',
      params: { userId: user.id },
    };
    expect((await send(changed)).status).toBe(204);
    const rename = (headers: Record<string, string>) =>
      stack.api('PATCH', '/v1/profile', { token, headers, body: { username: `${user.username}x` } });
    expect((await rename(proof)).body.code).toBe('step_up_required');
    expect((await rename(await prove(`${password}y`))).status).toBe(200);
  });

  it('erases what is kept of a deleted user, even when an older webhook comes after', async () => {
    await signUp();
    const change = { preferences: { theme: 'dark' }, shippingAddress: { country: 'DE' } };
    expect((await stack.api('PATCH', '/v1/profile', { token, body: change })).status).toBe(200);
    await read();
    await stack.tenant.call('DELETE', `/users/${user.id}`);
    await send({ event: 'User.Deleted', params: { userId: user.id }, data: { id: user.id } });
    await send({ event: 'User.Data.Updated', params: { userId: user.id }, data: {} });
    expect([(await read()).status, (await read()).body.code]).toEqual([404, 'account_not_found']);
    for (const table of ['profile_user', 'activity']) {
      const text = `select 1 from ${table} where user_id = $1`;
      expect((await stack.app.get(Database).query({ text, values: [user.id] })).rows).toEqual([]);
    }
  });

  it('is refused when it is not signed by the key, and changes nothing', async () => {
    await signUp();
    await read();
    await stack.tenant.call('PATCH', `/users/${user.id}`, { name: 'After' });
    const forged = await send({ event: 'User.Data.Updated', params: { userId: user.id } }, 'another key');
    expect([forged.status, forged.body.code]).toEqual([401, 'invalid_signature']);
    expect((await read()).body.name).toBe('Before');
  });

  it('is refused when nothing signs it, or it is no webhook', async () => {
    const unsigned = await stack.api('POST', '/webhooks/logto', { body: { event: 'User.Deleted' } });
    expect([unsigned.status, unsigned.body.code]).toEqual([401, 'invalid_signature']);
    const empty = await stack.api('POST', '/webhooks/logto', { unchecked: true });
    expect(empty.status).toBeGreaterThanOrEqual(400);
    expect(empty.status).toBeLessThan(500);
    expect((await send({ createdAt: 'soon' })).body.code).toBe('malformed_request');
  });
});

(embedded ? describe : describe.skip)('a webhook that Logto sends itself', () => {
  it('is taken as it comes', async () => {
    const hook = await stack.tenant.call('POST', '/hooks', {
      name: 'profile service',
      events: EVENTS,
      config: { url: `${stack.url}/webhooks/logto` },
    });
    stack.logto!.tenant.hooks.get(hook.id)!.signingKey = KEY;
    await signUp();
    await read();
    await stack.tenant.call('PATCH', `/users/${user.id}/custom-data`, { customData: { preferences: { a: 1 } } });
    await stack.logto!.webhooks.settled();
    expect((await read()).body.preferences).toEqual({ a: 1 });
    await stack.tenant.call('DELETE', `/users/${user.id}`);
    await stack.logto!.webhooks.settled();
    expect((await read()).status).toBe(404);
    expect(stack.logto!.webhooks.logs.every(({ succeeded }) => succeeded)).toBe(true);
  });
});
