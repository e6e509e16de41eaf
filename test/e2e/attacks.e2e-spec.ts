import { createHmac, createPublicKey, generateKeyPairSync, sign as signWith, type KeyObject } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Clock } from '../../src/config/clock.js';
import { Database } from '../../src/database/database.js';
import { embedded, startStack, unique, type Answer, type CallOptions, type Stack } from './harness.js';
import type { NewUser, TenantUser } from './logto-tenant.js';
import { protectedRoutes, type Route } from './routes.js';

const PASSWORD = 'Str0ng-Passw0rd!x';
const MINUTE = 60_000;
const newEmail = () => `${unique()}@example.com`;

let stack: Stack;
let shift = 0;
const clock = { provide: Clock, useValue: { now: () => Date.now() + shift } };
let user: TenantUser;
let token: string;

beforeAll(async () => {
  stack = await startStack({ overrides: [clock] });
}, 60_000);
afterAll(() => stack?.stop());
beforeEach(async () => {
  shift = 0;
  [user, token] = await signUp();
});

async function signUp(data: NewUser = {}): Promise<[TenantUser, string]> {
  const made = await stack.createUser({ password: PASSWORD, primaryEmail: newEmail(), ...data });
  return [made, await stack.tokenFor(made.username)];
}

const outcome = ({ status, body }: Answer): unknown[] => [status, body.code];
const STEP_UP = [401, 'step_up_required'];
const call = (method: string, path: string, body: unknown, as = token, ...ids: string[]) =>
  stack.api(method, path, { token: as, body, headers: ids.length > 0 ? { 'verification-id': ids.join(',') } : {} });
const patch = (body: unknown, ids: string[], as?: string) => call('PATCH', '/v1/profile', body, as, ...ids);
const verify = (password: string, as?: string) => call('POST', '/v1/password/verify', { password }, as);
const identity = async (as?: string): Promise<string> => (await verify(PASSWORD, as)).body.verificationId;

async function proveByCode(body: { email: string } | { target: 'primaryEmail' }, to: string, as?: string) {
  await call('POST', '/v1/verification-codes', body, as);
  const code = await stack.codeFor(to);
  const answer = await call('POST', '/v1/verification-codes/verify', { ...body, code }, as);
  return answer.body.verificationId as string;
}

describe('a proof', () => {
  it('is not replayed', async () => {
    const proof = await identity();
    expect((await patch({ username: unique() }, [proof])).status).toBe(200);
    expect(outcome(await patch({ username: unique() }, [proof]))).toEqual(STEP_UP);
  });

  it('is won by one of twenty racing changes', async () => {
    const proof = await identity();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        call('PUT', '/v1/password', { newPassword: `${PASSWORD}${unique()}` }, token, proof),
      ),
    );
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
  });

  it('is nothing to another user', async () => {
    const [, other] = await signUp();
    expect(outcome(await patch({ username: unique() }, [await identity(other)]))).toEqual(STEP_UP);
  });

  it('of an address is for exactly that one', async () => {
    const [one, two] = [newEmail(), newEmail()];
    const [proof, address] = [await identity(), await proveByCode({ email: one }, one)];
    expect(outcome(await patch({ primaryEmail: two }, [proof, address]))).toEqual(STEP_UP);
    expect((await patch({ primaryEmail: one }, [proof, address])).status).toBe(200);
  });

  it('of an address is not one of identity, even of the own address', async () => {
    const own = user.primaryEmail as string;
    const address = await proveByCode({ email: own }, own);
    expect(outcome(await patch({ username: unique() }, [address]))).toEqual(STEP_UP);
  });

  it('by the own address ends when that address is another account’s', async () => {
    const own = user.primaryEmail as string;
    const proof = await proveByCode({ target: 'primaryEmail' }, own);
    await stack.tenant.call('PATCH', `/users/${user.id}`, { primaryEmail: null });
    await stack.createUser({ primaryEmail: own });
    expect(outcome(await patch({ username: unique() }, [proof]))).toEqual(STEP_UP);
  });

  it('of an address that someone else took after the code was sent does not take it from them', async () => {
    const email = newEmail();
    const [proof, address] = [await identity(), await proveByCode({ email }, email)];
    const owner = await stack.createUser({ primaryEmail: email });
    expect(outcome(await patch({ primaryEmail: email }, [proof, address]))).toEqual([409, 'identifier_taken']);
    expect((await stack.tenant.user(owner.id)).primaryEmail).toBe(email);
  });

  it('expires after ten minutes', async () => {
    const proof = await identity();
    shift = 10 * MINUTE + 1;
    expect(outcome(await patch({ username: unique() }, [proof]))).toEqual(STEP_UP);
  });

  it('is not found by a guess or an injection', async () => {
    const proof = await identity();
    for (const guess of [
      proof.slice(0, -1),
      `${proof}A`,
      `A${proof.slice(1)}`,
      "' or 1=1 --",
      '*',
      'a'.repeat(8_000),
    ]) {
      expect(outcome(await patch({ username: unique() }, [guess]))).toEqual(STEP_UP);
    }
    expect((await patch({ username: unique() }, [proof])).status).toBe(200);
  });
});

describe('mass assignment', () => {
  it.each([
    'id',
    'isSuspended',
    'hasPassword',
    'identities',
    'applicationId',
    'userId',
    'roles',
    'customData',
    'profile',
  ])('of %s is refused and changes nothing', async (name) => {
    const before = await stack.tenant.user(user.id);
    const { status } = await patch({ [name]: 'x', name: 'Mallory' }, []);
    expect([403, 422]).toContain(status);
    expect(await stack.tenant.user(user.id)).toEqual(before);
  });
});

describe('guessing', () => {
  it('codes ends after twenty wrong ones in an hour, resends or not', async () => {
    const outcomes: unknown[][] = [];
    for (let i = 0; i < 7; i++) {
      const email = newEmail();
      await call('POST', '/v1/verification-codes', { email });
      const code = await stack.codeFor(email);
      for (let j = 1; j <= 3; j++) {
        const guess = String((Number(code) + j) % 1_000_000).padStart(6, '0');
        outcomes.push(outcome(await call('POST', '/v1/verification-codes/verify', { email, code: guess })));
      }
    }
    expect(outcomes.slice(0, 20)).toEqual(Array(20).fill([422, 'invalid_code']));
    expect(outcomes[20]).toEqual([429, 'too_many_attempts']);
  });

  it('passwords ends after ten in a row, however many at once', async () => {
    const answers = await Promise.all(Array.from({ length: 30 }, (_, i) => verify(`wrong-${i}`)));
    expect(answers.filter(({ status }) => status === 422)).toHaveLength(10);
    const locked = await verify(PASSWORD);
    expect(outcome(locked)).toEqual([429, 'too_many_attempts']);
    expect(Number(locked.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(locked.headers.get('ratelimit-policy')).toBe('"wrong-passwords";q=10');
    const change = await call('PUT', '/v1/password', { newPassword: `${PASSWORD}y`, currentPassword: PASSWORD });
    expect(outcome(change)).toEqual([429, 'too_many_attempts']);
    const [, other] = await signUp();
    expect((await verify(PASSWORD, other)).status).toBe(201);
  });

  it('does not stop for a new recipient: twenty sends, ten to one address', async () => {
    const email = newEmail();
    const sends = [];
    for (let i = 0; i < 25; i++) {
      sends.push((await call('POST', '/v1/verification-codes', { email: i < 12 ? email : newEmail() })).status);
    }
    expect(sends.slice(0, 12)).toEqual([...Array(10).fill(204), 429, 429]);
    expect(sends.slice(12)).toEqual([...Array(10).fill(204), 429, 429, 429]);
  });
});

(embedded ? describe : describe.skip)('with tokens made to order', () => {
  it("does not take another client's proof", async () => {
    const other = await stack.tokenFor(user.username, { client: 'api-docs' });
    expect(outcome(await patch({ username: unique() }, [await identity(other)]))).toEqual(STEP_UP);
  });

  it('refuses an application that is not served, token exchange included', async () => {
    const foreign = await stack.tokenFor(user.username, { client: 'other-app' });
    expect(outcome(await call('GET', '/v1/profile', undefined, foreign))).toEqual([403, 'client_not_allowed']);
  });

  it('lets nobody who acts for a user prove to be them, where the token says so', async () => {
    const acting = await stack.tokenFor(user.username, { claims: { act: { sub: 'support' } } });
    const own = await identity();
    for (const answer of [
      await verify(PASSWORD, acting),
      await patch({ username: unique() }, [own], acting),
      await call('PUT', '/v1/password', { newPassword: `${PASSWORD}y`, currentPassword: PASSWORD }, acting),
      await call('DELETE', '/v1/sessions', undefined, acting, own),
    ]) {
      expect(outcome(answer)).toEqual(STEP_UP);
      expect(answer.body.proofs).toEqual([]);
    }
    expect((await patch({ username: unique() }, [own])).status).toBe(200);
  });

  describe('that are hostile', () => {
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

    /** Each that must be refused everywhere. `undefined` sends none. */
    async function hostile(): Promise<Record<string, CallOptions>> {
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
        'without an end': await of({ claims: { exp: 'never' } }),
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

    it('are refused on every route of the OpenAPI document', async () => {
      const routes = protectedRoutes(stack);
      expect(routes.length).toBeGreaterThan(20);
      const tokens = Object.entries(await hostile());
      const wrong: string[] = [];
      for (const { method, path, body } of routes) {
        await Promise.all(
          tokens.map(async ([name, options]) => {
            const answer = await stack.api(method, path, { ...options, body });
            const challenge = answer.headers.get('www-authenticate') ?? '';
            if (answer.status === 401 && answer.body.code === 'invalid_token' && /^Bearer/.test(challenge)) return;
            wrong.push(`${method} ${path} with a token ${name}: ${answer.status} ${challenge}`);
          }),
        );
      }
      expect(wrong).toEqual([]);
    }, 120_000);
  });

  it("does not take another user's fresh sign-in", async () => {
    const { nonce } = (await call('POST', '/v1/sign-in/challenge', undefined)).body;
    const [, stranger] = await signUp();
    const idToken = await stack.tokenFor(user.username, {
      kind: 'id',
      claims: { nonce, auth_time: Math.floor(Date.now() / 1000) },
    });
    expect(outcome(await call('POST', '/v1/sign-in/verify', { idToken }, stranger))).toEqual([401, 'invalid_proof']);
  });
});

describe('an account that is gone or suspended', () => {
  const answers = async (route: Route, as: string) =>
    outcome(await stack.api(route.method, route.path, { ...route, token: as }));

  it('gets the same answer on every route of the OpenAPI document, although its token is valid', async () => {
    const routes = protectedRoutes(stack);
    for (const [expected, change] of [
      [
        [403, 'account_suspended'],
        (id: string) => stack.tenant.call('PATCH', `/users/${id}/is-suspended`, { isSuspended: true }),
      ],
      [[404, 'account_not_found'], (id: string) => stack.tenant.call('DELETE', `/users/${id}`)],
    ] as const) {
      const [target, valid] = await signUp();
      expect((await call('GET', '/v1/profile', undefined, valid)).status).toBe(200);
      await change(target.id);
      // A copy of the account may be read for so long.
      shift += stack.config.snapshotMaxAgeMs;
      const wrong: unknown[] = [];
      for (const route of routes) {
        const got = await answers(route, valid);
        if (String(got) !== String(expected)) wrong.push([route.method, route.path, got]);
      }
      expect(wrong).toEqual([]);
    }
  });
});

(embedded ? describe : describe.skip)('limits', () => {
  const limits = {
    LIMIT_PASSWORD_ATTEMPTS_PER_ADDRESS: '5',
    LIMIT_REQUESTS_PER_MINUTE: '60',
    LIMIT_REQUEST_BURST: '20',
    PASSWORD_QUEUE_LIMIT: '2',
  };
  const stacks: Stack[] = [];
  const start = async (environment: Record<string, string>, database?: Database) => {
    const overrides = [clock, ...(database ? [{ provide: Database, useValue: database }] : [])];
    const made = await startStack({ logto: stack.logto, environment, overrides });
    stacks.push(made);
    return made;
  };
  const shared = () => stack.app.get(Database, { strict: false });
  afterAll(async () => {
    for (const each of stacks) await each.stop();
  });

  const wrongFrom = async (at: Stack, forwarded: string, as: string) =>
    at.api('POST', '/v1/password/verify', {
      token: as,
      body: { password: 'wrong' },
      headers: { 'x-forwarded-for': forwarded },
    });

  it('hold across replicas and restarts', async () => {
    const replica = await start({}, shared());
    const at = (each: Stack) => each.api('POST', '/v1/password/verify', { token, body: { password: 'wrong' } });
    const both = await Promise.all(Array.from({ length: 20 }, (_, i) => at(i % 2 ? stack : replica)));
    expect(both.filter(({ status }) => status === 422)).toHaveLength(10);
    const restarted = await start({}, shared());
    expect(outcome(await at(restarted))).toEqual([429, 'too_many_attempts']);
  });

  it('count by the caller’s address behind a trusted proxy, by what the proxy itself says', async () => {
    const proxied = await start({ ...limits, TRUST_PROXY: '1' });
    const users = await Promise.all(Array.from({ length: 7 }, () => signUp()));
    const outcomes = [];
    // What a caller sends stands before what the proxy adds: only the last entry is the proxy's.
    for (const [i, [, as]] of users.entries())
      outcomes.push((await wrongFrom(proxied, `192.0.2.${i}, 203.0.113.9`, as)).status);
    expect(outcomes).toEqual([422, 422, 422, 422, 422, 429, 429]);
    expect((await wrongFrom(proxied, '198.51.100.1', users[6]![1])).status).toBe(422);
  });

  it('do not believe a forwarded address without TRUST_PROXY', async () => {
    const plain = await start(limits);
    const users = await Promise.all(Array.from({ length: 7 }, () => signUp()));
    for (const [, as] of users) expect((await wrongFrom(plain, '203.0.113.9', as)).status).toBe(422);
  });

  it('lets a burst of general traffic pass, tells what is left, and leaves other users and refused tokens alone', async () => {
    const plain = await start(limits);
    const get = (as: string) => plain.api('GET', '/v1/password', { token: as });
    for (let i = 0; i < 30; i++) expect((await get('junk')).status).toBe(401);
    const answers = await Promise.all(Array.from({ length: 40 }, () => get(token)));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThanOrEqual(15);
    expect(outcome(refused[0]!)).toEqual([429, 'rate_limited']);
    expect(Number(refused[0]!.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(answers[0]!.headers.get('ratelimit')).toMatch(/^"requests";r=\d+;t=\d+$/);
    const [, other] = await signUp();
    expect((await get(other)).status).toBe(200);
  });

  it('answer more password checks than can wait with 503 and when to come again', async () => {
    const plain = await start(limits);
    stack.logto!.faults.add({ operation: 'POST /api/users/*/password/verify', latency: 100 });
    const users = await Promise.all(Array.from({ length: 8 }, () => signUp()));
    const answers = await Promise.all(
      users.map(([, as]) => plain.api('POST', '/v1/password/verify', { token: as, body: { password: PASSWORD } })),
    );
    stack.logto!.faults.reset();
    const overflow = answers.filter(({ status }) => status === 503);
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(8 - overflow.length);
    expect(overflow.length).toBeGreaterThan(0);
    expect(Number(overflow[0]!.headers.get('retry-after'))).toBeGreaterThan(0);
    // Nothing was compared, so nothing counts.
    expect((await verify(PASSWORD, users[7]![1])).status).toBe(201);
  });
});
