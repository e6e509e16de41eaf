import { randomInt } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Clock } from '../../src/platform/config/clock.js';
import { usesEmbeddedLogto, startStack, unique, type ApiResponse, type Stack } from './harness.js';
import type { NewUser, TenantUser } from './logto-tenant.js';

const CODES = '/v1/verification-codes';
const newEmail = () => `${unique()}@example.com`;
const newPhone = () => `1555${randomInt(1_000_000, 9_999_999)}`;

let stack: Stack;
let user: TenantUser;
let token: string;
let shift = 0;

beforeAll(async () => {
  stack = await startStack({
    environment: { UPSTREAM_TIMEOUT_MS: usesEmbeddedLogto ? '1500' : undefined },
    overrides: [{ provide: Clock, useValue: { now: () => Date.now() + shift } }],
  });
}, 60_000);
afterAll(() => stack?.stop());
beforeEach(() => signUp());
afterEach(() => {
  shift = 0;
  stack.logto?.faults.reset();
});

async function signUp(data: NewUser = {}): Promise<void> {
  user = await stack.createUser({ primaryEmail: newEmail(), ...data });
  token = await stack.tokenFor(user.username);
}

const call = (method: string, path: string, body?: unknown, as = token) => stack.api(method, path, { token: as, body });
const send = (body: unknown, as?: string) => call('POST', CODES, body, as);
const check = (body: unknown, as?: string) => call('POST', `${CODES}/verify`, body, as);
const statusAndCode = ({ status, body }: ApiResponse) => [status, body.code ?? body.kind];
const wrongCode = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, '0');

describe('POST /v1/verification-codes', () => {
  it('returns 401 without a token', async () => {
    expect((await stack.api('POST', CODES, { body: { email: newEmail() } })).status).toBe(401);
    expect((await stack.api('POST', `${CODES}/verify`, { body: { email: newEmail(), code: '1' } })).status).toBe(401);
  });

  it.each([
    [{}, ['']],
    [{ email: 'a@example.com', phone: '15550100009' }, ['/email', '/phone']],
    [{ email: 'a@example.com', target: 'primaryEmail' }, ['/email', '/target']],
    [{ email: null }, ['/email']],
    [{ email: 'nobody' }, ['/email']],
    [{ email: 'a@b' }, ['/email']],
    [{ email: `${'a'.repeat(129)}@example.com` }, ['/email']],
    [{ phone: 'abc' }, ['/phone']],
    [{ phone: '1' }, ['/phone']],
    [{ phone: 15550100009 }, ['/phone']],
    [{ target: 'name' }, ['/target']],
    [{ target: 'primaryPhone' }, ['/target']],
    [{ email: 'a@example.com', userId: 'x' }, ['/userId']],
  ])('returns 422 for %j and sends no code', async (body, pointers) => {
    stack.logto?.calls.reset();
    for (const response of [await send(body), await check({ ...body, code: '123456' })]) {
      expect(statusAndCode(response)).toEqual([422, 'validation_failed']);
      expect(response.body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual(pointers);
    }
    if (stack.logto) expect(stack.logto.calls.count('POST /api/verification-codes')).toBe(0);
  });

  it('responds the same whether or not another account has the address', async () => {
    const [free, taken] = [newEmail(), (await stack.createUser({ primaryEmail: newEmail() })).primaryEmail as string];
    const [one, two] = [await send({ email: free }), await send({ email: taken })];
    expect([one.status, one.body]).toEqual([two.status, two.body]);
    expect([...one.headers.keys()].sort()).toEqual([...two.headers.keys()].sort());
    const verified = await check({ email: taken, code: await stack.codeFor(taken) });
    expect(statusAndCode(verified)).toEqual([201, 'email']);
  });
});

describe('POST /v1/verification-codes/verify', () => {
  it.each([
    ['an email', 'email', () => ({ email: newEmail() })],
    ['a phone', 'phone', () => ({ phone: newPhone() })],
  ])('creates one proof for a code to %s', async (_what, kind, createBody) => {
    const body = createBody();
    expect(statusAndCode(await send(body))).toEqual([204, undefined]);
    const code = await stack.codeFor(Object.values(body)[0] as string);
    const first = await check({ ...body, code });
    expect(statusAndCode(first)).toEqual([201, kind]);
    expect(first.body.verificationId).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(statusAndCode(await check({ ...body, code }))).toEqual([422, 'code_expired']);
  });

  it('accepts the address in any spelling', async () => {
    const name = unique();
    await send({ email: ` ${name}@EXAMPLE.com` });
    const code = await stack.codeFor(`${name}@example.com`);
    expect(statusAndCode(await check({ email: `${name.toUpperCase()}@example.com`, code }))).toEqual([201, 'email']);
    const phone = `7700${randomInt(900_000, 999_999)}`;
    await send({ phone: `+44 (0)${phone}` });
    expect(statusAndCode(await check({ phone: `44${phone}`, code: await stack.codeFor(`44${phone}`) }))).toEqual([
      201,
      'phone',
    ]);
  });

  it('rejects a wrong code and then accepts the right one', async () => {
    const email = newEmail();
    await send({ email });
    const code = await stack.codeFor(email);
    expect(statusAndCode(await check({ email, code: wrongCode(code) }))).toEqual([422, 'invalid_code']);
    expect(statusAndCode(await check({ email, code }))).toEqual([201, 'email']);
  });

  it('rejects a code that a newer one has replaced', async () => {
    const email = newEmail();
    await send({ email });
    const old = await stack.codeFor(email);
    await send({ email });
    const code = await stack.codeFor(email);
    if (old !== code) expect(statusAndCode(await check({ email, code: old }))).toEqual([422, 'invalid_code']);
    expect(statusAndCode(await check({ email, code }))).toEqual([201, 'email']);
  });

  it('accepts a code only from the user who sent the latest one', async () => {
    const email = newEmail();
    const other = await stack.tokenFor((await stack.createUser()).username);
    await send({ email });
    const code = await stack.codeFor(email);
    expect(statusAndCode(await check({ email, code }, other))).toEqual([422, 'invalid_code']);
    await send({ email }, other);
    const newer = await stack.codeFor(email);
    expect(statusAndCode(await check({ email, code: newer }))).toEqual([422, 'invalid_code']);
    expect(statusAndCode(await check({ email, code: newer }, other))).toEqual([201, 'email']);
  });

  it('rejects a code that was sent for another purpose', async () => {
    const email = user.primaryEmail as string;
    await send({ email });
    const code = await stack.codeFor(email);
    expect(statusAndCode(await check({ target: 'primaryEmail', code }))).toEqual([422, 'invalid_code']);
    await send({ target: 'primaryEmail' });
    const own = await stack.codeFor(email);
    expect(statusAndCode(await check({ email, code: own }))).toEqual([422, 'invalid_code']);
    expect(statusAndCode(await check({ target: 'primaryEmail', code: own }))).toEqual([201, 'email']);
  });

  it('creates one proof for ten concurrent checks of the same code', async () => {
    const email = newEmail();
    await send({ email });
    const code = await stack.codeFor(email);
    const responses = await Promise.all(Array.from({ length: 10 }, () => check({ email, code })));
    const created = responses.filter(({ status }) => status === 201);
    expect(created).toHaveLength(1);
    expect(responses.filter(({ status }) => status === 422)).toHaveLength(9);
  });

  it('returns 422 for a malformed code', async () => {
    for (const code of [undefined, null, 123456, '', 'x'.repeat(33)]) {
      const { status, body } = await check({ email: newEmail(), code });
      expect([status, body.errors]).toMatchObject([422, [{ pointer: '/code' }]]);
    }
  });
});

(usesEmbeddedLogto ? describe : describe.skip)('verification at the embedded Logto', () => {
  it.each([
    ['email' as const, () => ({ email: newEmail() })],
    ['sms' as const, () => ({ phone: newPhone() })],
  ])('returns 501 for a code without a connector for %s', async (channel, body) => {
    stack.logto!.faults.connectorsRemoved.add(channel);
    expect(statusAndCode(await send(body()))).toEqual([501, 'channel_not_configured']);
  });

  it.each([
    [{ status: 403, body: { code: 'auth.forbidden' } }, [502, 'upstream_failed']],
    [{ status: 500 }, [502, 'upstream_failed']],
    [{ drop: 'before' as const }, [503, 'upstream_unavailable']],
    [{ latency: 2_500 }, [504, 'upstream_timeout']],
    [{ status: 429, body: { code: 'request.message_rate_limited' } }, [429, 'rate_limited']],
  ])('responds to the fault %j of Logto with %j', async (fault, expected) => {
    stack.logto!.faults.add({ operation: 'POST /api/verification-codes', ...fault });
    expect(statusAndCode(await send({ email: newEmail() }))).toEqual(expected);
  });

  it('returns invalid_code only if Logto compared the code, and keeps the code usable', async () => {
    const email = newEmail();
    await send({ email });
    const code = await stack.codeFor(email);
    stack.logto!.calls.reset();
    const guesses = await Promise.all(Array.from({ length: 5 }, () => check({ email, code: wrongCode(code) })));
    const compared = stack.logto!.calls.count('POST /api/verification-codes/verify');
    expect(guesses.filter(({ body }) => body.code === 'invalid_code')).toHaveLength(compared);
    expect(statusAndCode(await check({ email, code }))).toEqual([201, 'email']);
  });

  it('keeps the code usable when Logto rejects the call, and consumes it after an unknown outcome', async () => {
    const email = newEmail();
    await send({ email });
    const code = await stack.codeFor(email);
    const operation = 'POST /api/verification-codes/verify';
    stack.logto!.faults.add({ operation, status: 403, body: { code: 'auth.forbidden' }, times: 1 });
    expect(statusAndCode(await check({ email, code }))).toEqual([502, 'upstream_failed']);
    stack.logto!.faults.add({ operation, drop: 'before', times: 1 });
    expect((await check({ email, code })).status).toBe(503);
    expect(statusAndCode(await check({ email, code }))).toEqual([422, 'code_expired']);
  });

  it('returns code_expired when Logto says that a code is expired, unknown or was tried too often', async () => {
    const email = newEmail();
    for (const code of ['exceed_max_try', 'expired', 'not_found']) {
      await send({ email });
      stack.logto!.faults.add({
        operation: 'POST /api/verification-codes/verify',
        status: 400,
        body: { code: `verification_code.${code}` },
        times: 1,
      });
      expect(statusAndCode(await check({ email, code: '000000' }))).toEqual([422, 'code_expired']);
    }
  });

  describe('with a fresh sign-in', () => {
    const challenge = async (as = token) => (await call('POST', '/v1/sign-in/challenge', undefined, as)).body;
    const seconds = () => Math.floor((Date.now() + shift) / 1000);
    const idToken = (claims: Record<string, string | number | string[]>, client = 'profile-page') =>
      stack.tokenFor(user.username, { kind: 'id', client, claims });
    const verifySignIn = async (sent: string, as = token) =>
      statusAndCode(await call('POST', '/v1/sign-in/verify', { idToken: sent }, as));

    it('creates one proof', async () => {
      const { nonce, maxAge, expiresAt } = await challenge();
      expect(maxAge).toBe(0);
      expect(Date.parse(expiresAt) - Date.now()).toBeGreaterThan(590_000);
      const proof = await idToken({ nonce, auth_time: seconds() });
      expect(await verifySignIn(proof)).toEqual([201, 'signIn']);
      expect(await verifySignIn(proof)).toEqual([401, 'invalid_proof']);
    });

    it('creates one proof for ten concurrent requests', async () => {
      const { nonce } = await challenge();
      const proof = await idToken({ nonce, auth_time: seconds() });
      const responses = await Promise.all(Array.from({ length: 10 }, () => verifySignIn(proof)));
      expect(responses.filter(([status]) => status === 201)).toHaveLength(1);
    });

    it('accepts an auth_time up to five seconds before the challenge', async () => {
      const { nonce } = await challenge();
      expect(await verifySignIn(await idToken({ nonce, auth_time: seconds() - 7 }))).toEqual([401, 'invalid_proof']);
      expect(await verifySignIn(await idToken({ nonce, auth_time: seconds() - 4 }))).toEqual([201, 'signIn']);
    });

    it('rejects a nonce after ten minutes', async () => {
      const { nonce } = await challenge();
      shift = 601_000;
      expect(await verifySignIn(await idToken({ nonce, auth_time: seconds() }))).toEqual([401, 'invalid_proof']);
    });

    it('rejects an ID token with any invalid claim', async () => {
      const { nonce } = await challenge();
      const now = seconds();
      const [other, bob] = [await challenge(await stack.tokenFor('bob')), await stack.tokenFor('bob')];
      const rejected = [401, 'invalid_proof'];
      expect(await verifySignIn(await idToken({ nonce }))).toEqual(rejected);
      expect(await verifySignIn(await idToken({ auth_time: now }))).toEqual(rejected);
      expect(await verifySignIn(await idToken({ nonce: 'x', auth_time: now }))).toEqual(rejected);
      expect(await verifySignIn(await idToken({ nonce: other.nonce, auth_time: now }))).toEqual(rejected);
      expect(await verifySignIn(await idToken({ nonce, auth_time: now }, 'other-app'))).toEqual(rejected);
      expect(await verifySignIn(await idToken({ nonce, auth_time: now, iss: 'https://evil.example/oidc' }))).toEqual(
        rejected,
      );
      expect(await verifySignIn(await idToken({ nonce, auth_time: now, exp: now - 1 }))).toEqual(rejected);
      expect(await verifySignIn(await idToken({ nonce, auth_time: now, azp: 'other-app' }))).toEqual(rejected);
      expect(await verifySignIn(await idToken({ nonce, auth_time: now, aud: ['profile-page', 'x'] }))).toEqual(
        rejected,
      );
      const right = await idToken({ nonce, auth_time: now });
      expect(await verifySignIn(right, bob)).toEqual(rejected);
      expect(await verifySignIn(token)).toEqual(rejected);
      expect(await verifySignIn(`${right.slice(0, -4)}AAAA`)).toEqual(rejected);
      expect(await verifySignIn(right.replace(/\.[^.]+$/, '.'))).toEqual(rejected);
      expect(await verifySignIn('not a token')).toEqual(rejected);
      expect(await verifySignIn(right)).toEqual([201, 'signIn']);
    });

    it('returns 422 for a malformed body and 401 without a token', async () => {
      for (const sent of [undefined, null, 7, '', 'x'.repeat(16_385)]) {
        const { status, body } = await call('POST', '/v1/sign-in/verify', { idToken: sent });
        expect([status, body.errors]).toMatchObject([422, [{ pointer: '/idToken' }]]);
      }
      for (const path of ['challenge', 'verify']) {
        expect((await stack.api('POST', `/v1/sign-in/${path}`, { body: { idToken: 'x' } })).status).toBe(401);
      }
    });
  });
});
