import { createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createProfileClient, type ProfileClient } from '../../client/src/index.js';
import { Clock as LogtoClock, startDevLogto, type DevLogto } from '../../dev-logto/src/index.js';
import { Clock } from '../../src/platform/config/clock.js';
import { Database } from '../../src/platform/database/database.js';
import { DatabaseUnavailableError } from '../../src/platform/database/query-error.js';
import { ManagementApiService } from '../../src/platform/management-api/management-api.service.js';
import { startStack, uniqueName, type ApiResponse, type Stack } from '../e2e/harness.js';
import type { TenantUser } from '../e2e/logto-tenant.js';
import { listProtectedRoutes } from '../e2e/routes.js';
import { SignedInUser } from '../e2e/signed-in-user.js';
import { createPostgresDatabase } from './support/postgres.js';

const PASSWORD = 'Str0ng-Passw0rd!x';
const NEW_PASSWORD = 'an0ther-G00d!one';
const KEY = 'a-webhook-signing-key';

const postgres = await createPostgresDatabase();
const statusAndCode = ({ status, body }: ApiResponse) => [status, body.code];

/** An intruder is signed in and knows the password. Then the owner secures the account. */
(postgres ? describe : describe.skip)('an account that its owner secures, on two replicas', () => {
  let logto: DevLogto;
  let stacks: [Stack, Stack];
  let user: TenantUser & { password: string; primaryEmail: string; primaryPhone: string };
  /** Milliseconds that the service's clock is ahead of Logto's. */
  let clockAheadMs = 0;

  beforeAll(async () => {
    logto = await startDevLogto({ port: 0 });
    const application = logto.tenant.applications.get('profile-page')!;
    // Logto puts `sid` into ID tokens only for back-channel logout.
    application.oidcClientMetadata = {
      ...application.oidcClientMetadata,
      backchannelLogoutUri: 'http://127.0.0.1:1/logout',
      backchannelLogoutSessionRequired: true,
    };
    const start = () =>
      startStack({
        logto,
        overrides: [{ provide: Clock, useValue: { now: () => Date.now() + clockAheadMs } }],
        environment: {
          // The user has a second factor, and each kind of proof is tried.
          MFA_USERS_PROVE_BY: 'any',
          DATABASE_URL: postgres!.url,
          LOGTO_WEBHOOK_SIGNING_KEY: KEY,
          FIELD_ENCRYPTION_KEYS: `test:${Buffer.alloc(32, 'test key').toString('base64url')}`,
        },
      });
    stacks = [await start(), await start()];
  }, 60_000);
  afterAll(async () => {
    for (const stack of stacks ?? []) await stack.stop();
    await logto.stop();
    await postgres?.drop();
  });
  beforeEach(async () => {
    const phone = `1555${String(Math.floor(Math.random() * 1e7)).padStart(7, '0')}`;
    const data = { password: PASSWORD, primaryEmail: `${uniqueName()}@example.com`, primaryPhone: phone };
    user = { ...(await stacks[0].createUser(data)), ...data };
    await stacks[0].tenant.call('POST', `/users/${user.id}/mfa-verifications`, { type: 'Totp' });
    await stacks[0].tenant.call('PUT', `/users/${user.id}/identities/github`, { userId: uniqueName(), details: {} });
  });
  afterEach(() => {
    clockAheadMs = 0;
    jest.restoreAllMocks();
  });

  /** Signs the owner in and returns a typed client with the owner's tokens, as the profile page does. */
  async function openOwnersPage(): Promise<{ api: ProfileClient; renewals: () => number; proofs: string[] }> {
    const browser = await SignedInUser.start(stacks[1], user);
    const proofs: string[] = [];
    let renewals = 0;
    const api = createProfileClient({
      baseUrl: stacks[1].url,
      async getAccessToken({ rejected }) {
        if (rejected) {
          renewals += 1;
          expect((await browser.refresh()).status).toBe(200);
        }
        return browser.accessToken;
      },
      getIdToken: () => browser.idToken,
      prove: () => Promise.resolve(proofs.splice(0, 1)),
    });
    return { api, renewals: () => renewals, proofs };
  }

  const signInAgain = async (intruder: SignedInUser): Promise<{ nonce: string; idToken: string }> => {
    const { nonce, maxAge } = (await intruder.api('POST', '/v1/sign-in/challenge')).body;
    const { id_token: idToken } = await intruder.signIn({ nonce, max_age: String(maxAge), prompt: 'login consent' });
    return { nonce, idToken };
  };

  /** Collects one of each proof, code and ID token. */
  async function collectProofs(intruder: SignedInUser) {
    const proofs: Record<string, string> = {};
    const password = await intruder.api('POST', '/v1/password/verify', { password: PASSWORD });
    proofs['password'] = password.body.verificationId;
    proofs['signIn'] = (await intruder.verifySignIn((await signInAgain(intruder)).idToken)).body.verificationId;
    for (const [kind, target] of [
      ['email', 'primaryEmail'],
      ['phone', 'primaryPhone'],
    ] as const) {
      await intruder.api('POST', '/v1/verification-codes', { target });
      const code = await stacks[0].codeFor(user[target]);
      const proof = await intruder.api('POST', '/v1/verification-codes/verify', { target, code });
      proofs[kind] = proof.body.verificationId;
    }
    expect(Object.values(proofs)).toEqual(Array(4).fill(expect.stringMatching(/^[\w-]{43}$/)));
    const { idToken } = await signInAgain(intruder);
    const email = `${uniqueName()}@example.com`;
    await intruder.api('POST', '/v1/verification-codes', { email });
    await intruder.api('POST', '/v1/verification-codes', { target: 'primaryEmail' });
    return {
      proofs,
      idToken,
      code: { email, code: await stacks[0].codeFor(email) },
      ownCode: { target: 'primaryEmail', code: await stacks[0].codeFor(user.primaryEmail) },
    };
  }

  /** Checks that the service rejects everything that the intruder collected, even with a valid token. */
  async function expectAllRejected(
    token: string,
    { proofs, idToken, code, ownCode }: Awaited<ReturnType<typeof collectProofs>>,
  ) {
    const before = await stacks[0].tenant.user(user.id);
    for (const stack of stacks) {
      for (const [kind, id] of Object.entries(proofs)) {
        const attempt = (method: string, path: string, body?: unknown) =>
          stack.api(method, path, { token, body, headers: { 'verification-id': id } });
        const outcomes = [
          await attempt('PUT', '/v1/password', { newPassword: `${NEW_PASSWORD}x` }),
          await attempt('PATCH', '/v1/profile', { [before['primaryPhone'] ? 'primaryPhone' : 'primaryEmail']: null }),
          await attempt('PATCH', '/v1/profile', { username: uniqueName() }),
          await attempt('PATCH', '/v1/profile', { taxId: 'DE123456789' }),
          await attempt('POST', '/v1/profile/fields/taxId/reveal'),
          await attempt('DELETE', '/v1/sessions'),
          await attempt('DELETE', '/v1/sessions/x'),
          await attempt('DELETE', '/v1/identities/github'),
          await attempt('DELETE', '/v1/mfa-factors/x'),
        ].map(statusAndCode);
        expect([kind, ...outcomes]).toEqual([kind, ...Array(outcomes.length).fill([401, 'step_up_required'])]);
      }
      const verify = (path: string, body: unknown) => stack.api('POST', path, { token, body }).then(statusAndCode);
      expect(await verify('/v1/sign-in/verify', { idToken })).toEqual([401, 'invalid_proof']);
      expect(await verify('/v1/verification-codes/verify', code)).toEqual([422, 'code_expired']);
      const noEmail = before['primaryEmail'] === null;
      const expected = noEmail ? 'validation_failed' : 'code_expired';
      expect(await verify('/v1/verification-codes/verify', ownCode)).toEqual([422, expected]);
    }
    expect(await stacks[0].tenant.user(user.id)).toEqual(before);
  }

  const sendWebhook = (body: object) => {
    const raw = JSON.stringify({ createdAt: new Date(logto.clock.now()).toISOString(), ...body });
    const headers = {
      'content-type': 'application/json',
      'logto-signature-sha-256': createHmac('sha256', KEY).update(raw).digest('hex'),
    };
    return stacks[0].api('POST', '/webhooks/logto', { body: raw, headers });
  };

  /** The ways to secure an account. Those that end sessions also revoke access tokens. */
  const MEASURES: [
    name: string,
    endsSessions: boolean,
    secure: (page: Awaited<ReturnType<typeof openOwnersPage>>) => Promise<unknown>,
  ][] = [
    [
      'a new password',
      true,
      ({ api }) => api.PUT('/v1/password', { body: { newPassword: NEW_PASSWORD, currentPassword: PASSWORD } }),
    ],
    [
      'a new password that keeps the other sessions',
      false,
      ({ api }) =>
        api.PUT('/v1/password', {
          body: { newPassword: NEW_PASSWORD, currentPassword: PASSWORD, signOutOtherSessions: false },
        }),
    ],
    ['ending the other sessions', true, ({ api }) => api.DELETE('/v1/sessions')],
    ['a change of the email', false, ({ api }) => api.updateProfile({ primaryEmail: null }, { etag: null })],
    ['a change of the phone', false, ({ api }) => api.updateProfile({ primaryPhone: null }, { etag: null })],
    [
      'the removal of an identity',
      false,
      ({ api }) => api.DELETE('/v1/identities/{target}', { params: { path: { target: 'github' } } }),
    ],
    [
      'the removal of a second factor',
      false,
      async ({ api }) => {
        const { data } = await api.GET('/v1/mfa-factors');
        return api.DELETE('/v1/mfa-factors/{id}', { params: { path: { id: data.factors[0]!.id } } });
      },
    ],
    [
      'a password change at Logto',
      false,
      () =>
        sendWebhook({
          event: 'User.Data.Updated',
          matchedRoute: '/users/:userId/password',
          params: { userId: user.id },
          data: { id: user.id },
        }),
    ],
    [
      'the end of a suspension',
      false,
      async () => {
        const event = { event: 'User.SuspensionStatus.Updated', params: { userId: user.id } };
        await sendWebhook({ ...event, data: { id: user.id, isSuspended: true } });
        return sendWebhook({ ...event, data: { id: user.id, isSuspended: false } });
      },
    ],
  ];

  /** Every route rejects the token on both replicas. */
  async function expectRevoked(token: string): Promise<void> {
    for (const stack of stacks) {
      for (const route of listProtectedRoutes(stack)) {
        const response = await stack.api(route.method, route.path, { token, body: route.body });
        expect([route.path, ...statusAndCode(response), response.headers.get('retry-after')]).toEqual([
          route.path,
          401,
          'invalid_token',
          '1',
        ]);
      }
    }
  }

  it.each(MEASURES)(
    'rejects all tokens, codes and proofs of an intruder after %s',
    async (_name, endsSessions, secure) => {
      const intruder = await SignedInUser.start(stacks[0], user);
      const collected = await collectProofs(intruder);
      await intruder.refresh();
      const stolenToken = intruder.accessToken;
      const page = await openOwnersPage();
      const { verificationId } = (await page.api.POST('/v1/password/verify', { body: { password: PASSWORD } })).data;
      page.proofs.push(verificationId);
      await secure(page);

      // The owner can continue after at most one token renewal.
      expect((await page.api.readProfile({ fresh: true })).profile.id).toBe(user.id);
      expect(page.renewals()).toBeLessThanOrEqual(1);
      if (endsSessions) {
        expect(page.renewals()).toBe(1);
        await expectRevoked(stolenToken);
        expect((await intruder.refresh()).status).toBe(400);
      }
      // The service rejects everything that was collected before, even with a token of the owner.
      await expectAllRejected(await stacks[1].renewToken(user.username), collected);
    },
    60_000,
  );

  it('rejects all tokens, codes and proofs after a password reset at Logto, which ends every session', async () => {
    const intruder = await SignedInUser.start(stacks[0], user);
    const collected = await collectProofs(intruder);
    await intruder.refresh();
    await sendWebhook({ event: 'PostResetPassword', userId: user.id, user: {} });
    await expectRevoked(intruder.accessToken);
    expect((await intruder.refresh()).status).toBe(400);
    await expectAllRejected(await stacks[1].renewToken(user.username), collected);
  }, 60_000);

  describe.each([-60_000, 0, 60_000])('with the service %d ms ahead of Logto', (offset) => {
    it('rejects every token issued before the change and accepts one that is renewed after Retry-After', async () => {
      clockAheadMs = offset;
      const intruder = await SignedInUser.start(stacks[0], user);
      const page = await openOwnersPage();
      await page.api.PUT('/v1/password', { body: { newPassword: NEW_PASSWORD, currentPassword: PASSWORD } });
      for (const stack of stacks) {
        const read = await stack.api('GET', '/v1/profile', { token: intruder.accessToken });
        expect(statusAndCode(read)).toEqual([401, 'invalid_token']);
      }
      expect((await page.api.readProfile()).profile.id).toBe(user.id);
      expect(page.renewals()).toBe(1);
    });
  });

  it('ignores the webhook of its own password change', async () => {
    const page = await openOwnersPage();
    await page.api.PUT('/v1/password', {
      body: { newPassword: NEW_PASSWORD, currentPassword: PASSWORD, signOutOtherSessions: false },
    });
    const proof = await page.api.POST('/v1/password/verify', { body: { password: NEW_PASSWORD } });
    const ownChange = {
      event: 'User.Data.Updated',
      matchedRoute: '/users/:userId/password',
      params: { userId: user.id },
    };
    expect((await sendWebhook(ownChange)).status).toBe(204);
    page.proofs.push(proof.data.verificationId);
    await page.api.updateProfile({ username: uniqueName() }, { etag: null });
    expect(page.renewals()).toBe(0);
  });

  it('returns 503 for every request while it cannot read revocations', async () => {
    const token = await stacks[0].tokenFor(user.username);
    for (const fault of ['down', 'unreadable'] as const) {
      const database = stacks[0].app.get(Database, { strict: false });
      const query = database.query.bind(database);
      jest.spyOn(database, 'query').mockImplementation(async (statement) => {
        if (fault === 'down') throw new DatabaseUnavailableError('unknown', new Error('down'));
        const { rows, rowCount } = await query(statement);
        return { rows: rows.map((row) => ({ ...row, tokensValidFrom: 'soon' })), rowCount };
      });
      for (const route of listProtectedRoutes(stacks[0])) {
        const response = await stacks[0].api(route.method, route.path, { token, body: route.body });
        expect([route.path, ...statusAndCode(response)]).toEqual([route.path, 503, 'database_unavailable']);
        expect(response.headers.get('retry-after')).toBe('1');
      }
      jest.restoreAllMocks();
    }
  });
});

(postgres ? describe : describe.skip)('a revocation of access tokens', () => {
  let logtoTime = Math.floor(Date.now() / 1000) * 1000;
  let logto: DevLogto;
  let stack: Stack;
  beforeAll(async () => {
    // Logto's clock advances only when a test changes `logtoTime`.
    logto = await startDevLogto({ port: 0, clock: new LogtoClock(() => logtoTime) });
    stack = await startStack({ logto });
  }, 60_000);
  afterAll(async () => {
    await stack?.stop();
    await logto.stop();
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  const read = async (token: string) => (await stack.api('GET', '/v1/profile', { token })).status;
  const changePassword = (token: string) =>
    stack.api('PUT', '/v1/password', {
      token,
      body: { newPassword: NEW_PASSWORD, currentPassword: PASSWORD },
    });

  it('rejects a token issued in the second in which the last session ended, and accepts one issued a second later', async () => {
    const { username } = await stack.createUser({ password: PASSWORD });
    const token = await stack.tokenFor(username);
    expect((await changePassword(token)).status).toBe(204);
    expect([await read(token), await read(await stack.tokenFor(username))]).toEqual([401, 401]);
    logtoTime += 1_000;
    expect([await read(token), await read(await stack.tokenFor(username))]).toEqual([401, 200]);
  });

  it('rejects a token issued while the sessions are being ended', async () => {
    const { username, id } = await stack.createUser({ password: PASSWORD });
    const { oidc } = logto.tenant;
    const now = Math.floor(logtoTime / 1000);
    oidc.upsert(
      'Grant',
      id,
      { accountId: id, jti: id, kind: 'Grant', clientId: 'profile-page', iat: now, exp: now + 999 },
      999,
    );
    const tokenBefore = await stack.tokenFor(username);
    logtoTime += 1_000;
    const logtoApi = stack.app.get(ManagementApiService, { strict: false });
    const endGrant = logtoApi.endGrant.bind(logtoApi);
    let tokenDuring = '';
    const statuses: number[] = [];
    jest.spyOn(logtoApi, 'endGrant').mockImplementationOnce(async (...grant) => {
      tokenDuring = await stack.tokenFor(username);
      statuses.push(await read(tokenBefore), await read(tokenDuring));
      logtoTime += 1_000;
      return endGrant(...grant);
    });
    expect((await changePassword(tokenBefore)).status).toBe(204);
    // While the sessions are being ended, only tokens from before the change are rejected.
    expect(statuses).toEqual([401, 200]);
    logtoTime += 1_000;
    expect([await read(tokenDuring), await read(await stack.tokenFor(username))]).toEqual([401, 200]);
  });
});
