import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomInt } from 'node:crypto';
import { startStack, unique, type Stack } from './harness.js';
import type { NewUser, TenantUser } from './logto-tenant.js';

const PASSWORD = 'Str0ng-Passw0rd!x';
const newPhone = () => `1555${randomInt(1_000_000, 9_999_999)}`;

let stack: Stack;
let user: TenantUser;
let token: string;

beforeAll(async () => {
  stack = await startStack();
}, 60_000);
afterAll(() => stack?.stop());
beforeEach(() => signUp());

async function signUp(data: NewUser = {}): Promise<void> {
  user = await stack.createUser({ password: PASSWORD, primaryEmail: `${unique()}@example.com`, ...data });
  token = await stack.tokenFor(user.username);
}

const profile = async () =>
  (await stack.api('GET', '/v1/profile', { token, headers: { 'cache-control': 'no-cache' } })).body;
const patch = (body: unknown, ...proofs: string[]) =>
  stack.api('PATCH', '/v1/profile', {
    token,
    body,
    headers: proofs.length > 0 ? { 'verification-id': proofs.join(', ') } : {},
  });
const reveal = (name: string, ...proofs: string[]) =>
  stack.api('POST', `/v1/profile/fields/${name}/reveal`, { token, headers: { 'verification-id': proofs.join(', ') } });

async function issued(path: string, body: unknown): Promise<string> {
  const answer = await stack.api('POST', path, { token, body });
  expect(answer.status).toBe(201);
  return answer.body.verificationId as string;
}

const proveIdentity = () => issued('/v1/password/verify', { password: PASSWORD });

async function proveAddress(target: { email: string } | { phone: string }): Promise<string> {
  await stack.api('POST', '/v1/verification-codes', { token, body: target });
  const code = await stack.codeFor(Object.values(target)[0] as string);
  return issued('/v1/verification-codes/verify', { ...target, code });
}

describe('the username', () => {
  it('changes with a proof of identity, which is used up', async () => {
    const missing = await patch({ username: unique() });
    expect([missing.status, missing.body.code]).toEqual([401, 'step_up_required']);
    expect(missing.body).toMatchObject({ proofs: ['password', 'email', 'signIn'], required: ['identity'] });
    expect(missing.headers.get('www-authenticate')).toContain('insufficient_user_authentication');

    const [proof, username] = [await proveIdentity(), unique()];
    expect((await patch({ username }, proof)).body.username).toBe(username);
    expect((await patch({ username: unique() }, proof)).body.code).toBe('step_up_required');
    expect((await profile()).username).toBe(username);
  });

  it('that is taken changes nothing in any store, and leaves the proof usable', async () => {
    const other = await stack.createUser();
    const before = await profile();
    const proof = await proveIdentity();
    const change = { username: other.username, name: 'X', preferences: { a: 1 }, shippingAddress: { country: 'DE' } };
    const { status, body } = await patch(change, proof);
    expect([status, body.code]).toEqual([409, 'identifier_taken']);
    expect(body.errors).toMatchObject([{ pointer: '/username' }]);
    expect(await profile()).toEqual(before);
    expect((await patch({ ...change, username: unique() }, proof)).status).toBe(200);
  });

  it('that is not valid uses no proof up', async () => {
    const proof = await proveIdentity();
    for (const username of ['1abc', 'a b', 'ä', 'a'.repeat(129), '']) {
      const { status, body } = await patch({ username }, proof);
      expect([status, body.code]).toEqual([422, 'validation_failed']);
    }
    expect((await patch({ username: unique() }, proof)).status).toBe(200);
  });

  it('needs no proof when it is the present one, nor do the present addresses in another spelling', async () => {
    const email = user.primaryEmail!.toUpperCase();
    expect((await patch({ username: user.username, primaryEmail: ` ${email} ` })).status).toBe(200);
    expect((await profile()).primaryEmail).toBe(user.primaryEmail);
  });
});

describe('a new address', () => {
  it('needs a proof of identity and one of exactly this address', async () => {
    const email = `${unique()}@example.com`;
    const identity = await proveIdentity();
    expect((await patch({ primaryEmail: email }, identity)).body.required).toEqual(['address']);
    const other = await proveAddress({ email: `${unique()}@example.com` });
    expect((await patch({ primaryEmail: email }, identity, other)).body.required).toEqual(['address']);
    const address = await proveAddress({ email });
    expect((await patch({ primaryEmail: email }, address)).body.required).toEqual(['identity']);
    expect((await patch({ primaryEmail: email }, identity, address)).body.primaryEmail).toBe(email);
  });

  it('is stored as Logto stores it, however it was written', async () => {
    const phone = newPhone();
    const proofs = [await proveIdentity(), await proveAddress({ phone: `+${phone}` })];
    expect((await patch({ primaryPhone: `+${phone}` }, ...proofs)).body.primaryPhone).toBe(phone);
  });

  it('can be an email and a phone at once', async () => {
    const change = { primaryEmail: `${unique()}@example.com`, primaryPhone: newPhone() };
    const proofs = [
      await proveIdentity(),
      await proveAddress({ email: change.primaryEmail }),
      await proveAddress({ phone: change.primaryPhone }),
    ];
    expect((await patch(change, ...proofs.slice(0, 2))).body.required).toEqual(['address']);
    expect((await patch(change, ...proofs)).body).toMatchObject(change);
  });

  it('that no message could reach is refused before anything is asked', async () => {
    const { status, body } = await patch({ primaryEmail: 'nobody', primaryPhone: '12' });
    expect([status, body.code]).toEqual([422, 'validation_failed']);
    expect(body.errors).toMatchObject([{ pointer: '/primaryEmail' }, { pointer: '/primaryPhone' }]);
  });

  it('is cleared by a proof of identity alone', async () => {
    expect((await patch({ primaryEmail: null })).body.required).toEqual(['identity']);
    expect((await patch({ primaryEmail: null }, await proveIdentity())).body.primaryEmail).toBeNull();
  });
});

describe('the last way to sign in', () => {
  it('cannot be cleared', async () => {
    const proof = await proveIdentity();
    const { status, body } = await patch({ username: null, primaryEmail: null }, proof);
    expect([status, body.code]).toEqual([422, 'last_identifier']);
    expect(body.errors).toMatchObject([{ pointer: '/username' }, { pointer: '/primaryEmail' }]);
    expect((await patch({ username: null }, proof)).body.username).toBeNull();
  });
});

describe('a sensitive field', () => {
  it('is written with a proof, shown masked, and revealed with another', async () => {
    expect((await patch({ taxId: 'DE123456789' })).body.code).toBe('step_up_required');
    const { body } = await patch({ taxId: 'DE123456789' }, await proveIdentity());
    expect(body.taxId).toEqual({ masked: '•••• 6789' });
    expect((await profile()).taxId).toEqual({ masked: '•••• 6789' });

    expect((await reveal('taxId')).body.code).toBe('step_up_required');
    const proof = await proveIdentity();
    expect((await reveal('taxId', proof)).body).toEqual({ value: 'DE123456789' });
    expect((await reveal('taxId', proof)).body.code).toBe('step_up_required');
  });

  it('lets nobody try a value without a proof', async () => {
    await patch({ taxId: 'DE123456789' }, await proveIdentity());
    const tag = (await stack.api('GET', '/v1/profile', { token })).headers.get('etag');
    expect((await patch({ taxId: 'DE123456789' })).body.code).toBe('step_up_required');
    expect((await patch({ taxId: 'DE000000000' })).body.code).toBe('step_up_required');
    const { headers } = await patch({ taxId: 'DE000006789' }, await proveIdentity());
    expect(headers.get('etag')).not.toBe(tag);
  });

  it('is cleared with a proof, unless it is unset', async () => {
    expect((await patch({ taxId: null })).status).toBe(200);
    await patch({ taxId: 'DE123456789' }, await proveIdentity());
    expect((await patch({ taxId: null })).body.code).toBe('step_up_required');
    expect((await patch({ taxId: null }, await proveIdentity())).body.taxId).toBeNull();
  });

  it('alone can be revealed', async () => {
    for (const name of ['name', 'shippingAddress', 'nothing', 'constructor']) {
      expect((await reveal(name, await proveIdentity())).body.code).toBe('not_found');
    }
  });
});
