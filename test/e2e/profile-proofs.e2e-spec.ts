import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomInt } from 'node:crypto';
import { startStack, uniqueName, type Stack } from './harness.js';
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
  user = await stack.createUser({ password: PASSWORD, primaryEmail: `${uniqueName()}@example.com`, ...data });
  token = await stack.tokenFor(user.username);
}

const readProfile = async () =>
  (await stack.api('GET', '/v1/profile', { token, headers: { 'cache-control': 'no-cache' } })).body;
const patch = (body: unknown, ...proofs: string[]) =>
  stack.api('PATCH', '/v1/profile', {
    token,
    body,
    headers: proofs.length > 0 ? { 'verification-id': proofs.join(', ') } : {},
  });
const revealField = (name: string, ...proofs: string[]) =>
  stack.api('POST', `/v1/profile/fields/${name}/reveal`, { token, headers: { 'verification-id': proofs.join(', ') } });

async function createProof(path: string, body: unknown): Promise<string> {
  const response = await stack.api('POST', path, { token, body });
  expect(response.status).toBe(201);
  return response.body.verificationId as string;
}

const createIdentityProof = () => createProof('/v1/password/verify', { password: PASSWORD });

async function createAddressProof(target: { email: string } | { phone: string }): Promise<string> {
  await stack.api('POST', '/v1/verification-codes', { token, body: target });
  const code = await stack.codeFor(Object.values(target)[0] as string);
  return createProof('/v1/verification-codes/verify', { ...target, code });
}

describe('PATCH /v1/profile with a username', () => {
  it('needs a proof of identity and consumes it', async () => {
    const rejected = await patch({ username: uniqueName() });
    expect([rejected.status, rejected.body.code]).toEqual([401, 'step_up_required']);
    expect(rejected.body).toMatchObject({ proofs: ['password', 'email', 'signIn'], required: ['identity'] });
    expect(rejected.headers.get('www-authenticate')).toContain('insufficient_user_authentication');

    const [proof, username] = [await createIdentityProof(), uniqueName()];
    expect((await patch({ username }, proof)).body.username).toBe(username);
    expect((await patch({ username: uniqueName() }, proof)).body.code).toBe('step_up_required');
    expect((await readProfile()).username).toBe(username);
  });

  it('returns 409 for a taken username, changes nothing in any store and leaves the proof usable', async () => {
    const other = await stack.createUser();
    const before = await readProfile();
    const proof = await createIdentityProof();
    const change = { username: other.username, name: 'X', preferences: { a: 1 }, shippingAddress: { country: 'DE' } };
    const { status, body } = await patch(change, proof);
    expect([status, body.code]).toEqual([409, 'identifier_taken']);
    expect(body.errors).toMatchObject([{ pointer: '/username' }]);
    expect(await readProfile()).toEqual(before);
    expect((await patch({ ...change, username: uniqueName() }, proof)).status).toBe(200);
  });

  it('returns 422 for an invalid username and leaves the proof usable', async () => {
    const proof = await createIdentityProof();
    for (const username of ['1abc', 'a b', 'ä', 'a'.repeat(129), '']) {
      const { status, body } = await patch({ username }, proof);
      expect([status, body.code]).toEqual([422, 'validation_failed']);
    }
    expect((await patch({ username: uniqueName() }, proof)).status).toBe(200);
  });

  it('needs no proof for the current username or for another spelling of the current email', async () => {
    const email = user.primaryEmail!.toUpperCase();
    expect((await patch({ username: user.username, primaryEmail: ` ${email} ` })).status).toBe(200);
    expect((await readProfile()).primaryEmail).toBe(user.primaryEmail);
  });
});

describe('PATCH /v1/profile with a new address', () => {
  it('needs a proof of identity and a proof of exactly this address', async () => {
    const email = `${uniqueName()}@example.com`;
    const identity = await createIdentityProof();
    expect((await patch({ primaryEmail: email }, identity)).body.required).toEqual(['address']);
    const otherProof = await createAddressProof({ email: `${uniqueName()}@example.com` });
    expect((await patch({ primaryEmail: email }, identity, otherProof)).body.required).toEqual(['address']);
    const address = await createAddressProof({ email });
    expect((await patch({ primaryEmail: email }, address)).body.required).toEqual(['identity']);
    expect((await patch({ primaryEmail: email }, identity, address)).body.primaryEmail).toBe(email);
  });

  it('stores the address in the canonical form of Logto', async () => {
    const phone = newPhone();
    const proofs = [await createIdentityProof(), await createAddressProof({ phone: `+${phone}` })];
    expect((await patch({ primaryPhone: `+${phone}` }, ...proofs)).body.primaryPhone).toBe(phone);
  });

  it('accepts an email and a phone in one change', async () => {
    const change = { primaryEmail: `${uniqueName()}@example.com`, primaryPhone: newPhone() };
    const proofs = [
      await createIdentityProof(),
      await createAddressProof({ email: change.primaryEmail }),
      await createAddressProof({ phone: change.primaryPhone }),
    ];
    expect((await patch(change, ...proofs.slice(0, 2))).body.required).toEqual(['address']);
    expect((await patch(change, ...proofs)).body).toMatchObject(change);
  });

  it('returns 422 for an invalid address before it requires a proof', async () => {
    const { status, body } = await patch({ primaryEmail: 'nobody', primaryPhone: '12' });
    expect([status, body.code]).toEqual([422, 'validation_failed']);
    expect(body.errors).toMatchObject([{ pointer: '/primaryEmail' }, { pointer: '/primaryPhone' }]);
  });

  it('needs only a proof of identity to clear an address', async () => {
    expect((await patch({ primaryEmail: null })).body.required).toEqual(['identity']);
    expect((await patch({ primaryEmail: null }, await createIdentityProof())).body.primaryEmail).toBeNull();
  });
});

describe('PATCH /v1/profile that clears the last way to sign in', () => {
  it('returns 422 last_identifier', async () => {
    const proof = await createIdentityProof();
    const { status, body } = await patch({ username: null, primaryEmail: null }, proof);
    expect([status, body.code]).toEqual([422, 'last_identifier']);
    expect(body.errors).toMatchObject([{ pointer: '/username' }, { pointer: '/primaryEmail' }]);
    expect((await patch({ username: null }, proof)).body.username).toBeNull();
  });
});

describe('a sensitive field', () => {
  it('is written with a proof, shown masked and revealed with another proof', async () => {
    expect((await patch({ taxId: 'DE123456789' })).body.code).toBe('step_up_required');
    const { body } = await patch({ taxId: 'DE123456789' }, await createIdentityProof());
    expect(body.taxId).toEqual({ masked: '•••• 6789' });
    expect((await readProfile()).taxId).toEqual({ masked: '•••• 6789' });

    expect((await revealField('taxId')).body.code).toBe('step_up_required');
    const proof = await createIdentityProof();
    expect((await revealField('taxId', proof)).body).toEqual({ value: 'DE123456789' });
    expect((await revealField('taxId', proof)).body.code).toBe('step_up_required');
  });

  it('does not reveal without a proof whether a value is the current one', async () => {
    await patch({ taxId: 'DE123456789' }, await createIdentityProof());
    const etag = (await stack.api('GET', '/v1/profile', { token })).headers.get('etag');
    expect((await patch({ taxId: 'DE123456789' })).body.code).toBe('step_up_required');
    expect((await patch({ taxId: 'DE000000000' })).body.code).toBe('step_up_required');
    const { headers } = await patch({ taxId: 'DE000006789' }, await createIdentityProof());
    expect(headers.get('etag')).not.toBe(etag);
  });

  it('needs a proof to be cleared, unless it is unset', async () => {
    expect((await patch({ taxId: null })).status).toBe(200);
    await patch({ taxId: 'DE123456789' }, await createIdentityProof());
    expect((await patch({ taxId: null })).body.code).toBe('step_up_required');
    expect((await patch({ taxId: null }, await createIdentityProof())).body.taxId).toBeNull();
  });

  it('is the only kind of field that can be revealed', async () => {
    for (const name of ['name', 'shippingAddress', 'nothing', 'constructor']) {
      expect((await revealField(name, await createIdentityProof())).body.code).toBe('not_found');
    }
  });
});
