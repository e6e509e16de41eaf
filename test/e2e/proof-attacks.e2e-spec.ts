import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { atEmbeddedLogto, startStack, uniqueName, type Stack } from './harness.js';
import type { TenantUser } from './logto-tenant.js';

const PASSWORD = 'Str0ng-Passw0rd!x';

describe('an attacker with an access token', () => {
  let stack: Stack;
  let user: TenantUser;
  let token: string;

  beforeAll(async () => {
    const limits = { LIMIT_REQUESTS_PER_MINUTE: '100000', LIMIT_REQUEST_BURST: '1000' };
    stack = await startStack({ environment: { ...limits, LIMIT_TAKEN_IDENTIFIERS_PER_USER: '5' } });
  }, 60_000);
  afterAll(() => stack?.stop());
  beforeEach(async () => {
    user = await stack.createUser({ password: PASSWORD, primaryEmail: `${uniqueName()}@example.com` });
    token = await stack.tokenFor(user.username, { client: 'profile-page' });
  });

  const call = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}, as = token) =>
    stack.api(method, path, { token: as, body, headers });
  const prove = async (password = PASSWORD) => ({
    'verification-id': (await call('POST', '/v1/password/verify', { password })).body.verificationId as string,
  });

  describe('that acts for the user (act, RFC 8693)', () => {
    atEmbeddedLogto('can create no proof of any kind', async () => {
      const actor = await stack.tokenFor(user.username, { claims: { act: { sub: 'support' } } });
      const email = `${uniqueName()}@example.com`;
      await call('POST', '/v1/verification-codes', { email }, {}, actor);
      await call('POST', '/v1/verification-codes', { target: 'primaryEmail' });
      const { nonce } = (await call('POST', '/v1/sign-in/challenge')).body;
      const authTime = Math.floor(stack.logto!.clock.now() / 1000);
      const idToken = await stack.tokenFor(user.username, { kind: 'id', claims: { nonce, auth_time: authTime } });
      const attempts: [string, unknown?][] = [
        ['/v1/password/verify', { password: PASSWORD }],
        ['/v1/verification-codes/verify', { email, code: await stack.codeFor(email) }],
        ['/v1/verification-codes/verify', { target: 'primaryEmail', code: await stack.codeFor(user.primaryEmail!) }],
        ['/v1/sign-in/challenge'],
        ['/v1/sign-in/verify', { idToken }],
      ];
      for (const [path, body] of attempts) {
        const response = await call('POST', path, body, {}, actor);
        expect([path, response.status, response.body.code]).toEqual([path, 401, 'step_up_required']);
      }
      expect((await call('POST', '/v1/sign-in/verify', { idToken })).status).toBe(201); // Nothing was consumed.
    });
  });

  describe('and a proof', () => {
    it('learns only a limited number of identifiers that are taken', async () => {
      const others = await Promise.all(Array.from({ length: 10 }, () => stack.createUser()));
      const proof = await prove();
      const codes: string[] = [];
      for (const { username } of others)
        codes.push((await call('PATCH', '/v1/profile', { username }, proof)).body.code);
      expect(codes.filter((code) => code === 'identifier_taken')).toHaveLength(5);
      expect(codes.slice(5)).toEqual(Array(5).fill('too_many_attempts'));
      expect((await call('PATCH', '/v1/profile', { name: 'Bob' })).status).toBe(200);
    });

    it('can compare one password with the current one, which consumes the proof', async () => {
      const proof = await prove();
      const change = (newPassword: string) => call('PUT', '/v1/password', { newPassword }, proof);
      const first = await change(PASSWORD);
      expect([first.status, first.body.code]).toEqual([422, 'password_rejected']);
      expect(first.body.errors).toMatchObject([{ code: 'same_as_current' }]);
      expect((await change(PASSWORD)).body.code).toBe('step_up_required');
    });

    it('compares no password when Logto rejects the change, however often', async () => {
      const proof = await prove();
      stack.faults.add({ operation: 'PATCH /api/users/:userId/password', status: 429 });
      const responses = [];
      for (let n = 0; n < 3; n += 1) {
        responses.push(await call('PUT', '/v1/password', { newPassword: `N3w-Passw0rd!${n}` }, proof));
      }
      stack.faults.reset();
      expect(responses[0]!.status).toBe(503);
      expect(responses.slice(1).map(({ body }) => body.code)).toEqual(['step_up_required', 'step_up_required']);
    });

    it('compares no password for one proof that many requests send at once, except for the one that consumes it', async () => {
      const proof = await prove();
      const responses = await Promise.all(
        Array.from({ length: 8 }, () => call('PUT', '/v1/password', { newPassword: PASSWORD }, proof)),
      );
      const codes = responses.map(({ body }) => body.code as string);
      expect(codes.filter((code) => code === 'password_rejected')).toHaveLength(1);
      expect(codes.filter((code) => code === 'step_up_required')).toHaveLength(7);
    });
  });

  describe('of an account with a second factor', () => {
    beforeEach(async () => {
      await stack.tenant.call('POST', `/users/${user.id}/mfa-verifications`, { type: 'Totp' });
    });

    it('proves the identity neither by the password nor by a code', async () => {
      const rename = (headers: Record<string, string>) =>
        call('PATCH', '/v1/profile', { username: uniqueName() }, headers);
      await call('POST', '/v1/verification-codes', { target: 'primaryEmail' });
      const byCode = await call('POST', '/v1/verification-codes/verify', {
        target: 'primaryEmail',
        code: await stack.codeFor(user.primaryEmail!),
      });
      for (const proof of [await prove(), { 'verification-id': byCode.body.verificationId as string }]) {
        const { status, body } = await rename(proof);
        expect([status, body.code, body.proofs]).toEqual([401, 'step_up_required', ['signIn']]);
      }
      const capabilities = (await call('GET', '/v1/profile/capabilities')).body;
      expect(capabilities.proofs).toEqual(['signIn']);
    });

    it('changes the password neither with the current one, which is not compared, nor by a code', async () => {
      const change = (currentPassword: string) =>
        call('PUT', '/v1/password', { currentPassword, newPassword: 'N3w-Passw0rd!y' });
      for (const currentPassword of [PASSWORD, 'wrong']) {
        const { status, body } = await change(currentPassword);
        expect([status, body.code]).toEqual([401, 'step_up_required']);
      }
    });

    it('proves the identity by a fresh sign-in', async () => {
      const { nonce } = (await call('POST', '/v1/sign-in/challenge')).body;
      const authTime = Math.floor(Date.now() / 1000);
      const idToken = await stack.tokenFor(user.username, { kind: 'id', claims: { nonce, auth_time: authTime } });
      const { body } = await call('POST', '/v1/sign-in/verify', { idToken });
      const change = { username: uniqueName() };
      const changed = await call('PATCH', '/v1/profile', change, { 'verification-id': body.verificationId });
      expect(changed.status).toBe(200);
    });

    it('proves nothing while Logto does not say which factors there are', async () => {
      const proof = await prove();
      stack.faults.add({ operation: 'GET /api/users/:userId/mfa-verifications', status: 500 });
      const { status, body, headers } = await call('PATCH', '/v1/profile', { username: uniqueName() }, proof);
      stack.faults.reset();
      expect([status, body.code, headers.get('retry-after')]).toEqual([503, 'upstream_unavailable', '5']);
    });
  });

  describe('and an ID token', () => {
    atEmbeddedLogto.each([
      ['ten seconds before the challenge', -10, 'before the challenge'],
      ['two minutes in the future', 120, 'in the future'],
      ['a day in the future', 86_400, 'in the future'],
    ])('proves nothing by a sign-in %s', async (_when, offset, reason) => {
      const { nonce } = (await call('POST', '/v1/sign-in/challenge')).body;
      const authTime = Math.floor(stack.logto!.clock.now() / 1000) + offset;
      const idToken = await stack.tokenFor(user.username, { kind: 'id', claims: { nonce, auth_time: authTime } });
      const { status, body } = await call('POST', '/v1/sign-in/verify', { idToken });
      expect([status, body.code]).toEqual([401, 'invalid_proof']);
      expect(body.detail).toContain(reason);
    });

    atEmbeddedLogto.each([-60_000, 60_000])(
      'is judged by the clock of Logto, which differs by %d ms',
      async (offset) => {
        stack.logto!.clock.advance(offset);
        const { nonce } = (await call('POST', '/v1/sign-in/challenge')).body;
        const authTime = Math.floor(stack.logto!.clock.now() / 1000);
        const issue = (at: number) =>
          stack.tokenFor(user.username, { kind: 'id', claims: { nonce, auth_time: at, exp: authTime + 3600 } });
        const early = await call('POST', '/v1/sign-in/verify', { idToken: await issue(authTime - 10) });
        const fresh = await call('POST', '/v1/sign-in/verify', { idToken: await issue(authTime) });
        stack.logto!.clock.advance(-offset);
        expect([early.status, fresh.status]).toEqual([401, 201]);
      },
    );
  });
});

describe('an application that is not allowed', () => {
  it('does not consume the requests of the user', async () => {
    const environment = {
      LIMIT_REQUESTS_PER_MINUTE: '60',
      LIMIT_REQUEST_BURST: '10',
    };
    const stack = await startStack({ environment });
    const user = await stack.createUser();
    const foreign = await stack.tokenFor(user.username, { client: 'other-app' });
    for (let n = 0; n < 30; n += 1) {
      const { status, body } = await stack.api('GET', '/v1/profile', { token: foreign });
      expect([status, body.code]).toEqual([403, 'client_not_allowed']);
    }
    const token = await stack.tokenFor(user.username);
    const statuses = [];
    for (let n = 0; n < 10; n += 1) statuses.push((await stack.api('GET', '/v1/profile', { token })).status);
    await stack.stop();
    expect(statuses).toEqual(Array(10).fill(200));
  }, 60_000);
});

describe('sixty wrong codes that arrive at once', () => {
  it('count only as often as a code was compared', async () => {
    const stack = await startStack({ environment: { LIMIT_REQUEST_BURST: '1000' } });
    const user = await stack.createUser({ primaryEmail: `${uniqueName()}@example.com` });
    const token = await stack.tokenFor(user.username);
    const verify = (code: string) =>
      stack.api('POST', '/v1/verification-codes/verify', { token, body: { target: 'primaryEmail', code } });
    await stack.api('POST', '/v1/verification-codes', { token, body: { target: 'primaryEmail' } });
    const code = await stack.codeFor(user.primaryEmail!);
    const wrong = code === '000000' ? '111111' : '000000';
    const responses = await Promise.all(Array.from({ length: 60 }, () => verify(wrong)));
    // Logto compares one code ten times at most, which is below the limit of twenty.
    expect(responses.map(({ body }) => body.code)).not.toContain('too_many_attempts');
    const { body } = await verify(wrong);
    expect(['invalid_code', 'code_expired']).toContain(body.code);
    await stack.stop();
  }, 60_000);
});
