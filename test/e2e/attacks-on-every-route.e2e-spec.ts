import { createHmac, createPublicKey, generateKeyPairSync, sign as signWith, type KeyObject } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Clock } from '../../src/platform/config/clock.js';
import { usesEmbeddedLogto, startStack, type ApiResponse, type CallOptions, type Stack } from './harness.js';
import { listProtectedRoutes, type Route } from './routes.js';

let stack: Stack;
let shift = 0;

beforeAll(async () => {
  stack = await startStack({ overrides: [{ provide: Clock, useValue: { now: () => Date.now() + shift } }] });
}, 60_000);
afterAll(() => stack?.stop());

const statusAndCode = ({ status, body }: ApiResponse): unknown[] => [status, body.code];

(usesEmbeddedLogto ? describe : describe.skip)('every protected route', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  const b64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const parts = (jwt: string) =>
    jwt
      .split('.')
      .slice(0, 2)
      .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()) as object);
  const signed = (header: object, claims: object, key: KeyObject = privateKey) => {
    const input = `${b64(header)}.${b64(claims)}`;
    const signature = signWith('sha384', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
    return `${input}.${signature.toString('base64url')}`;
  };

  /** Requests that every protected route must reject, by the kind of token. */
  async function createHostileTokens(): Promise<Record<string, CallOptions>> {
    const good = await stack.tokenFor('alice');
    const [header, claims] = parts(good) as [{ kid: string }, { sub: string }];
    const keys = (await (await fetch(`${stack.config.logto.issuer}/jwks`)).json()) as { keys: never[] };
    const logtoKey = createPublicKey({ key: keys.keys[0]!, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
    const hmacInput = `${b64({ ...header, alg: 'HS256' })}.${b64(claims)}`;
    const hmac = createHmac('sha256', logtoKey).update(hmacInput).digest('base64url');
    const jwk = publicKey.export({ format: 'jwk' });
    const of = async (options: Parameters<Stack['tokenFor']>[1]) => ({
      token: await stack.tokenFor('alice', options),
    });
    return {
      none: {},
      junk: { token: 'junk' },
      'another scheme': { headers: { authorization: 'Basic YWxpY2U6eA==' } },
      'an ID token': await of({ kind: 'id' }),
      'an ID token that says at+jwt in its claims': await of({ kind: 'id', claims: { typ: 'at+jwt' } }),
      opaque: await of({ kind: 'opaque' }),
      'for another API': await of({ kind: 'other-audience' }),
      "a machine's": await of({ kind: 'machine' }),
      expired: await of({ kind: 'expired' }),
      'of another issuer': await of({ claims: { iss: 'https://evil.example/oidc' } }),
      'without a client': await of({ claims: { client_id: '' } }),
      'without a user': await of({ claims: { sub: '' } }),
      'without an expiry': await of({ claims: { exp: 'never' } }),
      'without a signature': { token: good.replace(/[^.]+$/, '') },
      'with a broken signature': { token: `${good.slice(0, -8)}AAAAAAAA` },
      'of another user by changed claims': {
        token: good.replace(/\.[^.]+\./, `.${b64({ ...claims, sub: 'mallory' })}.`),
      },
      'with alg none': { token: `${b64({ ...header, alg: 'none' })}.${b64(claims)}.` },
      "with Logto's public key as a secret": { token: `${hmacInput}.${hmac}` },
      'signed by another key under the same id': { token: signed(header, claims) },
      'signed by an unknown key': { token: signed({ ...header, kid: 'unknown' }, claims) },
      'that brings its key': { token: signed({ ...header, jwk }, claims) },
      'that points to its key': { token: signed({ ...header, jku: 'https://evil.example/jwks' }, claims) },
    };
  }

  it('returns 401 invalid_token for every hostile token', async () => {
    const routes = listProtectedRoutes(stack);
    expect(routes.length).toBeGreaterThan(20);
    const tokens = Object.entries(await createHostileTokens());
    const wrong: string[] = [];
    for (const { method, path, body } of routes) {
      await Promise.all(
        tokens.map(async ([name, options]) => {
          const response = await stack.api(method, path, { ...options, body });
          const challenge = response.headers.get('www-authenticate') ?? '';
          if (response.status === 401 && response.body.code === 'invalid_token' && /^Bearer/.test(challenge)) return;
          wrong.push(`${method} ${path} with a token ${name}: ${response.status} ${challenge}`);
        }),
      );
    }
    expect(wrong).toEqual([]);
  }, 120_000);
});

describe('every protected route, for a suspended or deleted account', () => {
  const call = async (route: Route, as: string) =>
    statusAndCode(await stack.api(route.method, route.path, { ...route, token: as }));

  it('returns 403 account_suspended or 404 account_not_found although the token is valid', async () => {
    const routes = listProtectedRoutes(stack);
    for (const [expected, change] of [
      [
        [403, 'account_suspended'],
        (id: string) => stack.tenant.call('PATCH', `/users/${id}/is-suspended`, { isSuspended: true }),
      ],
      [[404, 'account_not_found'], (id: string) => stack.tenant.call('DELETE', `/users/${id}`)],
    ] as const) {
      const target = await stack.createUser({ password: 'Str0ng-Passw0rd!x' });
      const valid = await stack.tokenFor(target.username);
      expect((await stack.api('GET', '/v1/profile', { token: valid })).status).toBe(200);
      await change(target.id);
      // Until then, the cached user may be served.
      shift += stack.config.cacheMaxAgeMs;
      const wrong: unknown[] = [];
      for (const route of routes) {
        const got = await call(route, valid);
        if (String(got) !== String(expected)) wrong.push([route.method, route.path, got]);
      }
      expect(wrong).toEqual([]);
    }
  });
});

describe('every route with a JSON body', () => {
  const values: readonly [type: string, value: unknown][] = [
    ['null', null],
    ['object', {}],
    ['object', { a: null }],
    ['array', []],
    ['array', [null]],
    ['array', ['text']],
    ['number', 0],
    ['number', 1],
    ['boolean', false],
    ['boolean', true],
    ['string', ''],
    ['string', 'true'],
  ];

  it('returns 422 with a pointer for a member of the wrong type', async () => {
    const routes = listProtectedRoutes(stack).filter(({ members }) => members);
    expect(routes.length).toBeGreaterThan(5);
    for (const { method, path, body, members } of routes) {
      const { username } = await stack.createUser({ password: 'Str0ng-Passw0rd!x' });
      const token = await stack.tokenFor(username);
      for (const [name, type] of Object.entries(members!)) {
        for (const value of values.flatMap(([each, value]) => (each === type ? [] : [value]))) {
          const response = await stack.api(method, path, { token, body: { ...(body as object), [name]: value } });
          expect({ method, path, value, outcome: statusAndCode(response), errors: response.body.errors }).toMatchObject(
            {
              outcome: [422, 'validation_failed'],
              errors: [{ pointer: `/${name}`, code: 'invalid_type' }],
            },
          );
        }
      }
    }
  });
});
