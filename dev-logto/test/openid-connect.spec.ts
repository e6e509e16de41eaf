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

const keySet = () => createRemoteJWKSet(new URL(`${logto.endpoint}/oidc/jwks`));
const manage = async (method: string, path: string, body?: object): Promise<{ status: number; body: never }> => {
  const token = await logto.issueToken('alice', { kind: 'machine', resource: MANAGEMENT_API, scope: 'all' });
  const headers = { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) };
  const answer = await fetch(`${logto.endpoint}/api${path}`, { method, headers, body: body && JSON.stringify(body) });
  const text = await answer.text();
  return { status: answer.status, body: (text ? JSON.parse(text) : null) as never };
};
const userinfo = async (token: string): Promise<Response> =>
  fetch(`${logto.endpoint}/oidc/me`, { headers: { authorization: `Bearer ${token}` } });
const errorOf = async (answer: Response): Promise<unknown> => ((await answer.json()) as { error: unknown }).error;

describe('access tokens', () => {
  it('are JWTs with exactly Logto’s claims when a resource is named', async () => {
    const { refresh_token } = await browser.signIn({ resource: RESOURCE });
    const answer = await browser.refresh(refresh_token!, { resource: RESOURCE });
    const { access_token, scope } = (await answer.json()) as { access_token: string; scope: string };
    const { payload, protectedHeader } = await jwtVerify(access_token, keySet());
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

  it('carry the scopes that the user’s roles grant, of those asked for', async () => {
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
    const answer = await browser.refresh(refresh_token!, { resource: resource.indicator });
    expect(((await answer.json()) as { scope: string }).scope).toBe('read');
  });

  it('are opaque without a resource and good for userinfo', async () => {
    const { access_token } = await browser.signIn({ scope: 'openid email custom_data' });
    expect(access_token).not.toContain('.');
    const claims = await (await userinfo(access_token)).json();
    expect(claims).toEqual({ sub: 'alice0000001', email: 'alice@example.com', email_verified: true, custom_data: {} });
  });

  it('cannot be had for a resource that was not asked for at sign-in', async () => {
    const { refresh_token } = await browser.signIn({ resource: RESOURCE });
    const answer = await browser.refresh(refresh_token!, { resource: MANAGEMENT_API });
    expect([answer.status, await errorOf(answer)]).toEqual([400, 'invalid_target']);
  });
});

describe('ID tokens', () => {
  it('say nothing of when or in which session, unless asked', async () => {
    const { id_token } = await browser.signIn();
    const claims = decodeJwt(id_token);
    expect(claims).not.toHaveProperty('auth_time');
    expect(claims).not.toHaveProperty('nonce');
    expect(claims).not.toHaveProperty('sid');
    expect(decodeProtectedHeader(id_token)).not.toHaveProperty('typ');
  });

  it('carry auth_time with max_age, and the nonce', async () => {
    const claims = decodeJwt((await browser.signIn({ max_age: '60', nonce: 'once' })).id_token);
    expect(claims['auth_time']).toBe(claims.iat);
    expect(claims['nonce']).toBe('once');
  });

  it('carry the session’s sid when the application demands it, also after a refresh', async () => {
    Object.assign(logto.tenant.applications.get('profile-page')!.oidcClientMetadata, {
      backchannelLogoutUri: 'http://127.0.0.1:9/',
      backchannelLogoutSessionRequired: true,
    });
    const { id_token, refresh_token } = await browser.signIn();
    const { body } = await manage('GET', '/users/alice0000001/sessions');
    const [session] = (body as { sessions: { payload: { authorizations: Record<string, { sid: string }> } }[] })
      .sessions;
    const sid = session!.payload.authorizations['profile-page']!.sid;
    expect(decodeJwt(id_token)['sid']).toBe(sid);
    const refreshed = (await (await browser.refresh(refresh_token!)).json()) as { id_token: string };
    expect(decodeJwt(refreshed.id_token)['sid']).toBe(sid);
  });

  it('hold the claims of their scopes, but neither custom data nor identities', async () => {
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

describe('a sign-in', () => {
  it.each([['alice'], ['ALICE@example.com'], ['+1 555 010-0001']])('takes %s for Alice', async (identifier) => {
    const { id_token } = await browser.signIn({}, { identifier, password: PASSWORD });
    expect(decodeJwt(id_token).sub).toBe('alice0000001');
  });

  it.each([
    ['a wrong password', { identifier: 'alice', password: 'nope' }],
    ['a username in another case', { identifier: 'Alice', password: PASSWORD }],
    ['a user without a password', { identifier: 'bob', password: '' }],
    ['nobody', { identifier: 'nobody', password: PASSWORD }],
  ])('refuses %s in the same words', async (_, form) => {
    await browser.authorize();
    const { status, text } = await browser.post('/sign-in', form);
    expect(status).toBe(422);
    expect(text).toContain('Incorrect account or password. Please check your input.');
  });

  it('refuses a suspended user, whose refresh tokens are refused too', async () => {
    const { refresh_token } = await browser.signIn();
    await manage('PATCH', '/users/alice0000001/is-suspended', { isSuspended: true });
    const answer = await browser.refresh(refresh_token!);
    expect([answer.status, await errorOf(answer)]).toEqual([400, 'invalid_grant']);
    const another = new HttpBrowser(logto.endpoint);
    await another.authorize();
    expect(await another.post('/sign-in', { identifier: 'alice', password: PASSWORD })).toMatchObject({ status: 401 });
    expect(await another.post('/sign-in/as', { userId: 'alice0000001' })).toMatchObject({ status: 401 });
  });

  it('lets anyone in without a password, for development', async () => {
    await browser.authorize();
    const { id_token } = await browser.redeem(await browser.post('/sign-in/as', { userId: 'bob000000001' }));
    expect(decodeJwt(id_token).sub).toBe('bob000000001');
  });

  it('is asked for again by prompt=login though the session lives', async () => {
    await browser.signIn();
    expect((await browser.authorize()).url.origin).toBe(new URL(REDIRECT_URI).origin);
    expect((await browser.authorize({ prompt: 'login' })).url.pathname).toBe('/sign-in');
  });

  it('is asked for again when it is older than max_age, and auth_time tells of the new one', async () => {
    const first = decodeJwt((await browser.signIn({ max_age: '60' })).id_token);
    logto.clock.advance(50_000);
    const within = await browser.redeem(await browser.authorize({ max_age: '60' }));
    expect(decodeJwt(within.id_token)['auth_time']).toBe(first['auth_time']);
    logto.clock.advance(20_000);
    expect((await browser.authorize({ max_age: '60' })).url.pathname).toBe('/sign-in');
    const again = await browser.redeem(await browser.post('/sign-in', { identifier: 'alice', password: PASSWORD }));
    expect(decodeJwt(again.id_token)['auth_time']).toBeGreaterThanOrEqual((first['auth_time'] as number) + 70);
  });

  it('answers prompt=none with login_required when there is no session', async () => {
    const { url } = await browser.authorize({ prompt: 'none' });
    expect(url.searchParams.get('error')).toBe('login_required');
  });

  it('can be cancelled', async () => {
    await browser.authorize();
    const { url } = await browser.post('/sign-in/cancel', {});
    expect(url.searchParams.get('error')).toBe('access_denied');
  });

  it('asks for consent for third-party applications alone', async () => {
    logto.tenant.addApplication({ id: 'calendar', type: 'SPA', isThirdParty: true, redirectUris: [REDIRECT_URI] });
    const third = new HttpBrowser(logto.endpoint, 'calendar');
    await third.authorize();
    const asked = await third.post('/sign-in', { identifier: 'alice', password: PASSWORD });
    expect(asked.url.pathname).toBe('/consent');
    expect((await third.redeem(await third.post('/consent', {}))).scope).toBe('openid offline_access profile');
  });

  it('changes to another user in the same browser, and ends the first one’s session', async () => {
    await browser.signIn();
    await browser.authorize({ prompt: 'login' });
    const { text } = await browser.post('/sign-in/as', { userId: 'bob000000001' });
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(text!)![1]!; // oidc-provider's own page, sent by script.
    await browser.post('/oidc/session/end/confirm', { xsrf, logout: 'yes' });
    const { url } = await browser.authorize({ prompt: 'none', scope: 'openid' });
    expect(decodeJwt((await browser.redeem({ url })).id_token).sub).toBe('bob000000001');
    expect((await manage('GET', '/users/alice0000001/sessions')).body).toEqual({ sessions: [] });
  });

  it('begins where it should when the consent page is opened too early', async () => {
    await browser.authorize();
    expect((await browser.go('/consent')).url.pathname).toBe('/sign-in');
    expect(await new HttpBrowser(logto.endpoint).go('/consent')).toMatchObject({ status: 400 });
  });

  it('comes back to any loopback port, and to no other host', async () => {
    const { url } = await browser.authorize({ redirect_uri: 'http://localhost:49152/callback', prompt: 'none' });
    expect(url.origin).toBe('http://localhost:49152');
    for (const redirect_uri of ['http://evil.example/callback', 'http://localhost:5173/elsewhere']) {
      expect(await browser.authorize({ redirect_uri })).toMatchObject({ status: 400 });
    }
  });

  it('is not done for another site', async () => {
    await browser.authorize();
    const init = {
      method: 'POST',
      body: new URLSearchParams({ userId: 'bob000000001' }),
      headers: { 'sec-fetch-site': 'cross-site' },
    };
    expect(await browser.go('/sign-in/as', init)).toMatchObject({ status: 403 });
  });

  it('leaves a record with the session and fires PostSignIn', async () => {
    const hook = { name: 'h', events: ['PostSignIn'], config: { url: 'http://127.0.0.1:9/' } };
    await manage('POST', '/hooks', hook);
    await browser.signIn();
    await logto.webhooks.settled();
    expect(logto.webhooks.logs[0]!.body).toMatchObject({
      event: 'PostSignIn',
      interactionEvent: 'SignIn',
      userId: 'alice0000001',
      user: { id: 'alice0000001', username: 'alice' },
      application: { id: 'profile-page', type: 'SPA' },
    });
    const { body } = await manage('GET', '/users/alice0000001/sessions');
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
  it('rotate; the old one works for 3 s more, and after that gives the whole grant away', async () => {
    const { refresh_token: first } = await browser.signIn();
    const { refresh_token: second } = (await (await browser.refresh(first!)).json()) as { refresh_token: string };
    expect(second).not.toBe(first);
    expect((await browser.refresh(first!)).status).toBe(200);
    logto.clock.advance(4000);
    expect((await browser.refresh(first!)).status).toBe(400);
    expect((await browser.refresh(second)).status).toBe(400);
  });

  it('are given for offline_access alone, and last 14 days', async () => {
    expect(await browser.signIn({ scope: 'openid' })).not.toHaveProperty('refresh_token');
    const { refresh_token } = await browser.redeem(await browser.authorize());
    logto.clock.advance(14 * 24 * 3600 * 1000 + 1000);
    expect((await browser.refresh(refresh_token!)).status).toBe(400);
  });
});

describe('signing out', () => {
  const back = { post_logout_redirect_uri: 'http://localhost:5173', state: 'bye' };
  const signOut = async (idToken: string, more: Record<string, string> = back): Promise<URL> => {
    const page = await browser.go(`/oidc/session/end?${new URLSearchParams({ id_token_hint: idToken, ...more })}`);
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(page.text!)![1]!;
    return (await browser.post('/oidc/session/end/confirm', { xsrf, logout: 'yes' })).url;
  };

  it('ends the browser’s session and what was not granted for offline', async () => {
    const { id_token, access_token } = await browser.signIn({ scope: 'openid' });
    expect(String(await signOut(id_token))).toBe('http://localhost:5173/?state=bye');
    expect((await browser.authorize({ prompt: 'none' })).url.searchParams.get('error')).toBe('login_required');
    expect((await userinfo(access_token)).status).toBe(401);
    expect((await manage('GET', '/users/alice0000001/sessions')).body).toEqual({ sessions: [] });
  });

  it('ends on a page of its own when there is no place to go back to', async () => {
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
      const { payload, protectedHeader } = await jwtVerify(token, keySet());
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

    it('sends nothing when the session is deleted, or the user suspended or deleted', async () => {
      await browser.signIn();
      const { body } = await manage('GET', '/users/alice0000001/sessions');
      const { uid } = (body as { sessions: { payload: { uid: string } }[] }).sessions[0]!.payload;
      await manage('DELETE', `/users/alice0000001/sessions/${uid}?revokeGrantsTarget=all`);
      await browser.signIn();
      await manage('PATCH', '/users/alice0000001/is-suspended', { isSuspended: true });
      await manage('DELETE', '/users/alice0000001');
      expect(received).toEqual([]);
    });
  });
});

describe('signing keys', () => {
  afterEach(() => logto.rotateKeys({ signingAlgorithm: 'ES384' }));

  it('verify while current or previous; a second rotation drops the oldest', async () => {
    const tokens = [await logto.issueToken('alice')];
    await logto.rotateKeys();
    tokens.push(await logto.issueToken('alice'));
    await expect(jwtVerify(tokens[0]!, keySet())).resolves.toBeDefined();
    await logto.rotateKeys({ signingAlgorithm: 'RS256' });
    tokens.push(await logto.issueToken('alice'));
    await expect(jwtVerify(tokens[0]!, keySet())).rejects.toThrow(errors.JWKSNoMatchingKey);
    await expect(jwtVerify(tokens[1]!, keySet())).resolves.toBeDefined();
    expect((await jwtVerify(tokens[2]!, keySet())).protectedHeader.alg).toBe('RS256');
  });

  it('change under sessions and refresh tokens, which live on', async () => {
    const { refresh_token } = await browser.signIn({ resource: RESOURCE });
    await logto.rotateKeys({ signingAlgorithm: 'RS256' });
    const refreshed = (await (await browser.refresh(refresh_token!, { resource: RESOURCE })).json()) as Record<
      string,
      string
    >;
    for (const name of ['access_token', 'id_token']) {
      expect((await jwtVerify(refreshed[name]!, keySet())).protectedHeader.alg).toBe('RS256');
    }
    expect((await browser.authorize({ prompt: 'none' })).url.searchParams.has('code')).toBe(true);
  });

  it('wait, when staged, until their time has come', async () => {
    const present = decodeProtectedHeader(await logto.issueToken('alice')).kid;
    await logto.rotateKeys({ gracePeriod: 3600 });
    const published = (await (await fetch(`${logto.endpoint}/oidc/jwks`)).json()) as { keys: { kid: string }[] };
    expect(published.keys.map(({ kid }) => kid)).toContain(present);
    expect(decodeProtectedHeader(await logto.issueToken('alice')).kid).toBe(present);
    logto.clock.advance(3600_000);
    const token = await logto.issueToken('alice');
    expect(decodeProtectedHeader(token).kid).not.toBe(present);
    await expect(jwtVerify(token, keySet())).resolves.toBeDefined();
  });
});

describe('token exchange', () => {
  const exchange = (subjectToken: string): Promise<Response> =>
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
  const allow = () => {
    logto.tenant.applications.get('m2m-profile-service')!.customClientMetadata.allowTokenExchange = true;
  };

  it('gives a user’s token to the exchanging application, once for a subject token', async () => {
    allow();
    const { body } = await manage('POST', '/subject-tokens', { userId: 'bob000000001' });
    const { subjectToken } = body as { subjectToken: string };
    const answer = (await (await exchange(subjectToken)).json()) as { access_token: string };
    expect(decodeJwt(answer.access_token)).toMatchObject({
      sub: 'bob000000001',
      client_id: 'm2m-profile-service',
      aud: RESOURCE,
    });
    const again = await exchange(subjectToken);
    expect([again.status, await errorOf(again)]).toEqual([400, 'invalid_grant']);
  });

  it('takes a user’s access token, and no ID token', async () => {
    allow();
    expect((await exchange(await logto.issueToken('alice'))).status).toBe(200);
    const refused = await exchange(await logto.issueToken('alice', { kind: 'id' }));
    expect([refused.status, await errorOf(refused)]).toEqual([400, 'invalid_grant']);
  });

  it('is refused to applications that it is not allowed to', async () => {
    expect((await exchange(await logto.issueToken('alice'))).status).toBe(400);
  });
});

describe('the tenant’s clock', () => {
  it.each([[7200], [-7200]])('dates tokens %i s off', async (seconds) => {
    const real = Math.floor(Date.now() / 1000);
    logto.clock.advance(seconds * 1000);
    const { id_token, refresh_token } = await browser.signIn({ resource: RESOURCE, max_age: '60' });
    const { access_token } = (await (await browser.refresh(refresh_token!, { resource: RESOURCE })).json()) as {
      access_token: string;
    };
    for (const token of [id_token, access_token]) {
      const { iat, exp } = decodeJwt(token);
      expect(Math.abs(iat! - real - seconds)).toBeLessThan(60);
      expect(exp).toBe(iat! + 3600);
    }
    expect(decodeJwt(id_token)['auth_time']).toBe(decodeJwt(id_token).iat);
  });

  it('ends an opaque token', async () => {
    const token = await logto.issueToken('alice', { kind: 'opaque' });
    expect((await userinfo(token)).status).toBe(200);
    logto.clock.advance(3601_000);
    expect((await userinfo(token)).status).toBe(401);
  });
});

describe('tokens made without a sign-in', () => {
  const verify = async (token: string, audience = RESOURCE) => jwtVerify(token, keySet(), { audience, typ: 'at+jwt' });

  it('are the provider’s own, for users with and without a password', async () => {
    for (const who of ['alice', 'bob']) {
      const { payload } = await verify(await logto.issueToken(who, { client: 'other-app', scope: 'read', ttl: 60 }));
      expect(payload).toMatchObject({ client_id: 'other-app', scope: 'read', exp: payload.iat! + 60 });
    }
  });

  it('include each sort that an API must refuse', async () => {
    await expect(verify(await logto.issueToken('alice', { kind: 'expired' }))).rejects.toThrow(errors.JWTExpired);
    await expect(verify(await logto.issueToken('alice', { kind: 'other-audience' }))).rejects.toThrow('"aud"');
    await expect(verify(await logto.issueToken('alice', { kind: 'id' }), 'profile-page')).rejects.toThrow('"typ"');
    await expect(verify(await logto.issueToken('alice', { kind: 'opaque' }))).rejects.toThrow(errors.JWSInvalid);
    const { payload } = await verify(await logto.issueToken('alice', { kind: 'machine' }));
    expect(payload.sub).toBe(payload['client_id']);
  });

  it('are refused for applications that do not exist', async () => {
    await expect(logto.issueToken('alice', { client: 'nope' })).rejects.toThrow('No such application: nope');
  });
});

describe('browsers of other origins', () => {
  it('read the token endpoint’s answers when the application knows them', async () => {
    const ask = async (origin: string) => {
      const body = new URLSearchParams({ client_id: 'profile-page', grant_type: 'refresh_token', refresh_token: 'x' });
      const answer = await fetch(`${logto.endpoint}/oidc/token`, { method: 'POST', body, headers: { origin } });
      return [answer.headers.get('access-control-allow-origin'), await errorOf(answer)];
    };
    expect(await ask('http://localhost:4999')).toEqual(['http://localhost:4999', 'invalid_grant']);
    expect(await ask('https://evil.example')).toEqual([null, 'invalid_request']);
  });
});

describe('@logto/node', () => {
  it('signs in, refreshes, gets a resource token, user info and claims, and signs out', async () => {
    const store = new Map<string, string>();
    const visited: string[] = [];
    const client = new LogtoNodeClient(
      { endpoint: logto.endpoint, appId: 'profile-page', resources: [RESOURCE], scopes: ['email', 'custom_data'] },
      {
        navigate: (url) => void visited.push(url),
        storage: {
          getItem: async (key) => store.get(key) ?? null,
          setItem: async (key, value) => void store.set(key, value),
          removeItem: async (key) => void store.delete(key),
        },
      },
    );
    await client.signIn(REDIRECT_URI);
    await browser.go(visited[0]!);
    const { url } = await browser.post('/sign-in', { identifier: 'alice@example.com', password: PASSWORD });
    await client.handleSignInCallback(url.href);

    expect(await client.isAuthenticated()).toBe(true);
    expect(await client.getIdTokenClaims()).toMatchObject({
      sub: 'alice0000001',
      username: 'alice',
      email: 'alice@example.com',
    });
    const before = await client.getRefreshToken();
    const token = await client.getAccessToken(RESOURCE);
    expect((await jwtVerify(token, keySet(), { audience: RESOURCE })).payload.sub).toBe('alice0000001');
    expect(await client.getRefreshToken()).not.toBe(before);
    expect(await client.fetchUserInfo()).toMatchObject({ sub: 'alice0000001', custom_data: {} });

    await client.signOut('http://localhost:5173');
    expect(await client.isAuthenticated()).toBe(false);
    const page = await browser.go(visited[1]!);
    expect(page.status).toBe(200);
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(page.text!)![1]!;
    expect((await browser.post('/oidc/session/end/confirm', { xsrf, logout: 'yes' })).url.href).toBe(
      'http://localhost:5173/',
    );
  });
});

describe('with RS256', () => {
  it('signs all tokens so', async () => {
    const other = await startDevLogto({ port: 0, idTokenSigning: 'RS256' });
    try {
      const { id_token } = await new HttpBrowser(other.endpoint).signIn();
      expect(decodeProtectedHeader(id_token).alg).toBe('RS256');
      expect(decodeProtectedHeader(await other.issueToken('alice')).alg).toBe('RS256');
    } finally {
      await other.stop();
    }
  });
});
