import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startStack, uniqueName, type Stack } from './harness.js';
import type { TenantUser } from './logto-tenant.js';

const PASSWORD = 'Str0ng-Passw0rd!x';

let stack: Stack;
let user: TenantUser;
let token: string;

beforeAll(async () => {
  const fields = fileURLToPath(new URL('../data/test-fields.yaml', import.meta.url));
  stack = await startStack({ environment: { PROFILE_FIELDS: fields, REQUIRE_IF_MATCH: 'true' } });
}, 60_000);
afterAll(() => stack?.stop());
beforeEach(async () => {
  user = await stack.createUser({ password: PASSWORD });
  token = await stack.tokenFor(user.username);
});

const get = () => stack.api('GET', '/v1/profile', { token });
const patch = (body: unknown, headers: Record<string, string> = { 'if-match': '*' }) =>
  stack.api('PATCH', '/v1/profile', { token, body, headers });
const createProof = async () =>
  (await stack.api('POST', '/v1/password/verify', { token, body: { password: PASSWORD } })).body.verificationId;

describe('REQUIRE_IF_MATCH', () => {
  it.each(['/v1/profile', '/v1/custom-data'])(
    'makes PATCH %s return 428 for a valid change without If-Match',
    async (route) => {
      const send = (body: object, headers: Record<string, string> = {}) =>
        stack.api('PATCH', route, { token, body, headers });
      for (const headers of [{}, { 'if-none-match': '"other"' }] as Record<string, string>[]) {
        const { status, body } = await send({ anyCustom: 1 }, headers);
        expect([status, body.code]).toEqual([428, 'precondition_required']);
      }
      expect((await send({ unknown: 1 })).status).toBe(422);
      const current = (await stack.api('GET', route, { token })).headers.get('etag')!;
      expect((await send({ anyCustom: 1 }, { 'if-match': current })).body.anyCustom).toBe(1);
    },
  );
});

describe('a write-once field', () => {
  it('accepts its first value, accepts that value again, and rejects any other', async () => {
    expect((await patch({ once: 'first' })).body.once).toBe('first');
    expect((await patch({ once: 'first' })).status).toBe(200);
    for (const once of ['second', null]) {
      const { status, body } = await patch({ once });
      expect([status, body.code, body.errors[0].pointer]).toEqual([403, 'field_not_writable', '/once']);
    }
  });

  it('is writable while it is unset', async () => {
    const isWritable = async () =>
      (await stack.api('GET', '/v1/profile/capabilities', { token })).body.fields.once.writable as boolean;
    expect(await isWritable()).toBe(true);
    await patch({ once: 'first' });
    expect(await isWritable()).toBe(false);
  });
});

describe('a hidden field', () => {
  it('behaves like a field that does not exist', async () => {
    await stack.tenant.call('PATCH', `/users/${user.id}/custom-data`, { customData: { hiddenOne: 'internal' } });
    expect(JSON.stringify((await get()).body)).not.toMatch(/hiddenOne|internal/);
    const rejections = await Promise.all([patch({ hiddenOne: 'x' }), patch({ nothing: 'x' })]);
    expect(rejections.map(({ body }) => body.errors[0].code)).toEqual(['unknown_field', 'unknown_field']);
    const { body } = await stack.api('GET', '/v1/profile/capabilities', { token });
    expect(body.fields).not.toHaveProperty('hiddenOne');
  });
});

describe('a field that needs a proof', () => {
  it('needs it through /v1/profile and /v1/custom-data', async () => {
    expect((await patch({ guarded: 'a' })).body.code).toBe('step_up_required');
    const patchCustomData = (headers: Record<string, string>) =>
      stack.api('PATCH', '/v1/custom-data', {
        token,
        body: { guarded: 'b' },
        headers: { 'if-match': '*', ...headers },
      });
    expect((await patchCustomData({})).body.code).toBe('step_up_required');
    expect((await patchCustomData({ 'verification-id': await createProof() })).body.guarded).toBe('b');
    expect((await patch({ guarded: 'b' })).status).toBe(200);
  });
});

describe('a sensitive object', () => {
  it('is merged with its encrypted value and shown fully masked', async () => {
    const write = async (secrets: unknown) =>
      patch({ secrets }, { 'if-match': '*', 'verification-id': await createProof() });
    expect((await write({ a: uniqueName(), b: 1 })).body.secrets).toEqual({ masked: '••••' });
    await write({ a: null, c: { d: 2 } });
    const headers = { 'verification-id': await createProof() };
    const { body } = await stack.api('POST', '/v1/profile/fields/secrets/reveal', { token, headers });
    expect(body).toEqual({ value: { b: 1, c: { d: 2 } } });
  });
});

describe('fields of every type', () => {
  it('store any JSON value, including false, 0 and arrays', async () => {
    for (const value of [false, 0, [], [null], {}, 'text', 1.5, { a: { b: [{}] } }]) {
      const { status, body } = await patch({ anyCustom: value, anyDatabase: value });
      expect([status, body.anyCustom, body.anyDatabase]).toEqual([200, value, value]);
    }
  });
});
