import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import LogtoNodeClient from '@logto/node';
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, errors, jwtVerify } from 'jose';
import { startDevLogto, type DevLogto } from '../src/index.js';
import { HttpBrowser, REDIRECT_URI } from './support/http-browser.js';

const RESOURCE = 'https://profile.example/api';
const MANAGEMENT_API = 'https://default.logto.app/api';
const PASSWORD = 'Str0ng-Passw0rd!x';

let logto: DevLogto;
let browser: HttpBrowser;
beforeAll(async () => {
  logto = await startDevLogto({ port: 0 });
});
afterAll(() => logto.stop());
beforeEach(async () => {
  await logto.reset();
  browser = new HttpBrowser(logto.endpoint);
});

const createKeySet = () => createRemoteJWKSet(new URL(`${logto.endpoint}/oidc/jwks`));
const callManagementApi = async (
  method: string,
  path: string,
  body?: object,
): Promise<{ status: number; body: never }> => {
  const token = await logto.issueToken('alice', { kind: 'machine', resource: MANAGEMENT_API, scope: 'all' });
  const headers = { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) };
  const response = await fetch(`${logto.endpoint}/api${path}`, { method, headers, body: body && JSON.stringify(body) });
  const text = await response.text();
  return { status: response.status, body: (text ? JSON.parse(text) : null) as never };
};
const fetchUserinfo = async (token: string): Promise<Response> =>
  fetch(`${logto.endpoint}/oidc/me`, { headers: { authorization: `Bearer ${token}` } });
const readError = async (response: Response): Promise<unknown> => ((await response.json()) as { error: unknown }).error;

describe('access tokens', () => {
  it('are JWTs with exactly Logto’s claims when a resource is requested', async () => {
    const { refresh_token } = await browser.signIn({ resource: RESOURCE });
    const response = await browser.refresh(refresh_token!, { resource: RESOURCE });
    const { access_token, scope } = (await response.json()) as { access_token: string; scope: string };
    const { payload, protectedHeader } = await jwtVerify(access_token, createKeySet());
    expect(scope).toBe('');
    expect(protectedHeader).toEqual({ alg: 'ES384', typ: 'at+jwt', kid: expect.any(String) });
    expect(payload).toEqual({
      jti: expect.any(String),
      sub: 'alice0000001',
      iat: expect.any(Number),
      exp: payload.iat! + 3600,
      scope: '',
      client_id: 'profile-page',
      iss: `${logto.endpoint}/oidc`,
      aud: RESOURCE,
    });
  });

  it('contain the requested scopes that the user’s roles grant', async () => {
    const resource = logto.tenant.addResource({
      name: 'Orders',
      indicator: 'https://orders.example',
      scopes: ['read', 'write'],
    });
    logto.tenant.roles.set('clerk', {
      id: 'clerk',
      name: 'clerk',
      description: '',
      type: 'User',
      isDefault: false,
      scopeIds: [resource.scopes[0]!.id],
    });
    logto.tenant.users.get('alice0000001')!.roleIds = ['clerk'];
    const { refresh_token } = await browser.signIn({
      resource: resource.indicator,
      scope: 'openid offline_access read write',
    });
    const response = await browser.refresh(refresh_token!, { resource: resource.indicator });
    expect(((await response.json()) as { scope: string }).scope).toBe('read');
  });

  it('are opaque without a resource and valid for userinfo', async () => {
    const { access_token } = await browser.signIn({ scope: 'openid email custom_data' });
    expect(access_token).not.toContain('.');
    const claims = await (await fetchUserinfo(access_token)).json();
    expect(claims).toEqual({ sub: 'alice0000001', email: 'alice@example.com', email_verified: true, custom_data: {} });
  });

  it('are not issued for a resource that was not requested at sign-in', async () => {
    const { refresh_token } = await browser.signIn({ resource: RESOURCE });
    const response = await browser.refresh(refresh_token!, { resource: MANAGEMENT_API });
    expect([response.status, await readError(response)]).toEqual([400, 'invalid_target']);
  });
});

describe('ID tokens', () => {
  it('omit auth_time, nonce and sid unless requested', async () => {
    const { id_token } = await browser.signIn();
    const claims = decodeJwt(id_token);
    expect(claims).not.toHaveProperty('auth_time');
    expect(claims).not.toHaveProperty('nonce');
    expect(claims).not.toHaveProperty('sid');
    expect(decodeProtectedHeader(id_token)).not.toHaveProperty('typ');
  });

  it('contain auth_time if max_age was requested, and the nonce', async () => {
    const claims = decodeJwt((await browser.signIn({ max_age: '60', nonce: 'once' })).id_token);
    expect(Math.abs(claims.iat! - (claims['auth_time'] as number))).toBeLessThan(60);
    expect(claims['nonce']).toBe('once');
  });

  it('contain the session’s sid if the application requires it, even after a refresh', async () => {
    Object.assign(logto.tenant.applications.get('profile-page')!.oidcClientMetadata, {
      backchannelLogoutUri: 'http://127.0.0.1:9/',
      backchannelLogoutSessionRequired: true,
    });
    const { id_token, refresh_token } = await browser.signIn();
    const { body } = await callManagementApi('GET', '/users/alice0000001/sessions');
    const [session] = (body as { sessions: { payload: { authorizations: Record<string, { sid: string }> } }[] })
      .sessions;
    const sid = session!.payload.authorizations['profile-page']!.sid;
    expect(decodeJwt(id_token)['sid']).toBe(sid);
    const refreshed = (await (await browser.refresh(refresh_token!)).json()) as { id_token: string };
    expect(decodeJwt(refreshed.id_token)['sid']).toBe(sid);
  });

  it('contain the claims of their scopes except custom data and identities', async () => {
    const scope = 'openid email phone custom_data identities roles';
    const claims = decodeJwt((await browser.signIn({ scope })).id_token);
    expect(Object.keys(claims).sort()).toEqual([
      'aud',
      'email',
      'email_verified',
      'exp',
      'iat',
      'iss',
      'phone_number',
      'phone_number_verified',
      'roles',
      'sub',
    ]);
  });
});

describe('sign-in', () => {
  it.each([['alice'], ['ALICE@example.com'], ['+1 555 010-0001']])(
    'accepts %s as an identifier of Alice',
    async (identifier) => {
      const { id_token } = await browser.signIn({}, { identifier, password: PASSWORD });
      expect(decodeJwt(id_token).sub).toBe('alice0000001');
    },
  );

  it.each([
    ['a wrong password', { identifier: 'alice', password: 'nope' }],
    ['a username in another case', { identifier: 'Alice', password: PASSWORD }],
    ['a user without a password', { identifier: 'bob', password: '' }],
    ['an unknown user', { identifier: 'nobody', password: PASSWORD }],
  ])('rejects %s with the same message', async (_, form) => {
    await browser.authorize();
    const { status, text } = await browser.post('/sign-in', form);
    expect(status).toBe(422);
    expect(text).toContain('Incorrect account or password. Please check your input.');
  });

  it('rejects a suspended user and their refresh tokens', async () => {
    const { refresh_token } = await browser.signIn();
    await callManagementApi('PATCH', '/users/alice0000001/is-suspended', { isSuspended: true });
    const response = await browser.refresh(refresh_token!);
    expect([response.status, await readError(response)]).toEqual([400, 'invalid_grant']);
    const otherBrowser = new HttpBrowser(logto.endpoint);
    await otherBrowser.authorize();
    expect(await otherBrowser.post('/sign-in', { identifier: 'alice', password: PASSWORD })).toMatchObject({
      status: 401,
    });
    expect(await otherBrowser.post('/sign-in/as', { userId: 'alice0000001' })).toMatchObject({ status: 401 });
  });

  it('signs in any user without a password on the development form', async () => {
    await browser.authorize();
    const { id_token } = await browser.exchangeCode(await browser.post('/sign-in/as', { userId: 'bob000000001' }));
    expect(decodeJwt(id_token).sub).toBe('bob000000001');
  });

  it('is required again by prompt=login, even with a valid session', async () => {
    await browser.signIn();
    expect((await browser.authorize()).url.origin).toBe(new URL(REDIRECT_URI).origin);
    expect((await browser.authorize({ prompt: 'login' })).url.pathname).toBe('/sign-in');
  });

  it('is required again when it is older than max_age, and updates auth_time', async () => {
    const first = decodeJwt((await browser.signIn({ max_age: '60' })).id_token);
    logto.clock.advance(50_000);
    const second = await browser.exchangeCode(await browser.authorize({ max_age: '60' }));
    expect(decodeJwt(second.id_token)['auth_time']).toBe(first['auth_time']);
    logto.clock.advance(20_000);
    expect((await browser.authorize({ max_age: '60' })).url.pathname).toBe('/sign-in');
    const third = await browser.exchangeCode(
      await browser.post('/sign-in', { identifier: 'alice', password: PASSWORD }),
    );
    expect(decodeJwt(third.id_token)['auth_time']).toBeGreaterThanOrEqual((first['auth_time'] as number) + 70);
  });

  it('returns login_required for prompt=none without a session', async () => {
    const { url } = await browser.authorize({ prompt: 'none' });
    expect(url.searchParams.get('error')).toBe('login_required');
  });

  it('returns access_denied when cancelled', async () => {
    await browser.authorize();
    const { url } = await browser.post('/sign-in/cancel', {});
    expect(url.searchParams.get('error')).toBe('access_denied');
  });

  it('requires consent for third-party applications', async () => {
    logto.tenant.addApplication({ id: 'calendar', type: 'SPA', isThirdParty: true, redirectUris: [REDIRECT_URI] });
    const calendar = new HttpBrowser(logto.endpoint, 'calendar');
    await calendar.authorize();
    const afterSignIn = await calendar.post('/sign-in', { identifier: 'alice', password: PASSWORD });
    expect(afterSignIn.url.pathname).toBe('/consent');
    expect((await calendar.exchangeCode(await calendar.post('/consent', {}))).scope).toBe(
      'openid offline_access profile',
    );
  });

  it('ends the previous session when another user signs in with the same browser', async () => {
    await browser.signIn();
    await browser.authorize({ prompt: 'login' });
    const { text } = await browser.post('/sign-in/as', { userId: 'bob000000001' });
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(text!)![1]!; // oidc-provider's page. In a browser, a script submits it.
    await browser.post('/oidc/session/end/confirm', { xsrf, logout: 'yes' });
    const { url } = await browser.authorize({ prompt: 'none', scope: 'openid' });
    expect(decodeJwt((await browser.exchangeCode({ url })).id_token).sub).toBe('bob000000001');
    expect((await callManagementApi('GET', '/users/alice0000001/sessions')).body).toEqual({ sessions: [] });
  });

  it('redirects from the consent page if the user is not signed in yet', async () => {
    await browser.authorize();
    expect((await browser.navigate('/consent')).url.pathname).toBe('/sign-in');
    expect(await new HttpBrowser(logto.endpoint).navigate('/consent')).toMatchObject({ status: 400 });
  });

  it('allows any port in a loopback redirect URI, but no unregistered host or path', async () => {
    const { url } = await browser.authorize({ redirect_uri: 'http://localhost:49152/callback', prompt: 'none' });
    expect(url.origin).toBe('http://localhost:49152');
    for (const redirect_uri of ['http://evil.example/callback', 'http://localhost:5173/elsewhere']) {
      expect(await browser.authorize({ redirect_uri })).toMatchObject({ status: 400 });
    }
  });

  it('rejects cross-site form submissions', async () => {
    await browser.authorize();
    const init = {
      method: 'POST',
      body: new URLSearchParams({ userId: 'bob000000001' }),
      headers: { 'sec-fetch-site': 'cross-site' },
    };
    expect(await browser.navigate('/sign-in/as', init)).toMatchObject({ status: 403 });
  });

  it('is recorded in the session and sends the webhook PostSignIn', async () => {
    const hook = { name: 'h', events: ['PostSignIn'], config: { url: 'http://127.0.0.1:9/' } };
    await callManagementApi('POST', '/hooks', hook);
    await browser.signIn();
    await logto.webhooks.settled();
    expect(logto.webhooks.logs[0]!.body).toMatchObject({
      event: 'PostSignIn',
      interactionEvent: 'SignIn',
      userId: 'alice0000001',
      user: { id: 'alice0000001', username: 'alice' },
      application: { id: 'profile-page', type: 'SPA' },
    });
    const { body } = await callManagementApi('GET', '/users/alice0000001/sessions');
    expect((body as { sessions: unknown[] }).sessions).toEqual([
      expect.objectContaining({
        clientId: 'profile-page',
        lastSubmission: expect.objectContaining({
          verificationRecords: [
            {
              id: expect.any(String),
              type: 'Password',
              identifier: { type: 'username', value: 'alice' },
              verified: true,
            },
          ],
        }),
      }),
    ]);
  });
});

describe('refresh tokens', () => {
  it('rotate, and using an old one after 3 s revokes the entire grant', async () => {
    const { refresh_token: first } = await browser.signIn();
    const { refresh_token: second } = (await (await browser.refresh(first!)).json()) as { refresh_token: string };
    expect(second).not.toBe(first);
    expect((await browser.refresh(first!)).status).toBe(200);
    logto.clock.advance(4000);
    expect((await browser.refresh(first!)).status).toBe(400);
    expect((await browser.refresh(second)).status).toBe(400);
  });

  it('are issued only for offline_access and expire after 14 days', async () => {
    expect(await browser.signIn({ scope: 'openid' })).not.toHaveProperty('refresh_token');
    const { refresh_token } = await browser.exchangeCode(await browser.authorize());
    logto.clock.advance(14 * 24 * 3600 * 1000 + 1000);
    expect((await browser.refresh(refresh_token!)).status).toBe(400);
  });
});

describe('sign-out', () => {
  const returnParameters = { post_logout_redirect_uri: 'http://localhost:5173', state: 'bye' };
  const signOut = async (idToken: string, parameters: Record<string, string> = returnParameters): Promise<URL> => {
    const page = await browser.navigate(
      `/oidc/session/end?${new URLSearchParams({ id_token_hint: idToken, ...parameters })}`,
    );
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(page.text!)![1]!;
    return (await browser.post('/oidc/session/end/confirm', { xsrf, logout: 'yes' })).url;
  };

  it('ends the browser’s session and revokes tokens without offline_access', async () => {
    const { id_token, access_token } = await browser.signIn({ scope: 'openid' });
    expect(String(await signOut(id_token))).toBe('http://localhost:5173/?state=bye');
    expect((await browser.authorize({ prompt: 'none' })).url.searchParams.get('error')).toBe('login_required');
    expect((await fetchUserinfo(access_token)).status).toBe(401);
    expect((await callManagementApi('GET', '/users/alice0000001/sessions')).body).toEqual({ sessions: [] });
  });

  it('redirects to /signed-out without a post_logout_redirect_uri', async () => {
    const { id_token } = await browser.signIn();
    expect((await signOut(id_token, {})).pathname).toBe('/signed-out');
  });

  describe('with back-channel logout', () => {
    const received: string[] = [];
    const receiver = createServer((request, response) => {
      let body = '';
      request
        .on('data', (chunk) => (body += chunk))
        .on('end', () => {
          received.push(body);
          response.end();
        });
    });
    beforeAll(() => new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve)));
    afterAll(() => new Promise((resolve) => receiver.close(resolve)));
    beforeEach(() => {
      received.length = 0;
      Object.assign(logto.tenant.applications.get('profile-page')!.oidcClientMetadata, {
        backchannelLogoutUri: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`,
        backchannelLogoutSessionRequired: true,
      });
    });

    it('sends one signed logout token', async () => {
      const { id_token } = await browser.signIn();
      await signOut(id_token);
      expect(received).toHaveLength(1);
      const token = new URLSearchParams(received[0]).get('logout_token')!;
      const { payload, protectedHeader } = await jwtVerify(token, createKeySet());
      expect(protectedHeader.typ).toBe('logout+jwt');
      expect(payload).toEqual({
        sub: 'alice0000001',
        events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
        jti: expect.any(String),
        sid: decodeJwt(id_token)['sid'],
        aud: 'profile-page',
        exp: payload.iat! + 120,
        iat: expect.any(Number),
        iss: `${logto.endpoint}/oidc`,
      });
    });

    it('sends nothing when the session is deleted or the user is suspended or deleted', async () => {
      await browser.signIn();
      const { body } = await callManagementApi('GET', '/users/alice0000001/sessions');
      const { uid } = (body as { sessions: { payload: { uid: string } }[] }).sessions[0]!.payload;
      await callManagementApi('DELETE', `/users/alice0000001/sessions/${uid}?revokeGrantsTarget=all`);
      await browser.signIn();
      await callManagementApi('PATCH', '/users/alice0000001/is-suspended', { isSuspended: true });
      await callManagementApi('DELETE', '/users/alice0000001');
      expect(received).toEqual([]);
    });
  });
});

describe('signing keys', () => {
  afterEach(() => logto.rotateKeys({ signingAlgorithm: 'ES384' }));

  it('verify tokens until a second rotation removes them', async () => {
    const tokens = [await logto.issueToken('alice')];
    await logto.rotateKeys();
    tokens.push(await logto.issueToken('alice'));
    await expect(jwtVerify(tokens[0]!, createKeySet())).resolves.toBeDefined();
    await logto.rotateKeys({ signingAlgorithm: 'RS256' });
    tokens.push(await logto.issueToken('alice'));
    await expect(jwtVerify(tokens[0]!, createKeySet())).rejects.toThrow(errors.JWKSNoMatchingKey);
    await expect(jwtVerify(tokens[1]!, createKeySet())).resolves.toBeDefined();
    expect((await jwtVerify(tokens[2]!, createKeySet())).protectedHeader.alg).toBe('RS256');
  });

  it('can be rotated without ending sessions or revoking refresh tokens', async () => {
    const { refresh_token } = await browser.signIn({ resource: RESOURCE });
    await logto.rotateKeys({ signingAlgorithm: 'RS256' });
    const refreshed = (await (await browser.refresh(refresh_token!, { resource: RESOURCE })).json()) as Record<
      string,
      string
    >;
    for (const name of ['access_token', 'id_token']) {
      expect((await jwtVerify(refreshed[name]!, createKeySet())).protectedHeader.alg).toBe('RS256');
    }
    expect((await browser.authorize({ prompt: 'none' })).url.searchParams.has('code')).toBe(true);
  });

  it('do not sign while staged', async () => {
    const currentKid = decodeProtectedHeader(await logto.issueToken('alice')).kid;
    await logto.rotateKeys({ gracePeriod: 3600 });
    const published = (await (await fetch(`${logto.endpoint}/oidc/jwks`)).json()) as { keys: { kid: string }[] };
    expect(published.keys.map(({ kid }) => kid)).toContain(currentKid);
    expect(decodeProtectedHeader(await logto.issueToken('alice')).kid).toBe(currentKid);
    logto.clock.advance(3600_000);
    const token = await logto.issueToken('alice');
    expect(decodeProtectedHeader(token).kid).not.toBe(currentKid);
    await expect(jwtVerify(token, createKeySet())).resolves.toBeDefined();
  });
});

describe('token exchange', () => {
  const exchangeToken = (subjectToken: string): Promise<Response> =>
    fetch(`${logto.endpoint}/oidc/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa('m2m-profile-service:dev-only-m2m-secret')}` },
      body: new URLSearchParams({
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token: subjectToken,
        subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        resource: RESOURCE,
      }),
    });
  const allowTokenExchange = () => {
    logto.tenant.applications.get('m2m-profile-service')!.customClientMetadata.allowTokenExchange = true;
  };

  it('consumes a subject token and issues a token of its user', async () => {
    allowTokenExchange();
    const { body } = await callManagementApi('POST', '/subject-tokens', { userId: 'bob000000001' });
    const { subjectToken } = body as { subjectToken: string };
    const response = (await (await exchangeToken(subjectToken)).json()) as { access_token: string };
    expect(decodeJwt(response.access_token)).toMatchObject({
      sub: 'bob000000001',
      client_id: 'm2m-profile-service',
      aud: RESOURCE,
    });
    const rejected = await exchangeToken(subjectToken);
    expect([rejected.status, await readError(rejected)]).toEqual([400, 'invalid_grant']);
  });

  it('accepts a user’s access token but not an ID token', async () => {
    allowTokenExchange();
    expect((await exchangeToken(await logto.issueToken('alice'))).status).toBe(200);
    const rejected = await exchangeToken(await logto.issueToken('alice', { kind: 'id' }));
    expect([rejected.status, await readError(rejected)]).toEqual([400, 'invalid_grant']);
  });

  it('is rejected unless enabled for the application', async () => {
    expect((await exchangeToken(await logto.issueToken('alice'))).status).toBe(400);
  });
});

describe('the tenant’s clock', () => {
  it.each([[7200], [-7200]])('shifts token times by %i s', async (seconds) => {
    const realSeconds = Math.floor(Date.now() / 1000);
    logto.clock.advance(seconds * 1000);
    const { id_token, refresh_token } = await browser.signIn({ resource: RESOURCE, max_age: '60' });
    const { access_token } = (await (await browser.refresh(refresh_token!, { resource: RESOURCE })).json()) as {
      access_token: string;
    };
    for (const token of [id_token, access_token]) {
      const { iat, exp } = decodeJwt(token);
      expect(Math.abs(iat! - realSeconds - seconds)).toBeLessThan(60);
      expect(exp).toBe(iat! + 3600);
    }
    expect(Math.abs((decodeJwt(id_token)['auth_time'] as number) - realSeconds - seconds)).toBeLessThan(60);
  });

  it('expires an opaque token', async () => {
    const token = await logto.issueToken('alice', { kind: 'opaque' });
    expect((await fetchUserinfo(token)).status).toBe(200);
    logto.clock.advance(3601_000);
    expect((await fetchUserinfo(token)).status).toBe(401);
  });
});

describe('issueToken', () => {
  const verify = async (token: string, audience = RESOURCE) =>
    jwtVerify(token, createKeySet(), { audience, typ: 'at+jwt' });

  it('issues valid tokens for users with and without a password', async () => {
    for (const username of ['alice', 'bob']) {
      const { payload } = await verify(
        await logto.issueToken(username, { client: 'other-app', scope: 'read', ttl: 60 }),
      );
      expect(payload).toMatchObject({ client_id: 'other-app', scope: 'read', exp: payload.iat! + 60 });
    }
  });

  it('issues tokens for an organization, with and without a resource', async () => {
    const { payload } = await verify(await logto.issueToken('alice', { kind: 'organization', organization: 'org1' }));
    expect(payload).toMatchObject({ aud: 'https://profile.example/api', organization_id: 'org1' });
    const token = await logto.issueToken('alice', { kind: 'organization-audience', organization: 'org1' });
    const claims = (await verify(token, 'urn:logto:organization:org1')).payload;
    expect(claims).not.toHaveProperty('organization_id');
  });

  it('issues every kind of token that an API must reject', async () => {
    await expect(verify(await logto.issueToken('alice', { kind: 'expired' }))).rejects.toThrow(errors.JWTExpired);
    await expect(verify(await logto.issueToken('alice', { kind: 'other-audience' }))).rejects.toThrow('"aud"');
    await expect(verify(await logto.issueToken('alice', { kind: 'id' }), 'profile-page')).rejects.toThrow('"typ"');
    await expect(verify(await logto.issueToken('alice', { kind: 'opaque' }))).rejects.toThrow(errors.JWSInvalid);
    const { payload } = await verify(await logto.issueToken('alice', { kind: 'machine' }));
    expect(payload.sub).toBe(payload['client_id']);
  });

  it('rejects an unknown application', async () => {
    await expect(logto.issueToken('alice', { client: 'nope' })).rejects.toThrow('No such application: nope');
  });
});

describe('CORS', () => {
  it('allows the origins of the application at the token endpoint', async () => {
    const requestFrom = async (origin: string) => {
      const body = new URLSearchParams({ client_id: 'profile-page', grant_type: 'refresh_token', refresh_token: 'x' });
      const response = await fetch(`${logto.endpoint}/oidc/token`, { method: 'POST', body, headers: { origin } });
      return [response.headers.get('access-control-allow-origin'), await readError(response)];
    };
    expect(await requestFrom('http://localhost:4999')).toEqual(['http://localhost:4999', 'invalid_grant']);
    expect(await requestFrom('https://evil.example')).toEqual([null, 'invalid_request']);
  });
});

describe('@logto/node', () => {
  it('signs in, refreshes, fetches a resource token, user info and claims, and signs out', async () => {
    const store = new Map<string, string>();
    const visitedUrls: string[] = [];
    const client = new LogtoNodeClient(
      { endpoint: logto.endpoint, appId: 'profile-page', resources: [RESOURCE], scopes: ['email', 'custom_data'] },
      {
        navigate: (url) => void visitedUrls.push(url),
        storage: {
          getItem: async (key) => store.get(key) ?? null,
          setItem: async (key, value) => void store.set(key, value),
          removeItem: async (key) => void store.delete(key),
        },
      },
    );
    await client.signIn(REDIRECT_URI);
    await browser.navigate(visitedUrls[0]!);
    const { url } = await browser.post('/sign-in', { identifier: 'alice@example.com', password: PASSWORD });
    await client.handleSignInCallback(url.href);

    expect(await client.isAuthenticated()).toBe(true);
    expect(await client.getIdTokenClaims()).toMatchObject({
      sub: 'alice0000001',
      username: 'alice',
      email: 'alice@example.com',
    });
    const oldRefreshToken = await client.getRefreshToken();
    const token = await client.getAccessToken(RESOURCE);
    expect((await jwtVerify(token, createKeySet(), { audience: RESOURCE })).payload.sub).toBe('alice0000001');
    expect(await client.getRefreshToken()).not.toBe(oldRefreshToken);
    expect(await client.fetchUserInfo()).toMatchObject({ sub: 'alice0000001', custom_data: {} });

    await client.signOut('http://localhost:5173');
    expect(await client.isAuthenticated()).toBe(false);
    const page = await browser.navigate(visitedUrls[1]!);
    expect(page.status).toBe(200);
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(page.text!)![1]!;
    expect((await browser.post('/oidc/session/end/confirm', { xsrf, logout: 'yes' })).url.href).toBe(
      'http://localhost:5173/',
    );
  });
});

describe('the option idTokenSigning', () => {
  it('makes dev-logto sign all tokens with RS256', async () => {
    const rs256Logto = await startDevLogto({ port: 0, idTokenSigning: 'RS256' });
    try {
      const { id_token } = await new HttpBrowser(rs256Logto.endpoint).signIn();
      expect(decodeProtectedHeader(id_token).alg).toBe('RS256');
      expect(decodeProtectedHeader(await rs256Logto.issueToken('alice')).alg).toBe('RS256');
    } finally {
      await rs256Logto.stop();
    }
  });
});
