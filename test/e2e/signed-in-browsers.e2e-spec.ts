import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { embedded, startStack, type Stack } from './harness.js';
import type { TenantUser } from './logto-tenant.js';
import { SignedIn } from './signed-in.js';

const PASSWORD = 'Str0ng-Passw0rd!x';

/** Through the provider's own pages, cookies and redirects: no token here is made to order. */
(embedded ? describe : describe.skip)('people signed in with two browsers', () => {
  let stack: Stack;
  let user: TenantUser;
  let page: SignedIn;
  let other: SignedIn;

  beforeAll(async () => {
    stack = await startStack();
    // So that ID tokens carry `sid`.
    stack.logto!.tenant.applications.get('profile-page')!.oidcClientMetadata = {
      ...stack.logto!.tenant.applications.get('profile-page')!.oidcClientMetadata,
      backchannelLogoutUri: 'http://127.0.0.1:1/logout',
      backchannelLogoutSessionRequired: true,
    };
  }, 60_000);
  afterAll(() => stack?.stop());
  beforeEach(async () => {
    user = await stack.createUser({ password: PASSWORD });
    page = await SignedIn.start(stack, { ...user, password: PASSWORD });
    other = await SignedIn.start(stack, { ...user, password: PASSWORD });
  });

  it('prove themselves by signing in again, as a page does it', async () => {
    const stale = await page.prove(page.idToken);
    expect([stale.status, stale.body.code]).toEqual([401, 'invalid_proof']);
    const { nonce, maxAge } = (await page.api('POST', '/v1/sign-in/challenge')).body;
    const remembered = await page.browser.authorize({ nonce, max_age: String(maxAge), prompt: 'login consent' });
    expect(remembered.url.pathname).toBe('/sign-in');
    const tokens = await page.signIn({ nonce, max_age: String(maxAge), prompt: 'login consent' });
    const proof = await page.prove(tokens.id_token);
    expect([proof.status, proof.body.kind]).toEqual([201, 'signIn']);
    const headers = { 'verification-id': proof.body.verificationId as string };
    expect((await page.api('PUT', '/v1/password', { newPassword: `${PASSWORD}y` }, headers)).status).toBe(204);
  });

  it('stay signed in with the one that changed the password, and with no other', async () => {
    const { sessions } = (await page.api('GET', '/v1/sessions', undefined, { 'id-token-hint': page.idToken })).body;
    expect(sessions.map(({ current }: { current: boolean }) => current).sort()).toEqual([false, true]);
    const body = { newPassword: `${PASSWORD}y`, currentPassword: PASSWORD };
    expect((await page.api('PUT', '/v1/password', body, { 'id-token-hint': page.idToken })).status).toBe(204);
    expect([(await page.refresh()).status, (await other.refresh()).status]).toEqual([200, 400]);
    expect((await page.browser.authorize({ prompt: 'none', scope: 'openid' })).url.searchParams.has('code')).toBe(true);
    const gone = await other.browser.authorize({ prompt: 'none', scope: 'openid' });
    expect(gone.url.searchParams.get('error')).toBe('login_required');
  });

  it('are signed out of both when nobody says which is their own', async () => {
    const body = { newPassword: `${PASSWORD}y`, currentPassword: PASSWORD };
    expect((await page.api('PUT', '/v1/password', body)).status).toBe(204);
    expect([(await page.refresh()).status, (await other.refresh()).status]).toEqual([400, 400]);
  });
});
