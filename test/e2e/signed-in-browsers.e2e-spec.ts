import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startStack, type Stack } from './harness.js';
import type { TenantUser } from './logto-tenant.js';
import { SignedInUser } from './signed-in-user.js';

const PASSWORD = 'Str0ng-Passw0rd!x';

describe('a user signed in with two browsers', () => {
  let stack: Stack;
  let user: TenantUser;
  let firstBrowser: SignedInUser;
  let secondBrowser: SignedInUser;

  beforeAll(async () => {
    stack = await startStack();
  }, 60_000);
  afterAll(() => stack?.stop());
  beforeEach(async () => {
    user = await stack.createUser({ password: PASSWORD });
    firstBrowser = await SignedInUser.start(stack, { ...user, password: PASSWORD });
    secondBrowser = await SignedInUser.start(stack, { ...user, password: PASSWORD });
  });

  it('can prove their identity by signing in again', async () => {
    const rejected = await firstBrowser.verifySignIn(firstBrowser.idToken);
    expect([rejected.status, rejected.body.code]).toEqual([401, 'invalid_proof']);
    const { nonce, maxAge } = (await firstBrowser.api('POST', '/v1/sign-in/challenge')).body;
    const authorization = await firstBrowser.browser.authorize({
      nonce,
      max_age: String(maxAge),
      prompt: 'login consent',
    });
    expect(authorization.url.pathname).toBe('/sign-in');
    const tokens = await firstBrowser.signIn({ nonce, max_age: String(maxAge), prompt: 'login consent' });
    const proof = await firstBrowser.verifySignIn(tokens.id_token);
    expect([proof.status, proof.body.kind]).toEqual([201, 'signIn']);
    const headers = { 'verification-id': proof.body.verificationId as string };
    expect((await firstBrowser.api('PUT', '/v1/password', { newPassword: `${PASSWORD}y` }, headers)).status).toBe(204);
  });

  it('stays signed in only with the browser that changed the password', async () => {
    const { sessions } = (
      await firstBrowser.api('GET', '/v1/sessions', undefined, { 'id-token-hint': firstBrowser.idToken })
    ).body;
    expect(sessions.map(({ current }: { current: boolean }) => current).sort()).toEqual([false, true]);
    const body = { newPassword: `${PASSWORD}y`, currentPassword: PASSWORD };
    expect(
      (await firstBrowser.api('PUT', '/v1/password', body, { 'id-token-hint': firstBrowser.idToken })).status,
    ).toBe(204);
    expect([(await firstBrowser.refresh()).status, (await secondBrowser.refresh()).status]).toEqual([200, 400]);
    expect(
      (await firstBrowser.browser.authorize({ prompt: 'none', scope: 'openid' })).url.searchParams.has('code'),
    ).toBe(true);
    const authorization = await secondBrowser.browser.authorize({ prompt: 'none', scope: 'openid' });
    expect(authorization.url.searchParams.get('error')).toBe('login_required');
  });

  it('is signed out of both if Id-Token-Hint is missing', async () => {
    const body = { newPassword: `${PASSWORD}y`, currentPassword: PASSWORD };
    expect((await firstBrowser.api('PUT', '/v1/password', body)).status).toBe(204);
    expect([(await firstBrowser.refresh()).status, (await secondBrowser.refresh()).status]).toEqual([400, 400]);
  });
});
