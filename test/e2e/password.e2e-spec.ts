import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { embedded, startStack, unique, type Stack } from './harness.js';
import type { NewUser, TenantUser } from './logto-tenant.js';
import { plantSession } from './sessions.js';

const PASSWORD = 'Str0ng-Passw0rd!x';
const OTHER = 'an0ther-G00d!one';

let stack: Stack;
let user: TenantUser;
let token: string;

beforeAll(async () => {
  stack = await startStack({ environment: { UPSTREAM_TIMEOUT_MS: embedded ? '1500' : undefined } });
}, 60_000);
afterAll(() => stack?.stop());
beforeEach(() => signUp({ password: PASSWORD }));
afterEach(() => stack.logto?.faults.reset());

async function signUp(data: NewUser): Promise<void> {
  user = await stack.createUser(data);
  token = await stack.tokenFor(user.username);
}

const call = (method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
  stack.api(method, path, { token, body, headers });
const verify = (password: unknown) => call('POST', '/v1/password/verify', { password });
const change = (body: unknown, headers?: Record<string, string>) => call('PUT', '/v1/password', body, headers);
const prove = async () => (await verify(PASSWORD)).body.verificationId as string;
/** With a new token: a change of the password revokes the one it was made with. */
const works = async (password: string) => {
  token = await stack.renewedToken(user.username);
  return (await verify(password)).status === 201;
};

const ROUTES: [string, string, unknown][] = [
  ['GET', '/v1/password', undefined],
  ['POST', '/v1/password/verify', { password: PASSWORD }],
  ['PUT', '/v1/password', { newPassword: OTHER, currentPassword: PASSWORD }],
  ['POST', '/v1/password/check', { password: OTHER }],
];

describe.each(ROUTES)('%s %s', (method, path, body) => {
  it('needs a token', async () => {
    const { status, headers } = await stack.api(method, path, { body });
    expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
  });

  if (body === undefined) return;

  it('names each fault of a body', async () => {
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
    expect(await works(PASSWORD)).toBe(true);
  });
});

describe('having a password', () => {
  it('is told', async () => {
    expect((await call('GET', '/v1/password')).body).toEqual({ hasPassword: true });
    await signUp({});
    expect((await call('GET', '/v1/password')).body).toEqual({ hasPassword: false });
  });
});

describe('verifying the password', () => {
  it('makes a proof', async () => {
    const { status, body } = await verify(PASSWORD);
    expect([status, body.kind]).toEqual([201, 'password']);
    expect(body.verificationId).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(Date.parse(body.expiresAt)).toBeGreaterThan(Date.now());
  });

  it('refuses a wrong one, and any where there is none, with the same answer', async () => {
    const problem = { status: 422, body: { code: 'invalid_credentials', errors: [{ pointer: '/password' }] } };
    expect(await verify('wrong')).toMatchObject(problem);
    await signUp({});
    expect(await verify(PASSWORD)).toMatchObject(problem);
  });
});

describe('checking a password', () => {
  const check = (password: string) => call('POST', '/v1/password/check', { password });

  it("tells each rule of the tenant's policy that it breaks", async () => {
    const { status, body } = await check('aaa');
    expect([status, body.valid]).toEqual([200, false]);
    expect(body.issues.map(({ code }: { code: string }) => code)).toContain('too_short');
  });

  it('never says that it is the present one', async () => {
    expect((await check(PASSWORD)).body).toEqual({ valid: true, issues: [] });
    expect((await check(PASSWORD)).body).toEqual((await check(OTHER)).body);
  });
});

describe('changing the password', () => {
  it('takes the current one as proof', async () => {
    expect((await change({ newPassword: OTHER, currentPassword: PASSWORD })).status).toBe(204);
    expect([await works(PASSWORD), await works(OTHER)]).toEqual([false, true]);
  });

  it('takes a proof once', async () => {
    const headers = { 'verification-id': await prove() };
    expect((await change({ newPassword: OTHER }, headers)).status).toBe(204);
    expect(await works(OTHER)).toBe(true);
    expect((await change({ newPassword: `${OTHER}2` }, headers)).body.code).toBe('step_up_required');
  });

  it('is refused without a proof, with the kinds that can be given', async () => {
    const { status, body, headers } = await change({ newPassword: OTHER });
    expect([status, body.code]).toEqual([401, 'step_up_required']);
    expect(body).toMatchObject({ proofs: ['password', 'signIn'], required: ['identity'] });
    expect(headers.get('www-authenticate')).toContain('error="insufficient_user_authentication"');
  });

  it('is refused with a wrong current password', async () => {
    const { status, body } = await change({ newPassword: OTHER, currentPassword: 'wrong' });
    expect([status, body.code]).toEqual([422, 'invalid_credentials']);
    expect(body.errors).toMatchObject([{ pointer: '/currentPassword' }]);
    expect(await works(PASSWORD)).toBe(true);
  });

  it('is refused to a weak one with each reason, before any proof is asked for', async () => {
    for (const proof of [{}, { currentPassword: 'wrong' }, { currentPassword: PASSWORD }]) {
      const { status, body } = await change({ newPassword: 'aaa', ...proof });
      expect([status, body.code]).toEqual([422, 'password_rejected']);
      expect(body.errors).toContainEqual(expect.objectContaining({ pointer: '/newPassword', code: 'too_short' }));
    }
  });

  it('judges with what is known of the user', async () => {
    const { body } = await change({ newPassword: user.username, currentPassword: PASSWORD });
    expect(body.errors).toContainEqual(expect.objectContaining({ code: 'restricted.user_info' }));
  });

  it('is refused to the present one, and the proof stays usable', async () => {
    const same = { status: 422, body: { code: 'password_rejected', errors: [{ code: 'same_as_current' }] } };
    expect(await change({ newPassword: PASSWORD, currentPassword: PASSWORD })).toMatchObject(same);
    const headers = { 'verification-id': await prove() };
    expect(await change({ newPassword: PASSWORD }, headers)).toMatchObject(same);
    expect((await change({ newPassword: OTHER }, headers)).status).toBe(204);
  });

  it('says nothing of the present one to who has no proof', async () => {
    const [present, another] = [await change({ newPassword: PASSWORD }), await change({ newPassword: OTHER })];
    expect([present.status, present.body.code]).toEqual([another.status, another.body.code]);
    const guess = await change({ newPassword: 'Wr0ng-guess!abc', currentPassword: 'Wr0ng-guess!abc' });
    expect(guess.body.errors).toMatchObject([{ code: 'same_as_current' }]);
  });

  it('voids what the old one proved', async () => {
    const [old, unused] = [await prove(), await prove()];
    expect((await change({ newPassword: OTHER }, { 'verification-id': old })).status).toBe(204);
    token = await stack.renewedToken(user.username);
    const { body } = await change({ newPassword: `${OTHER}2` }, { 'verification-id': unused });
    expect(body.code).toBe('step_up_required');
  });

  it('goes by a code to the own address for who forgot it', async () => {
    await signUp({ password: PASSWORD, primaryEmail: `${unique()}@example.com` });
    const target = 'primaryEmail';
    expect((await call('POST', '/v1/verification-codes', { target })).status).toBe(204);
    const code = await stack.codeFor(user.primaryEmail as string);
    const { body } = await call('POST', '/v1/verification-codes/verify', { target, code });
    expect((await change({ newPassword: OTHER }, { 'verification-id': body.verificationId })).status).toBe(204);
    expect(await works(OTHER)).toBe(true);
  });

  it('refuses a hint that is no ID token of the caller', async () => {
    for (const hint of ['x', token, `${token}x`]) {
      const { status, body } = await change(
        { newPassword: OTHER, currentPassword: PASSWORD },
        { 'id-token-hint': hint },
      );
      expect([status, body.errors?.[0].pointer]).toEqual([422, 'header:Id-Token-Hint']);
    }
    expect(await works(PASSWORD)).toBe(true);
  });
});

(embedded ? describe : describe.skip)('with the embedded Logto', () => {
  const body = { newPassword: OTHER, currentPassword: PASSWORD };
  it('sends nothing upstream for a password that cannot be one', async () => {
    stack.logto!.calls.reset();
    for (const [method, path] of ROUTES.slice(1)) {
      for (const password of ['', 'x'.repeat(257)]) {
        expect((await call(method, path, { password, newPassword: password })).status).toBe(422);
      }
    }
    expect(stack.logto!.calls.count('* /api/**')).toBe(0);
  });

  it.each([
    ['GET', '/v1/password', undefined, 'GET /api/users/*'],
    ['POST', '/v1/password/verify', { password: PASSWORD }, 'POST /api/users/*/password/verify'],
    ['PUT', '/v1/password', body, 'PATCH /api/users/*/password'],
    ['POST', '/v1/password/check', { password: OTHER }, 'POST /api/sign-in-exp/default/check-password'],
  ])('%s %s tells what is wrong at Logto', async (method, path, sent, operation) => {
    const failing = async (fault: object) => {
      stack.logto!.faults.add({ operation, ...fault });
      const answer = await call(method, path, sent);
      stack.logto!.faults.reset();
      return [answer.status, answer.body.code];
    };
    const gone = { code: 'entity.not_found', message: 'The resource does not exist.' };
    expect(await failing({ status: 404, body: gone })).toEqual([404, 'account_not_found']);
    expect(await failing({ status: 403, body: { code: 'auth.forbidden' } })).toEqual([502, 'upstream_failed']);
    expect(await failing({ status: 500 })).toEqual([502, 'upstream_failed']);
    expect(await failing({ drop: 'before' })).toEqual([503, 'upstream_unavailable']);
    expect(await failing({ latency: 2_500 })).toEqual([504, 'upstream_timeout']);
    expect((await works(PASSWORD)) || (await works(OTHER))).toBe(true);
  });

  it('checks the rest of the policy itself while the breached-password service is down', async () => {
    stack.logto!.faults.breachedPasswordServiceDown = true;
    await stack.tenant.call('PATCH', '/sign-in-exp', { passwordPolicy: { rejects: { pwned: true } } });
    const weak = await change({ ...body, newPassword: 'aaa' });
    expect([weak.status, weak.body.code]).toEqual([422, 'password_rejected']);
    expect((await change(body)).status).toBe(204);
  });

  it('gives a proof back that an update refused by Logto did not use, and not after an unknown outcome', async () => {
    const headers = { 'verification-id': await prove() };
    stack.logto!.faults.add({ operation: 'PATCH /api/users/*/password', status: 422, body: { code: 'x' }, times: 1 });
    expect((await change({ newPassword: OTHER }, headers)).status).toBe(502);
    stack.logto!.faults.add({ operation: 'PATCH /api/users/*/password', drop: 'after', times: 1 });
    expect((await change({ newPassword: OTHER }, headers)).status).toBe(503);
    expect((await change({ newPassword: `${OTHER}2` }, headers)).body.code).toBe('step_up_required');
    expect(await works(OTHER)).toBe(true);
  });

  it('lets one proof change the password once however many race for it', async () => {
    const headers = { 'verification-id': await prove() };
    const tries = Array.from({ length: 10 }, (_, i) => change({ newPassword: `${OTHER}${i}` }, headers));
    const statuses = (await Promise.all(tries)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 204)).toHaveLength(1);
    expect(statuses.filter((status) => status === 401)).toHaveLength(9);
  });

  it('is a first password too, by a fresh sign-in of who has nothing else', async () => {
    await signUp({});
    expect((await change({ newPassword: OTHER })).body.proofs).toEqual(['signIn']);
    const { nonce } = (await call('POST', '/v1/sign-in/challenge')).body;
    const claims = { nonce, auth_time: Math.floor(Date.now() / 1000) };
    const idToken = await stack.tokenFor(user.username, { kind: 'id', claims });
    const { body: proof } = await call('POST', '/v1/sign-in/verify', { idToken });
    expect((await change({ newPassword: OTHER }, { 'verification-id': proof.verificationId })).status).toBe(204);
    expect(await works(OTHER)).toBe(true);
  });

  describe('the other sessions', () => {
    const left = async () => {
      const sessions = (await stack.tenant.call('GET', `/users/${user.id}/sessions`)).sessions as never[];
      const grants = (await stack.tenant.call('GET', `/users/${user.id}/grants`)).grants as { id: string }[];
      return { sessions: sessions.length, grants: grants.map(({ id }) => id) };
    };

    it('end with everything they were granted, the own one with them when nobody says which it is', async () => {
      plantSession(stack, user.id, 'one');
      plantSession(stack, user.id, 'two');
      stack.logto!.tenant.oidc.destroy('Session', 'two'); // Its grant, and so its refresh tokens, live on.
      expect((await change(body)).status).toBe(204);
      expect(await left()).toEqual({ sessions: 0, grants: [] });
    });

    it('end but for the one that the hint names', async () => {
      for (const name of ['mine', 'other', 'third']) plantSession(stack, user.id, name);
      const idToken = await stack.tokenFor(user.username, { kind: 'id', claims: { sid: 'sid-mine' } });
      expect((await change(body, { 'id-token-hint': idToken })).status).toBe(204);
      expect(await left()).toEqual({ sessions: 1, grants: ['grant-mine'] });
    });

    it('stay when asked to', async () => {
      plantSession(stack, user.id, 'one');
      expect((await change({ ...body, signOutOtherSessions: false })).status).toBe(204);
      expect(await left()).toEqual({ sessions: 1, grants: ['grant-one'] });
    });

    it('that could not be ended are told of, and that the password has changed', async () => {
      plantSession(stack, user.id, 'one');
      stack.logto!.faults.add({ operation: 'DELETE /api/users/*/sessions/*', status: 500 });
      const answer = await change(body);
      expect([answer.status, answer.body.passwordChanged]).toEqual([502, true]);
      expect(await works(OTHER)).toBe(true);
    });
  });
});
