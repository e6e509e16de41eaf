import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Database } from '../../src/platform/database/database.js';
import { startStack, type Stack } from './harness.js';
import type { TenantUser } from './logto-tenant.js';
import { SignedInUser } from './signed-in-user.js';

const KEY = 'a-webhook-signing-key';
const EVENTS = ['User.Created', 'User.Data.Updated', 'User.SuspensionStatus.Updated', 'User.Deleted'];

let stack: Stack;
let user: TenantUser;
let token: string;

beforeAll(async () => {
  stack = await startStack({ environment: { LOGTO_WEBHOOK_SIGNING_KEY: KEY } });
  await sendWebhook({ event: 'PostSignIn' }); // Cached users are valid for longer while webhooks arrive.
}, 60_000);
afterAll(() => stack?.stop());

const signUp = async () => {
  user = await stack.createUser({ name: 'Before' });
  token = await stack.tokenFor(user.username);
};
const read = () => stack.api('GET', '/v1/profile', { token });
const sendWebhook = (body: object, key = KEY) => {
  const raw = JSON.stringify({ createdAt: new Date().toISOString(), ...body });
  const signature = createHmac('sha256', key).update(raw).digest('hex');
  return stack.api('POST', '/webhooks/logto', {
    body: raw,
    headers: { 'content-type': 'application/json', 'logto-signature-sha-256': signature },
  });
};

describe('POST /webhooks/logto', () => {
  it('discards the cached user, so that a change in Logto is visible immediately', async () => {
    await signUp();
    expect((await read()).body.name).toBe('Before');
    await stack.tenant.call('PATCH', `/users/${user.id}`, { name: 'After' });
    expect((await read()).body.name).toBe('Before');
    expect((await sendWebhook({ event: 'User.Data.Updated', params: { userId: user.id }, data: {} })).status).toBe(204);
    expect((await read()).body.name).toBe('After');
  });

  it('applies a suspension immediately', async () => {
    await signUp();
    await read();
    await stack.tenant.call('PATCH', `/users/${user.id}/is-suspended`, { isSuspended: true });
    await sendWebhook({ event: 'User.SuspensionStatus.Updated', params: { userId: user.id }, data: { id: user.id } });
    expect([(await read()).status, (await read()).body.code]).toEqual([403, 'account_suspended']);
  });

  it('revokes the proofs of a password that was changed in Logto', async () => {
    const password = 'Str0ng-Passw0rd!x';
    user = await stack.createUser({ password });
    token = await stack.tokenFor(user.username);
    const createProof = async (currentPassword: string) => {
      const { body } = await stack.api('POST', '/v1/password/verify', { token, body: { password: currentPassword } });
      return { 'verification-id': body.verificationId as string };
    };
    const proof = await createProof(password);
    await stack.tenant.call('PATCH', `/users/${user.id}/password`, { password: `${password}y` });
    const webhook = {
      event: 'User.Data.Updated',
      matchedRoute: '/users/:userId/password',
      params: { userId: user.id },
    };
    expect((await sendWebhook(webhook)).status).toBe(204);
    const rename = (headers: Record<string, string>) =>
      stack.api('PATCH', '/v1/profile', { token, headers, body: { username: `${user.username}x` } });
    expect((await rename(proof)).body.code).toBe('step_up_required');
    expect((await rename(await createProof(`${password}y`))).status).toBe(200);
  });

  it('erases a deleted user, even if an older webhook arrives afterwards', async () => {
    await signUp();
    const change = { preferences: { theme: 'dark' }, shippingAddress: { country: 'DE' } };
    expect((await stack.api('PATCH', '/v1/profile', { token, body: change })).status).toBe(200);
    await read();
    await stack.tenant.call('DELETE', `/users/${user.id}`);
    await sendWebhook({ event: 'User.Deleted', params: { userId: user.id }, data: { id: user.id } });
    await sendWebhook({ event: 'User.Data.Updated', params: { userId: user.id }, data: {} });
    expect([(await read()).status, (await read()).body.code]).toEqual([404, 'account_not_found']);
    for (const table of ['logto_profile.profile_user', 'logto_profile.activity']) {
      const text = `select 1 from ${table} where user_id = $1`;
      expect((await stack.app.get(Database).query({ text, values: [user.id] })).rows).toEqual([]);
    }
  });

  it('erases nothing of an account that Logto still has', async () => {
    await signUp();
    await stack.api('PATCH', '/v1/profile', { token, body: { shippingAddress: { country: 'DE' } } });
    expect((await sendWebhook({ event: 'User.Deleted', params: { userId: user.id }, data: {} })).status).toBe(204);
    expect((await read()).body).toMatchObject({ name: 'Before', shippingAddress: { country: 'DE' } });
  });

  it('returns 401 for a signature by another key and changes nothing', async () => {
    await signUp();
    await read();
    await stack.tenant.call('PATCH', `/users/${user.id}`, { name: 'After' });
    const rejected = await sendWebhook({ event: 'User.Data.Updated', params: { userId: user.id } }, 'another key');
    expect([rejected.status, rejected.body.code]).toEqual([401, 'invalid_signature']);
    expect((await read()).body.name).toBe('Before');
  });

  it('returns 401 without a signature and 400 for a body that is not a webhook', async () => {
    const unsigned = await stack.api('POST', '/webhooks/logto', { body: { event: 'User.Deleted' } });
    expect([unsigned.status, unsigned.body.code]).toEqual([401, 'invalid_signature']);
    const empty = await stack.api('POST', '/webhooks/logto', { unchecked: true });
    expect(empty.status).toBeGreaterThanOrEqual(400);
    expect(empty.status).toBeLessThan(500);
    expect((await sendWebhook({ createdAt: 'soon' })).body.code).toBe('malformed_request');
  });
});

describe('a deletion that cannot be confirmed', () => {
  it('marks the user for reconciliation, and erases nothing', async () => {
    await signUp();
    await read();
    stack.faults.add({ operation: 'GET /api/users/:userId', status: 500 });
    await sendWebhook({ event: 'User.Deleted', params: { userId: user.id }, data: {} });
    stack.faults.reset();
    const text = 'select missing_since from logto_profile.profile_user where user_id = $1';
    const { rows } = await stack.app.get(Database).query({ text, values: [user.id] });
    expect(rows).toEqual([{ missing_since: expect.anything() }]);
    expect((await read()).status).toBe(200);
  });
});

describe('a password reset at Logto', () => {
  it('ends every session and revokes the access tokens issued until then', async () => {
    const password = 'Str0ng-Passw0rd!x';
    user = await stack.createUser({ password });
    const intruder = await SignedInUser.start(stack, { username: user.username, password });
    expect((await intruder.api('GET', '/v1/profile')).status).toBe(200);
    const createdAt = new Date().toISOString();
    const webhook = { event: 'PostResetPassword', createdAt, userId: user.id, user: { id: user.id }, sessionId: 's' };
    expect((await sendWebhook(webhook)).status).toBe(204);
    expect((await intruder.api('GET', '/v1/profile')).body.code).toBe('invalid_token');
    expect((await intruder.refresh()).ok).toBe(false);
    expect((await stack.tenant.call('GET', `/users/${user.id}/sessions`)).sessions).toEqual([]);
  });
});

describe('a webhook sent by Logto', () => {
  it('is accepted and applied', async () => {
    const hook = await stack.tenant.call('POST', '/hooks', {
      name: 'profile service',
      events: EVENTS,
      config: { url: 'http://127.0.0.1:1/' },
    });
    const receiver = await startStack({
      logto: stack.logto,
      environment: { LOGTO_WEBHOOK_SIGNING_KEY: hook.signingKey },
    });
    const read = () => receiver.api('GET', '/v1/profile', { token });
    /** Waits for the log of a delivery, which Logto writes afterwards. */
    const delivered = async (event: string): Promise<unknown> => {
      for (;;) {
        const logs = await stack.tenant.call('GET', `/hooks/${hook.id}/recent-logs`);
        const log = logs.find(({ key }: { key: string }) => key === `TriggerHook.${event}`);
        if (log) return log.payload.result;
        await delay(50);
      }
    };
    await signUp();
    await read();
    const url = `${receiver.url.replace('127.0.0.1', process.env.E2E_SERVICE_HOST ?? '127.0.0.1')}/webhooks/logto`;
    await stack.tenant.call('PATCH', `/hooks/${hook.id}`, { config: { url } });
    await stack.tenant.call('PATCH', `/users/${user.id}/custom-data`, { customData: { preferences: { a: 1 } } });
    expect(await delivered('User.Data.Updated')).toBe('Success');
    expect((await read()).body.preferences).toEqual({ a: 1 });
    await stack.tenant.call('DELETE', `/users/${user.id}`);
    expect(await delivered('User.Deleted')).toBe('Success');
    expect((await read()).status).toBe(404);
    await stack.tenant.call('DELETE', `/hooks/${hook.id}`);
    await receiver.stop();
  });
});
