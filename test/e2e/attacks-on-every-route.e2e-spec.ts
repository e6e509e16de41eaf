import { createHmac, createPublicKey, generateKeyPairSync, sign as signWith, type KeyObject } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Clock } from '../../src/platform/config/clock.js';
import { atEmbeddedLogto, startStack, type ApiResponse, type CallOptions, type Stack } from './harness.js';
import { listProtectedRoutes, type Route } from './routes.js';

let stack: Stack;
let clockOffsetMs = 0;

beforeAll(async () => {
  stack = await startStack({ overrides: [{ provide: Clock, useValue: { now: () => Date.now() + clockOffsetMs } }] });
}, 60_000);
afterAll(() => stack?.stop());

const statusAndCode = ({ status, body }: ApiResponse): unknown[] => [status, body.code];

describe('every protected route', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const decodeParts = (jwt: string) =>
    jwt
      .split('.')
      .slice(0, 2)
      .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()) as object);
  const createSignedToken = (header: object, claims: object, key: KeyObject = privateKey) => {
    const input = `${encode(header)}.${encode(claims)}`;
    const signature = signWith('sha384', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
    return `${input}.${signature.toString('base64url')}`;
  };

  /** Creates requests that every protected route must reject, by a description of their token. */
  async function createHostileRequests(): Promise<Record<string, CallOptions>> {
    const validToken = await stack.tokenFor('alice');
    const [header, claims] = decodeParts(validToken) as [{ kid: string }, { sub: string }];
    const keySet = (await (await fetch(`${stack.config.logto.issuer}/jwks`)).json()) as { keys: never[] };
    const logtoKey = createPublicKey({ key: keySet.keys[0]!, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
    const hmacInput = `${encode({ ...header, alg: 'HS256' })}.${encode(claims)}`;
    const hmac = createHmac('sha256', logtoKey).update(hmacInput).digest('base64url');
    const jwk = publicKey.export({ format: 'jwk' });
    const withToken = async (options: Parameters<Stack['tokenFor']>[1]) => ({
      token: await stack.tokenFor('alice', options),
    });
    return {
      none: {},
      junk: { token: 'junk' },
      'another scheme': { headers: { authorization: 'Basic YWxpY2U6eA==' } },
      'an ID token': await withToken({ kind: 'id' }),
      'an ID token with at+jwt in its claims': await withToken({ kind: 'id', claims: { typ: 'at+jwt' } }),
      opaque: await withToken({ kind: 'opaque' }),
      'for another API': await withToken({ kind: 'other-audience' }),
      'for an organization': await withToken({ kind: 'organization-audience' }),
      "a machine's": await withToken({ kind: 'machine' }),
      expired: await withToken({ kind: 'expired' }),
      'of another issuer': await withToken({ claims: { iss: 'https://evil.example/oidc' } }),
      'without a client': await withToken({ claims: { client_id: '' } }),
      'without a user': await withToken({ claims: { sub: '' } }),
      'without an expiry': await withToken({ claims: { exp: 'never' } }),
      'without a signature': { token: validToken.replace(/[^.]+$/, '') },
      'with a broken signature': { token: `${validToken.slice(0, -8)}AAAAAAAA` },
      'with the claims of another user': {
        token: validToken.replace(/\.[^.]+\./, `.${encode({ ...claims, sub: 'mallory' })}.`),
      },
      'with alg none': { token: `${encode({ ...header, alg: 'none' })}.${encode(claims)}.` },
      "with Logto's public key as a secret": { token: `${hmacInput}.${hmac}` },
      'signed by another key with the same id': { token: createSignedToken(header, claims) },
      'signed by an unknown key': { token: createSignedToken({ ...header, kid: 'unknown' }, claims) },
      'that contains its key': { token: createSignedToken({ ...header, jwk }, claims) },
      'that links to its key': { token: createSignedToken({ ...header, jku: 'https://evil.example/jwks' }, claims) },
    };
  }

  atEmbeddedLogto(
    'returns 401 invalid_token for every hostile token',
    async () => {
      const routes = listProtectedRoutes(stack);
      expect(routes.length).toBeGreaterThan(20);
      const requests = Object.entries(await createHostileRequests());
      const accepted: string[] = [];
      for (const { method, path, body } of routes) {
        await Promise.all(
          requests.map(async ([name, options]) => {
            const response = await stack.api(method, path, { ...options, body });
            const challenge = response.headers.get('www-authenticate') ?? '';
            if (response.status === 401 && response.body.code === 'invalid_token' && /^Bearer/.test(challenge)) return;
            accepted.push(`${method} ${path} with a token ${name}: ${response.status} ${challenge}`);
          }),
        );
      }
      expect(accepted).toEqual([]);
    },
    120_000,
  );
});

// The schema is the same for everybody, and needs no user.
describe('every protected route but the schema for a suspended or deleted account', () => {
  const call = async (route: Route, token: string) =>
    statusAndCode(await stack.api(route.method, route.path, { ...route, token }));

  it('returns 403 account_suspended or 404 account_not_found, even with a valid token', async () => {
    const routes = listProtectedRoutes(stack).filter(({ path }) => path !== '/v1/profile/schema');
    for (const [expected, change] of [
      [
        [403, 'account_suspended'],
        (id: string) => stack.tenant.call('PATCH', `/users/${id}/is-suspended`, { isSuspended: true }),
      ],
      [[404, 'account_not_found'], (id: string) => stack.tenant.call('DELETE', `/users/${id}`)],
    ] as const) {
      const target = await stack.createUser({ password: 'Str0ng-Passw0rd!x' });
      const token = await stack.tokenFor(target.username);
      expect((await stack.api('GET', '/v1/profile', { token })).status).toBe(200);
      await change(target.id);
      // Until the cached user expires, the service may use it.
      clockOffsetMs += stack.config.cacheMaxAgeMs;
      const unexpected: unknown[] = [];
      for (const route of routes) {
        const received = await call(route, token);
        if (String(received) !== String(expected)) unexpected.push([route.method, route.path, received]);
      }
      expect(unexpected).toEqual([]);
    }
  });
});

describe('every route with a JSON body', () => {
  const TYPED_VALUES: readonly [type: string, value: unknown][] = [
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
        for (const value of TYPED_VALUES.flatMap(([valueType, value]) => (valueType === type ? [] : [value]))) {
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
