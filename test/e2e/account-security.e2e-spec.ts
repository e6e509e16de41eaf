import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { atEmbeddedLogto, startStack, usesEmbeddedLogto, uniqueName, type ApiResponse, type Stack } from './harness.js';
import type { NewUser, TenantUser } from './logto-tenant.js';
import { createLogtoSession } from './sessions.js';

const PASSWORD = 'Str0ng-Passw0rd!x';

let stack: Stack;
let user: TenantUser;
let token: string;

beforeAll(async () => {
  stack = await startStack({
    environment: { UPSTREAM_TIMEOUT_MS: usesEmbeddedLogto ? '1500' : '2200', MFA_USERS_PROVE_BY: 'any' },
  });
}, 60_000);
afterAll(() => stack?.stop());
beforeEach(() => signUp());
afterEach(() => stack.faults.reset());

async function signUp(data: NewUser = {}): Promise<void> {
  user = await stack.createUser({ password: PASSWORD, ...data });
  token = await stack.tokenFor(user.username);
}

const call = (method: string, path: string, headers?: Record<string, string>) =>
  stack.api(method, path, { token, headers });
const statusAndCode = ({ status, body }: ApiResponse) => [status, body.code];
const createProof = async () => {
  const { body } = await stack.api('POST', '/v1/password/verify', { token, body: { password: PASSWORD } });
  return { 'verification-id': body.verificationId as string };
};
const linkIdentity = (target: string) =>
  stack.tenant.call('PUT', `/users/${user.id}/identities/${target}`, {
    userId: uniqueName(),
    details: { name: 'Alice at work', email: 'a@work.example', rawData: { secret: 'x' } },
  });

describe.each([
  ['DELETE', '/v1/sessions'],
  ['DELETE', '/v1/sessions/x'],
  ['DELETE', '/v1/identities/github'],
  ['DELETE', '/v1/mfa-factors/x'],
])('%s %s', (method, path) => {
  it('returns 401 step_up_required without a proof', async () => {
    expect(statusAndCode(await call(method, path))).toEqual([401, 'step_up_required']);
  });
});

describe('DELETE of an unknown resource', () => {
  it.each(['/v1/sessions/x', '/v1/identities/github', '/v1/mfa-factors/x'])(
    'returns 404 for %s and leaves the proof usable',
    async (path) => {
      const proof = await createProof();
      expect(statusAndCode(await call('DELETE', path, proof))).toEqual([404, 'not_found']);
      expect(statusAndCode(await call('DELETE', path, proof))).toEqual([404, 'not_found']);
    },
  );
});

describe('/v1/identities', () => {
  it('lists identities without the raw data of the provider', async () => {
    await linkIdentity('github');
    expect((await call('GET', '/v1/identities')).body).toEqual({
      identities: [{ target: 'github', type: 'social', name: 'Alice at work', email: 'a@work.example' }],
    });
  });

  it('removes an identity and consumes the proof', async () => {
    await linkIdentity('github');
    await linkIdentity('google');
    const proof = await createProof();
    expect((await call('DELETE', '/v1/identities/github', proof)).status).toBe(204);
    expect(statusAndCode(await call('DELETE', '/v1/identities/google', proof))).toEqual([401, 'step_up_required']);
    expect((await stack.tenant.user(user.id)).identities).toMatchObject({ google: {} });
  });

  it('allows removing every identity while the user has an email', async () => {
    await signUp({ password: undefined, primaryEmail: `${uniqueName()}@example.com` });
    await linkIdentity('github');
    await linkIdentity('google');
    const target = 'primaryEmail';
    const createProofByCode = async () => {
      await stack.api('POST', '/v1/verification-codes', { token, body: { target } });
      const code = await stack.codeFor(user.primaryEmail as string);
      const request = { token, body: { target, code } };
      return {
        'verification-id': (await stack.api('POST', '/v1/verification-codes/verify', request)).body.verificationId,
      };
    };
    expect((await call('DELETE', '/v1/identities/github', await createProofByCode())).status).toBe(204);
    expect((await call('DELETE', '/v1/identities/google', await createProofByCode())).status).toBe(204);
  });
});

describe('/v1/mfa-factors', () => {
  it('lists and removes second factors', async () => {
    await stack.tenant.call('POST', `/users/${user.id}/mfa-verifications`, { type: 'Totp' });
    const { factors } = (await call('GET', '/v1/mfa-factors')).body;
    expect(factors).toMatchObject([{ type: 'Totp', lastUsedAt: null, name: null, remainingCodes: null }]);
    expect((await call('DELETE', `/v1/mfa-factors/${factors[0].id}`, await createProof())).status).toBe(204);
    expect((await call('GET', '/v1/mfa-factors')).body).toEqual({ factors: [] });
  });

  it('returns 404 for a factor of another user', async () => {
    const otherUser = await stack.createUser();
    await stack.tenant.call('POST', `/users/${otherUser.id}/mfa-verifications`, { type: 'Totp' });
    const [factor] = await stack.tenant.call('GET', `/users/${otherUser.id}/mfa-verifications`);
    expect(statusAndCode(await call('DELETE', `/v1/mfa-factors/${factor.id}`, await createProof()))).toEqual([
      404,
      'not_found',
    ]);
  });
});

describe('sessions, identities and factors at Logto', () => {
  const createSession = (owner = user) => createLogtoSession(stack, { ...owner, password: PASSWORD });

  it('GET /v1/sessions marks the current session when Id-Token-Hint names it', async () => {
    token = await stack.tokenFor(user.username, { client: 'profile-page' });
    const [first, second] = [await createSession(), await createSession()];
    const listCurrent = async (headers?: Record<string, string>) => {
      const { sessions } = (await call('GET', '/v1/sessions', headers)).body;
      return Object.fromEntries(
        sessions.map((session: { id: string; current: unknown }) => [session.id, session.current]),
      );
    };
    expect(await listCurrent()).toEqual({ [first.id]: null, [second.id]: null });
    expect(await listCurrent({ 'id-token-hint': second.idToken })).toEqual({ [first.id]: false, [second.id]: true });
    const rejected = await call('GET', '/v1/sessions', { 'id-token-hint': token });
    expect([rejected.status, rejected.body.errors[0].pointer]).toEqual([422, 'header:Id-Token-Hint']);
  });

  it('DELETE /v1/sessions/{id} ends a session of the user and returns 404 for one of another user', async () => {
    const { id: own } = await createSession();
    const otherUser = await stack.createUser({ password: PASSWORD });
    const { id: foreign } = await createSession(otherUser);
    const proof = await createProof();
    expect(statusAndCode(await call('DELETE', `/v1/sessions/${foreign}`, proof))).toEqual([404, 'not_found']);
    expect((await call('DELETE', `/v1/sessions/${own}`, proof)).status).toBe(204);
    token = await stack.renewToken(user.username);
    expect((await call('GET', '/v1/sessions')).body).toEqual({ sessions: [] });
    expect((await stack.tenant.call('GET', `/users/${otherUser.id}/sessions`)).sessions).toHaveLength(1);
  });

  it('DELETE /v1/sessions ends every session except the one that Id-Token-Hint names', async () => {
    token = await stack.tokenFor(user.username, { client: 'profile-page' });
    const { idToken } = await createSession();
    for (let others = 0; others < 2; others += 1) await createSession();
    const headers = { ...(await createProof()), 'id-token-hint': idToken };
    expect((await call('DELETE', '/v1/sessions', headers)).body).toEqual({ ended: 2, currentSpared: true });
    token = await stack.renewToken(user.username);
    expect((await call('DELETE', '/v1/sessions', await createProof())).body).toEqual({
      ended: 1,
      currentSpared: false,
    });
  });

  // A real Logto signs in no user without a password, except by means that its tenant must first allow.
  atEmbeddedLogto('keeps the last way to sign in when identities are removed concurrently', async () => {
    await signUp({ password: undefined });
    await linkIdentity('github');
    await linkIdentity('google');
    const createProofBySignIn = async () => {
      const { nonce } = (await stack.api('POST', '/v1/sign-in/challenge', { token })).body;
      const claims = { nonce, auth_time: Math.floor(Date.now() / 1000) };
      const body = { idToken: await stack.tokenFor(user.username, { kind: 'id', claims }) };
      return {
        'verification-id': (await stack.api('POST', '/v1/sign-in/verify', { token, body })).body.verificationId,
      };
    };
    const proofs = [await createProofBySignIn(), await createProofBySignIn()];
    expect(statusAndCode(await call('DELETE', '/v1/identities/github'))).toEqual([401, 'step_up_required']);
    const responses = await Promise.all(
      ['github', 'google'].map((target, i) => call('DELETE', `/v1/identities/${target}`, proofs[i])),
    );
    expect(responses.map(({ status }) => status).sort()).toEqual([204, 422]);
    expect(responses.find(({ status }) => status === 422)?.body.code).toBe('last_identifier');
    const [last] = (await call('GET', '/v1/identities')).body.identities;
    // The service does not require a proof for a removal that it rejects.
    expect(statusAndCode(await call('DELETE', `/v1/identities/${last.target}`))).toEqual([422, 'last_identifier']);
  });

  it.each([
    ['/v1/sessions', 'GET /api/users/*/sessions'],
    ['/v1/identities', 'GET /api/users/*/all-identities'],
    ['/v1/mfa-factors', 'GET /api/users/*/mfa-verifications'],
  ])('GET %s returns 502 when Logto rejects the call and 503 when Logto is unreachable', async (path, operation) => {
    const callWithFault = async (fault: object) => {
      stack.faults.add({ operation, ...fault });
      const response = await call('GET', path);
      stack.faults.reset();
      return statusAndCode(response);
    };
    expect(await callWithFault({ status: 403, body: { code: 'auth.forbidden' } })).toEqual([502, 'upstream_failed']);
    expect(await callWithFault({ drop: 'before' })).toEqual([503, 'upstream_unavailable']);
  });
});
