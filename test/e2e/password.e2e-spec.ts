import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { atEmbeddedLogto, startStack, usesEmbeddedLogto, uniqueName, type Stack } from './harness.js';
import type { NewUser, TenantUser } from './logto-tenant.js';
import { createLogtoSession } from './sessions.js';

const PASSWORD = 'Str0ng-Passw0rd!x';
const NEW_PASSWORD = 'an0ther-G00d!one';

let stack: Stack;
let user: TenantUser;
let token: string;

beforeAll(async () => {
  stack = await startStack({ environment: { UPSTREAM_TIMEOUT_MS: usesEmbeddedLogto ? '1500' : '2200' } });
}, 60_000);
afterAll(() => stack?.stop());
beforeEach(() => signUp({ password: PASSWORD }));
afterEach(() => stack.faults.reset());

async function signUp(data: NewUser): Promise<void> {
  user = await stack.createUser(data);
  token = await stack.tokenFor(user.username);
}

const call = (method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
  stack.api(method, path, { token, body, headers });
const verifyPassword = (password: unknown) => call('POST', '/v1/password/verify', { password });
const changePassword = (body: unknown, headers?: Record<string, string>) => call('PUT', '/v1/password', body, headers);
const createProof = async () => (await verifyPassword(PASSWORD)).body.verificationId as string;
/** Verifies with a new token, because a password change revokes the token of its request. */
const isCurrentPassword = async (password: string) => {
  token = await stack.renewToken(user.username);
  return (await verifyPassword(password)).status === 201;
};

const ROUTES: [string, string, unknown][] = [
  ['GET', '/v1/password', undefined],
  ['POST', '/v1/password/verify', { password: PASSWORD }],
  ['PUT', '/v1/password', { newPassword: NEW_PASSWORD, currentPassword: PASSWORD }],
  ['POST', '/v1/password/check', { password: NEW_PASSWORD }],
];

describe.each(ROUTES)('%s %s', (method, path, body) => {
  it('returns 401 without a token', async () => {
    const { status, headers } = await stack.api(method, path, { body });
    expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
  });

  if (body === undefined) return;

  it('returns 422 with a pointer for an invalid member and 400 for a body that is not JSON', async () => {
    const names = Object.keys(body as object);
    for (const [value, code] of [
      [undefined, 'required'],
      [null, 'invalid_type'],
      [7, 'invalid_type'],
      [{}, 'invalid_type'],
      ['', 'empty'],
      ['x'.repeat(257), 'too_long'],
    ]) {
      const { status, body: problem } = await call(method, path, { ...(body as object), [names[0] as string]: value });
      expect([status, problem.code]).toEqual([422, 'validation_failed']);
      expect(problem.errors).toMatchObject([{ pointer: `/${names[0]}`, code }]);
    }
    expect((await call(method, path, { ...(body as object), id: 'x' })).body.errors).toMatchObject([
      { pointer: '/id', code: 'unknown_field' },
    ]);
    expect((await call(method, path, [])).status).toBe(422);
    expect((await call(method, path, '')).status).toBe(400);
    expect((await call(method, path, '{')).status).toBe(400);
    expect(await isCurrentPassword(PASSWORD)).toBe(true);
  });
});

describe('GET /v1/password', () => {
  it('returns whether the user has a password', async () => {
    expect((await call('GET', '/v1/password')).body).toEqual({ hasPassword: true });
    await signUp({});
    expect((await call('GET', '/v1/password')).body).toEqual({ hasPassword: false });
  });
});

describe('POST /v1/password/verify', () => {
  it('creates a proof', async () => {
    const { status, body } = await verifyPassword(PASSWORD);
    expect([status, body.kind]).toEqual([201, 'password']);
    expect(body.verificationId).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(Date.parse(body.expiresAt)).toBeGreaterThan(Date.now());
  });

  it('returns the same 422 for a wrong password and for a user without a password', async () => {
    const problem = { status: 422, body: { code: 'invalid_credentials', errors: [{ pointer: '/password' }] } };
    expect(await verifyPassword('wrong')).toMatchObject(problem);
    await signUp({});
    expect(await verifyPassword(PASSWORD)).toMatchObject(problem);
  });
});

describe('POST /v1/password/check', () => {
  const check = (password: string) => call('POST', '/v1/password/check', { password });

  it("returns each rule of the tenant's policy that the password violates", async () => {
    const { status, body } = await check('aaa');
    expect([status, body.valid]).toEqual([200, false]);
    expect(body.issues.map(({ code }: { code: string }) => code)).toContain('too_short');
  });

  it('does not reveal whether it is the current password', async () => {
    expect((await check(PASSWORD)).body).toEqual({ valid: true, issues: [] });
    expect((await check(PASSWORD)).body).toEqual((await check(NEW_PASSWORD)).body);
  });
});

describe('PUT /v1/password', () => {
  it('accepts the current password as proof', async () => {
    expect((await changePassword({ newPassword: NEW_PASSWORD, currentPassword: PASSWORD })).status).toBe(204);
    expect([await isCurrentPassword(PASSWORD), await isCurrentPassword(NEW_PASSWORD)]).toEqual([false, true]);
  });

  it('accepts a proof and consumes it', async () => {
    const headers = { 'verification-id': await createProof() };
    expect((await changePassword({ newPassword: NEW_PASSWORD }, headers)).status).toBe(204);
    expect(await isCurrentPassword(NEW_PASSWORD)).toBe(true);
    expect((await changePassword({ newPassword: `${NEW_PASSWORD}2` }, headers)).body.code).toBe('step_up_required');
  });

  it('returns 401 without a proof, with the kinds of proof that the user can give', async () => {
    const { status, body, headers } = await changePassword({ newPassword: NEW_PASSWORD });
    expect([status, body.code]).toEqual([401, 'step_up_required']);
    expect(body).toMatchObject({ proofs: ['password', 'signIn'], required: ['identity'] });
    expect(headers.get('www-authenticate')).toContain('error="insufficient_user_authentication"');
  });

  it('returns 422 for a wrong current password', async () => {
    const { status, body } = await changePassword({ newPassword: NEW_PASSWORD, currentPassword: 'wrong' });
    expect([status, body.code]).toEqual([422, 'invalid_credentials']);
    expect(body.errors).toMatchObject([{ pointer: '/currentPassword' }]);
    expect(await isCurrentPassword(PASSWORD)).toBe(true);
  });

  it('rejects a weak password with each reason before it requires a proof', async () => {
    for (const proof of [{}, { currentPassword: 'wrong' }, { currentPassword: PASSWORD }]) {
      const { status, body } = await changePassword({ newPassword: 'aaa', ...proof });
      expect([status, body.code]).toEqual([422, 'password_rejected']);
      expect(body.errors).toContainEqual(expect.objectContaining({ pointer: '/newPassword', code: 'too_short' }));
    }
  });

  it('rejects a password that contains data of the user', async () => {
    const { body } = await changePassword({ newPassword: user.username, currentPassword: PASSWORD });
    expect(body.errors).toContainEqual(expect.objectContaining({ code: 'restricted.user_info' }));
  });

  it('rejects the current password as the new one, and consumes the proof if it compared them', async () => {
    const problem = { status: 422, body: { code: 'password_rejected', errors: [{ code: 'same_as_current' }] } };
    expect(await changePassword({ newPassword: PASSWORD, currentPassword: PASSWORD })).toMatchObject(problem);
    const headers = { 'verification-id': await createProof() };
    expect((await changePassword({ newPassword: 'aaa' }, headers)).body.code).toBe('password_rejected');
    expect(await changePassword({ newPassword: PASSWORD }, headers)).toMatchObject(problem);
    expect((await changePassword({ newPassword: NEW_PASSWORD }, headers)).body.code).toBe('step_up_required');
    const another = { 'verification-id': await createProof() };
    expect((await changePassword({ newPassword: NEW_PASSWORD }, another)).status).toBe(204);
  });

  it('does not reveal the current password without a proof', async () => {
    const [current, another] = [
      await changePassword({ newPassword: PASSWORD }),
      await changePassword({ newPassword: NEW_PASSWORD }),
    ];
    expect([current.status, current.body.code]).toEqual([another.status, another.body.code]);
    const guess = await changePassword({ newPassword: 'Wr0ng-guess!abc', currentPassword: 'Wr0ng-guess!abc' });
    expect(guess.body.errors).toMatchObject([{ code: 'same_as_current' }]);
  });

  it('revokes the proofs of the old password', async () => {
    const [firstProof, secondProof] = [await createProof(), await createProof()];
    expect((await changePassword({ newPassword: NEW_PASSWORD }, { 'verification-id': firstProof })).status).toBe(204);
    token = await stack.renewToken(user.username);
    const { body } = await changePassword({ newPassword: `${NEW_PASSWORD}2` }, { 'verification-id': secondProof });
    expect(body.code).toBe('step_up_required');
  });

  it('accepts a proof by a code to the primary email', async () => {
    await signUp({ password: PASSWORD, primaryEmail: `${uniqueName()}@example.com` });
    const target = 'primaryEmail';
    expect((await call('POST', '/v1/verification-codes', { target })).status).toBe(204);
    const code = await stack.codeFor(user.primaryEmail as string);
    const { body } = await call('POST', '/v1/verification-codes/verify', { target, code });
    expect(
      (await changePassword({ newPassword: NEW_PASSWORD }, { 'verification-id': body.verificationId })).status,
    ).toBe(204);
    expect(await isCurrentPassword(NEW_PASSWORD)).toBe(true);
  });

  it('rejects an Id-Token-Hint that is not an ID token of the caller', async () => {
    for (const hint of ['x', token, `${token}x`]) {
      const { status, body } = await changePassword(
        { newPassword: NEW_PASSWORD, currentPassword: PASSWORD },
        { 'id-token-hint': hint },
      );
      expect([status, body.errors?.[0].pointer]).toEqual([422, 'header:Id-Token-Hint']);
    }
    expect(await isCurrentPassword(PASSWORD)).toBe(true);
  });
});

describe('the password routes', () => {
  const body = { newPassword: NEW_PASSWORD, currentPassword: PASSWORD };
  it('do not call Logto for an empty or too long password', async () => {
    stack.calls.reset();
    for (const [method, path] of ROUTES.slice(1)) {
      for (const password of ['', 'x'.repeat(257)]) {
        expect((await call(method, path, { password, newPassword: password })).status).toBe(422);
      }
    }
    expect(stack.calls.count('* /api/**')).toBe(0);
  });
  it.each([
    ['GET', '/v1/password', undefined, 'GET /api/users/*'],
    ['POST', '/v1/password/verify', { password: PASSWORD }, 'POST /api/users/*/password/verify'],
    ['PUT', '/v1/password', body, 'PATCH /api/users/*/password'],
    ['POST', '/v1/password/check', { password: NEW_PASSWORD }, 'POST /api/sign-in-exp/default/check-password'],
  ])(
    'return 404, 502, 503 or 504 depending on the failure of Logto: %s %s',
    async (method, path, requestBody, operation) => {
      const callWithFault = async (fault: object) => {
        stack.faults.add({ operation, ...fault });
        const response = await call(method, path, requestBody);
        stack.faults.reset();
        return [response.status, response.body.code];
      };
      const notFound = { code: 'entity.not_found', message: 'The resource does not exist.' };
      expect(await callWithFault({ status: 404, body: notFound })).toEqual([404, 'account_not_found']);
      expect(await callWithFault({ status: 403, body: { code: 'auth.forbidden' } })).toEqual([502, 'upstream_failed']);
      expect(await callWithFault({ status: 500 })).toEqual([502, 'upstream_failed']);
      expect(await callWithFault({ drop: 'before' })).toEqual([503, 'upstream_unavailable']);
      expect(await callWithFault({ latency: 2_500 })).toEqual([504, 'upstream_timeout']);
      expect((await isCurrentPassword(PASSWORD)) || (await isCurrentPassword(NEW_PASSWORD))).toBe(true);
    },
  );

  atEmbeddedLogto('check the rest of the policy while the breached-password service is down', async () => {
    stack.faults.breachedPasswordServiceDown = true;
    await stack.tenant.call('PATCH', '/sign-in-exp', { passwordPolicy: { rejects: { pwned: true } } });
    const rejected = await changePassword({ ...body, newPassword: 'aaa' });
    expect([rejected.status, rejected.body.code]).toEqual([422, 'password_rejected']);
    expect((await changePassword(body)).status).toBe(204);
  });

  it('leave the proof usable when the passwords were not compared, and consume it after an unknown outcome', async () => {
    const headers = { 'verification-id': await createProof() };
    const compare = 'POST /api/users/*/password/verify';
    stack.faults.add({ operation: compare, status: 429, body: { code: 'x' }, times: 2 });
    expect((await changePassword({ newPassword: NEW_PASSWORD }, headers)).status).toBe(503);
    stack.faults.add({ operation: 'PATCH /api/users/*/password', drop: 'after', times: 1 });
    expect((await changePassword({ newPassword: NEW_PASSWORD }, headers)).status).toBe(503);
    expect((await changePassword({ newPassword: `${NEW_PASSWORD}2` }, headers)).body.code).toBe('step_up_required');
    expect(await isCurrentPassword(NEW_PASSWORD)).toBe(true);
  });

  it('accept one of ten concurrent changes with the same proof', async () => {
    const headers = { 'verification-id': await createProof() };
    const changes = Array.from({ length: 10 }, (_, i) =>
      changePassword({ newPassword: `${NEW_PASSWORD}${i}` }, headers),
    );
    const statuses = (await Promise.all(changes)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 204)).toHaveLength(1);
    expect(statuses.filter((status) => status === 401)).toHaveLength(9);
  });

  // A real Logto signs in no user without a password, except by means that its tenant must first allow.
  atEmbeddedLogto('accept a fresh sign-in as proof for a first password', async () => {
    await signUp({});
    expect((await changePassword({ newPassword: NEW_PASSWORD })).body.proofs).toEqual(['signIn']);
    const { nonce } = (await call('POST', '/v1/sign-in/challenge')).body;
    const claims = { nonce, auth_time: Math.floor(Date.now() / 1000) };
    const idToken = await stack.tokenFor(user.username, { kind: 'id', claims });
    const { body: proof } = await call('POST', '/v1/sign-in/verify', { idToken });
    expect(
      (await changePassword({ newPassword: NEW_PASSWORD }, { 'verification-id': proof.verificationId })).status,
    ).toBe(204);
    expect(await isCurrentPassword(NEW_PASSWORD)).toBe(true);
  });

  describe('the other sessions after a change', () => {
    const createSession = () => createLogtoSession(stack, { ...user, password: PASSWORD });
    const readRemaining = async () => {
      const sessions = (await stack.tenant.call('GET', `/users/${user.id}/sessions`)).sessions as never[];
      const grants = (await stack.tenant.call('GET', `/users/${user.id}/grants`)).grants as { id: string }[];
      return { sessions: sessions.length, grants: grants.map(({ id }) => id) };
    };

    it('end with their grants, including the current session if Id-Token-Hint is missing', async () => {
      await createSession();
      const { id } = await createSession();
      await stack.tenant.call('DELETE', `/users/${user.id}/sessions/${id}`); // Its grant and its refresh tokens remain.
      expect((await changePassword(body)).status).toBe(204);
      expect(await readRemaining()).toEqual({ sessions: 0, grants: [] });
    });

    it('end, except for the one that Id-Token-Hint names', async () => {
      token = await stack.tokenFor(user.username, { client: 'profile-page' });
      const { idToken, grantId } = await createSession();
      for (let others = 0; others < 2; others += 1) await createSession();
      expect((await changePassword(body, { 'id-token-hint': idToken })).status).toBe(204);
      expect(await readRemaining()).toEqual({ sessions: 1, grants: [grantId] });
    });

    it('stay when signOutOtherSessions is false', async () => {
      const { grantId } = await createSession();
      expect((await changePassword({ ...body, signOutOtherSessions: false })).status).toBe(204);
      const remaining = await readRemaining();
      expect([remaining.sessions, remaining.grants.includes(grantId)]).toEqual([1, true]);
    });

    it('cause a 502 with passwordChanged: true when they cannot be ended', async () => {
      await createSession();
      stack.faults.add({ operation: 'DELETE /api/users/*/sessions/*', status: 500 });
      const response = await changePassword(body);
      expect([response.status, response.body.passwordChanged]).toEqual([502, true]);
      expect(await isCurrentPassword(NEW_PASSWORD)).toBe(true);
    });
  });
});
