import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { decodeJwt, generateKeyPair, SignJWT } from 'jose';
import { startStack, usesEmbeddedLogto, type Stack } from './harness.js';
import type { TenantUser } from './logto-tenant.js';
import { SignedInUser } from './signed-in-user.js';

const PATH = '/webhooks/logto/back-channel-logout';
const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
const PASSWORD = 'Str0ng-Passw0rd!x';

/** Only the embedded Logto issues custom tokens, and calls back to loopback. */
(usesEmbeddedLogto ? describe : describe.skip)(`POST ${PATH}`, () => {
  let stack: Stack;
  let user: TenantUser;
  let token: string;

  beforeAll(async () => {
    stack = await startStack({ environment: { ALLOWED_CLIENT_IDS: 'profile-page,api-docs' } });
  }, 60_000);
  afterAll(() => stack?.stop());
  beforeEach(async () => {
    user = await stack.createUser({ password: PASSWORD });
    token = await stack.tokenFor(user.username);
  });

  const post = (body: string, headers: Record<string, string> = {}) =>
    stack.api('POST', PATH, {
      body,
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      // Media types that the document does not list are part of the tests.
      unchecked: true,
    });
  const postToken = (logoutToken: string) => post(`logout_token=${encodeURIComponent(logoutToken)}`);
  /** @param seconds relative to the iat of the user's access token */
  const issueLogout = (seconds: number, { client = 'profile-page', ...claims }: Record<string, unknown> = {}) =>
    stack.tokenFor(user.username, {
      kind: 'logout',
      client: client as string,
      claims: { iat: decodeJwt(token).iat! + seconds, ...claims } as never,
    });
  const read = (as = token) => stack.api('GET', '/v1/profile', { token: as });

  it("rejects a user's access token after they have signed out at Logto", async () => {
    const signedIn = await SignedInUser.start(stack, { ...user, password: PASSWORD });
    const application = stack.logto!.tenant.applications.get('profile-page')!;
    application.oidcClientMetadata = {
      ...application.oidcClientMetadata,
      backchannelLogoutUri: `${stack.url}${PATH}`,
      backchannelLogoutSessionRequired: true,
    };
    // A token that was issued in the second of the logout would be accepted.
    const earlier = await stack.tokenFor(user.username, { claims: { iat: decodeJwt(token).iat! - 5 } });
    expect((await read(earlier)).status).toBe(200);
    const { text } = await signedIn.browser.navigate(`/oidc/session/end?id_token_hint=${signedIn.idToken}`);
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(text ?? '')![1]!;
    await signedIn.browser.post('/oidc/session/end/confirm', { xsrf, logout: 'yes' });
    // Logto sends the logout token in the background.
    let response = await read(earlier);
    while (response.status === 200) {
      await delay(20);
      response = await read(earlier);
    }
    const { status, body, headers } = response;
    expect([status, body.code, headers.get('retry-after')]).toEqual([401, 'invalid_token', '1']);
  }, 30_000);

  it('rejects earlier tokens of that application, and accepts later ones and those of other applications', async () => {
    const other = await stack.tokenFor(user.username, { client: 'api-docs' });
    const later = await stack.tokenFor(user.username, { claims: { iat: decodeJwt(token).iat! + 10 } });
    const response = await postToken(await issueLogout(10));
    expect([response.status, response.body, response.headers.get('cache-control')]).toEqual([200, '', 'no-store']);
    expect([await read(), await read(later), await read(other)].map(({ status }) => status)).toEqual([401, 200, 200]);
  });

  it('ignores a logout that is repeated, or that arrives after a later one', async () => {
    const [first, second] = [await issueLogout(10), await issueLogout(20)];
    const between = await stack.tokenFor(user.username, { claims: { iat: decodeJwt(token).iat! + 15 } });
    for (const logoutToken of [second, first, second, first]) {
      expect((await postToken(logoutToken)).status).toBe(200);
      expect((await read(between)).status).toBe(401);
    }
    const after = await stack.tokenFor(user.username, { claims: { iat: decodeJwt(token).iat! + 20 } });
    expect((await read(after)).status).toBe(200);
  });

  it('revokes the tokens of a user that it has never served', async () => {
    expect((await postToken(await issueLogout(10))).status).toBe(200);
    expect((await read()).status).toBe(401);
  });

  it('rejects anything but a valid logout token, and revokes nothing', async () => {
    const valid = await issueLogout(10);
    const now = decodeJwt(token).iat!;
    const { privateKey } = await generateKeyPair('ES384');
    const forge = (header: object, claims: object = {}) =>
      new SignJWT({ ...decodeJwt(valid), ...claims })
        .setProtectedHeader({ alg: 'ES384', typ: 'logout+jwt', ...header })
        .sign(privateKey);
    const [header, payload, signature] = valid.split('.') as [string, string, string];
    const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string };
    const unsigned = Buffer.from(JSON.stringify({ alg: 'none', typ: 'logout+jwt', kid })).toString('base64url');
    const bodies: Record<string, string> = {
      'no token': '',
      'an empty token': 'logout_token=',
      'two tokens': `logout_token=${valid}&logout_token=${valid}`,
      'another parameter': `token=${valid}`,
      JSON: JSON.stringify({ logout_token: valid }),
      'binary data': '\u0000\uFFFD%ff%00',
    };
    const tokens: Record<string, string> = {
      'no JWT': 'x.y.z',
      'a long text': 'x'.repeat(100_000),
      'a truncated token': valid.slice(0, -10),
      'a token without its signature': `${header}.${payload}.`,
      'a changed token': `${header}.${Buffer.from(Buffer.from(payload, 'base64url').toString().replace(user.id, 'someoneelse1')).toString('base64url')}.${signature}`,
      'an unsigned token': `${unsigned}.${payload}.`,
      'another key under a known key ID': await forge({ kid }),
      'an unknown key ID': await forge({ kid: 'unknown' }),
      'no key ID': await forge({}),
      'an access token': token,
      'an ID token': await stack.tokenFor(user.username, { kind: 'id', claims: { events: { [EVENT]: {} } } }),
      'another issuer': await issueLogout(10, { iss: 'https://evil.example/oidc' }),
      'an application that is not served': await issueLogout(10, { aud: 'other-app' }),
      'several audiences': await issueLogout(10, { aud: ['profile-page', 'other-app'] }),
      'no audience': await issueLogout(10, { aud: null }),
      'an expired token': await issueLogout(10, { exp: now - 60 }),
      'no expiry': await issueLogout(10, { exp: null }),
      'a time that is no number': await issueLogout(10, { iat: 'today' }),
      'a nonce': await issueLogout(10, { nonce: 'n' }),
      'no events': await issueLogout(10, { events: null }),
      'another event': await issueLogout(10, { events: { other: {} } }),
      'an event that is no object': await issueLogout(10, { events: { [EVENT]: true } }),
      'no subject': await issueLogout(10, { sub: null }),
      'an empty subject': await issueLogout(10, { sub: '' }),
    };
    for (const [name, logoutToken] of Object.entries(tokens))
      bodies[name] = `logout_token=${encodeURIComponent(logoutToken)}`;
    for (const [name, body] of Object.entries(bodies)) {
      const response = await post(body);
      expect([name, response.status, response.body.code]).toEqual([name, 400, 'malformed_request']);
    }
    expect((await read()).status).toBe(200);
  });

  it('accepts no other media type, and other routes accept no form', async () => {
    const body = `logout_token=${await issueLogout(10)}`;
    expect((await post(body, { 'content-type': 'application/json' })).status).toBe(415);
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const patch = await stack.api('PATCH', '/v1/profile', { token, body: 'name=x', headers: form });
    const webhook = await stack.api('POST', '/webhooks/logto', { body: 'event=x', headers: form, unchecked: true });
    expect([patch.status, webhook.status]).toEqual([415, 415]);
    expect((await read()).status).toBe(200);
  });

  it('accepts no logout token while the keys of Logto are unknown', async () => {
    const logoutToken = await issueLogout(10);
    stack.logto!.faults.add({ operation: 'GET /oidc/jwks', status: 500 });
    const starting = await startStack({ logto: stack.logto! });
    try {
      const { status } = await starting.api('POST', PATH, {
        body: `logout_token=${logoutToken}`,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      });
      expect(status).toBe(503);
    } finally {
      stack.logto!.faults.reset();
      await starting.stop();
    }
  });
});
