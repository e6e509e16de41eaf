import { inspect } from 'node:util';
import { Logger } from '@nestjs/common';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Clock } from '../../src/platform/config/clock.js';
import { usesEmbeddedLogto, startStack, unique, type ApiResponse, type Stack } from './harness.js';
import type { NewUser, TenantUser } from './logto-tenant.js';

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
  const created = await stack.createUser({ password: PASSWORD, primaryEmail: newEmail(), ...data });
  return [created, await stack.tokenFor(created.username)];
}

const statusAndCode = ({ status, body }: ApiResponse): unknown[] => [status, body.code];
const STEP_UP = [401, 'step_up_required'];
const call = (method: string, path: string, body: unknown, as = token, ...ids: string[]) =>
  stack.api(method, path, { token: as, body, headers: ids.length > 0 ? { 'verification-id': ids.join(',') } : {} });
const patch = (body: unknown, ids: string[], as?: string) => call('PATCH', '/v1/profile', body, as, ...ids);
const verify = (password: string, as?: string) => call('POST', '/v1/password/verify', { password }, as);
const createIdentityProof = async (as?: string): Promise<string> => (await verify(PASSWORD, as)).body.verificationId;

async function createProofByCode(body: { email: string } | { target: 'primaryEmail' }, to: string, as?: string) {
  await call('POST', '/v1/verification-codes', body, as);
  const code = await stack.codeFor(to);
  const response = await call('POST', '/v1/verification-codes/verify', { ...body, code }, as);
  return response.body.verificationId as string;
}

describe('a proof', () => {
  it('is rejected when it is sent again', async () => {
    const proof = await createIdentityProof();
    expect((await patch({ username: unique() }, [proof])).status).toBe(200);
    expect(statusAndCode(await patch({ username: unique() }, [proof]))).toEqual(STEP_UP);
  });

  it('authorizes one of twenty concurrent changes', async () => {
    const proof = await createIdentityProof();
    const responses = await Promise.all(
      Array.from({ length: 20 }, () =>
        call('PUT', '/v1/password', { newPassword: `${PASSWORD}${unique()}` }, token, proof),
      ),
    );
    expect(responses.filter(({ status }) => status === 204)).toHaveLength(1);
  });

  it('is rejected for another user', async () => {
    const [, other] = await signUp();
    expect(statusAndCode(await patch({ username: unique() }, [await createIdentityProof(other)]))).toEqual(STEP_UP);
  });

  it('of an address is rejected for any other address', async () => {
    const [one, two] = [newEmail(), newEmail()];
    const [proof, address] = [await createIdentityProof(), await createProofByCode({ email: one }, one)];
    expect(statusAndCode(await patch({ primaryEmail: two }, [proof, address]))).toEqual(STEP_UP);
    expect((await patch({ primaryEmail: one }, [proof, address])).status).toBe(200);
  });

  it('of an address does not prove identity, not even by the primary email', async () => {
    const own = user.primaryEmail as string;
    const address = await createProofByCode({ email: own }, own);
    expect(statusAndCode(await patch({ username: unique() }, [address]))).toEqual(STEP_UP);
  });

  it('by a code to the primary email is void once another account has that email', async () => {
    const own = user.primaryEmail as string;
    const proof = await createProofByCode({ target: 'primaryEmail' }, own);
    await stack.tenant.call('PATCH', `/users/${user.id}`, { primaryEmail: null });
    await stack.createUser({ primaryEmail: own });
    expect(statusAndCode(await patch({ username: unique() }, [proof]))).toEqual(STEP_UP);
  });

  it('of an address is rejected with 409 once another account has that address', async () => {
    const email = newEmail();
    const [proof, address] = [await createIdentityProof(), await createProofByCode({ email }, email)];
    const owner = await stack.createUser({ primaryEmail: email });
    expect(statusAndCode(await patch({ primaryEmail: email }, [proof, address]))).toEqual([409, 'identifier_taken']);
    expect((await stack.tenant.user(owner.id)).primaryEmail).toBe(email);
  });

  it('expires after ten minutes', async () => {
    const proof = await createIdentityProof();
    shift = 10 * MINUTE + 1;
    expect(statusAndCode(await patch({ username: unique() }, [proof]))).toEqual(STEP_UP);
  });

  it('is rejected when its id is guessed or contains an injection', async () => {
    const proof = await createIdentityProof();
    for (const guess of [
      proof.slice(0, -1),
      `${proof}A`,
      `A${proof.slice(1)}`,
      "' or 1=1 --",
      '*',
      'a'.repeat(8_000),
    ]) {
      expect(statusAndCode(await patch({ username: unique() }, [guess]))).toEqual(STEP_UP);
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
  ])('of %s is rejected and changes nothing', async (name) => {
    const before = await stack.tenant.user(user.id);
    const { status } = await patch({ [name]: 'x', name: 'Mallory' }, []);
    expect([403, 422]).toContain(status);
    expect(await stack.tenant.user(user.id)).toEqual(before);
  });
});

describe('the limits on attempts', () => {
  it('reject codes after twenty wrong ones in an hour, even if new codes are sent', async () => {
    const outcomes: unknown[][] = [];
    for (let i = 0; i < 7; i++) {
      const email = newEmail();
      await call('POST', '/v1/verification-codes', { email });
      const code = await stack.codeFor(email);
      for (let j = 1; j <= 3; j++) {
        const guess = String((Number(code) + j) % 1_000_000).padStart(6, '0');
        outcomes.push(statusAndCode(await call('POST', '/v1/verification-codes/verify', { email, code: guess })));
      }
    }
    expect(outcomes.slice(0, 20)).toEqual(Array(20).fill([422, 'invalid_code']));
    expect(outcomes[20]).toEqual([429, 'too_many_attempts']);
  });

  it('lock passwords after ten wrong ones in a row, even if they are sent concurrently', async () => {
    const responses = await Promise.all(Array.from({ length: 30 }, (_, i) => verify(`wrong-${i}`)));
    expect(responses.filter(({ status }) => status === 422)).toHaveLength(10);
    const locked = await verify(PASSWORD);
    expect(statusAndCode(locked)).toEqual([429, 'too_many_attempts']);
    expect(Number(locked.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(locked.headers.get('ratelimit-policy')).toBe('"wrong-passwords";q=10');
    const change = await call('PUT', '/v1/password', { newPassword: `${PASSWORD}y`, currentPassword: PASSWORD });
    expect(statusAndCode(change)).toEqual([429, 'too_many_attempts']);
    const [, other] = await signUp();
    expect((await verify(PASSWORD, other)).status).toBe(201);
  });

  it('allow twenty code sends per user and ten per address', async () => {
    const email = newEmail();
    const sends = [];
    for (let i = 0; i < 25; i++) {
      sends.push((await call('POST', '/v1/verification-codes', { email: i < 12 ? email : newEmail() })).status);
    }
    expect(sends.slice(0, 12)).toEqual([...Array(10).fill(204), 429, 429]);
    expect(sends.slice(12)).toEqual([...Array(10).fill(204), 429, 429, 429]);
  });
});

(usesEmbeddedLogto ? describe : describe.skip)('attacks with a token issued for the purpose', () => {
  it("rejects another client's proof", async () => {
    const other = await stack.tokenFor(user.username, { client: 'api-docs' });
    expect(statusAndCode(await patch({ username: unique() }, [await createIdentityProof(other)]))).toEqual(STEP_UP);
  });

  it('rejects an application that is not in ALLOWED_CLIENT_IDS, also after a token exchange', async () => {
    const foreign = await stack.tokenFor(user.username, { client: 'other-app' });
    expect(statusAndCode(await call('GET', '/v1/profile', undefined, foreign))).toEqual([403, 'client_not_allowed']);
  });

  it('rejects every proof of an impersonator, whose token has an act claim', async () => {
    const acting = await stack.tokenFor(user.username, { claims: { act: { sub: 'support' } } });
    const own = await createIdentityProof();
    for (const response of [
      await verify(PASSWORD, acting),
      await patch({ username: unique() }, [own], acting),
      await call('PUT', '/v1/password', { newPassword: `${PASSWORD}y`, currentPassword: PASSWORD }, acting),
      await call('DELETE', '/v1/sessions', undefined, acting, own),
    ]) {
      expect(statusAndCode(response)).toEqual(STEP_UP);
      expect(response.body.proofs).toEqual([]);
    }
    expect((await patch({ username: unique() }, [own])).status).toBe(200);
  });

  it('logs no password, code, proof, address or token, whatever fails', async () => {
    const written: string[] = [];
    const write = (...parts: unknown[]) => void written.push(inspect(parts, { depth: 8 }));
    const spies = (['log', 'info', 'warn', 'error', 'debug'] as const).map((method) =>
      jest.spyOn(console, method).mockImplementation(write),
    );
    const secrets: string[] = [token, PASSWORD, 'wr0ng-and-secret!'];
    try {
      const loud = await startStack({ logto: stack.logto, environment: { LOG_LEVEL: 'debug' } });
      const everything = { log: write, error: write, warn: write, debug: write, verbose: write, fatal: write };
      Logger.overrideLogger(everything);
      const send = (method: string, path: string, body: unknown, headers?: Record<string, string>) =>
        loud.api(method, path, { token, body, headers });
      const email = newEmail();
      await send('POST', '/v1/verification-codes', { email });
      const code = await stack.codeFor(email);
      const wrongCode = String((Number(code) + 1) % 1_000_000).padStart(6, '0');
      await send('POST', '/v1/verification-codes/verify', { email, code: wrongCode });
      const address = (await send('POST', '/v1/verification-codes/verify', { email, code })).body.verificationId;
      const proof = (await send('POST', '/v1/password/verify', { password: PASSWORD })).body.verificationId;
      const idToken = await stack.tokenFor(user.username, { kind: 'id' });
      secrets.push(email, code, wrongCode, address, proof, idToken);
      await send('POST', '/v1/password/verify', { password: 'wr0ng-and-secret!' });
      await send('POST', '/v1/sign-in/verify', { idToken });
      for (const fault of [
        { status: 500 },
        { status: 422, body: { code: 'x', message: email } },
        { drop: 'after' as const },
      ]) {
        stack.logto!.faults.add({ operation: 'PATCH /api/**', times: 1, ...fault });
        await send('PATCH', '/v1/profile', { primaryEmail: email }, { 'verification-id': `${proof}, ${address}` });
        stack.logto!.faults.add({ operation: 'POST /api/**', times: 1, ...fault });
        await send('PUT', '/v1/password', { newPassword: `${PASSWORD}y`, currentPassword: 'wr0ng-and-secret!' });
      }
      await loud.stop();
    } finally {
      stack.logto!.faults.reset();
      Logger.overrideLogger(['error']);
      for (const spy of spies) spy.mockRestore();
    }
    expect(written.length).toBeGreaterThan(0);
    expect(secrets.filter((secret) => written.some((line) => line.includes(secret)))).toEqual([]);
  });

  it("rejects another user's fresh sign-in", async () => {
    const { nonce } = (await call('POST', '/v1/sign-in/challenge', undefined)).body;
    const [, stranger] = await signUp();
    const idToken = await stack.tokenFor(user.username, {
      kind: 'id',
      claims: { nonce, auth_time: Math.floor(Date.now() / 1000) },
    });
    expect(statusAndCode(await call('POST', '/v1/sign-in/verify', { idToken }, stranger))).toEqual([
      401,
      'invalid_proof',
    ]);
  });
});
