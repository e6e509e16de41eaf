import { inspect } from 'node:util';
import { Logger } from '@nestjs/common';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Clock } from '../../src/platform/config/clock.js';
import { atEmbeddedLogto, startStack, uniqueName, type ApiResponse, type Stack } from './harness.js';
import type { NewUser, TenantUser } from './logto-tenant.js';

const PASSWORD = 'Str0ng-Passw0rd!x';
const MINUTE_MS = 60_000;
const newEmail = () => `${uniqueName()}@example.com`;

let stack: Stack;
let clockOffsetMs = 0;
const clock = { provide: Clock, useValue: { now: () => Date.now() + clockOffsetMs } };
let user: TenantUser;
let token: string;

beforeAll(async () => {
  stack = await startStack({ overrides: [clock] });
}, 60_000);
afterAll(() => stack?.stop());
beforeEach(async () => {
  clockOffsetMs = 0;
  [user, token] = await signUp();
});

async function signUp(data: NewUser = {}): Promise<[TenantUser, string]> {
  const created = await stack.createUser({ password: PASSWORD, primaryEmail: newEmail(), ...data });
  return [created, await stack.tokenFor(created.username)];
}

const statusAndCode = ({ status, body }: ApiResponse): unknown[] => [status, body.code];
const STEP_UP = [401, 'step_up_required'];
const call = (method: string, path: string, body: unknown, callerToken = token, ...ids: string[]) =>
  stack.api(method, path, {
    token: callerToken,
    body,
    headers: ids.length > 0 ? { 'verification-id': ids.join(',') } : {},
  });
const patch = (body: unknown, ids: string[], callerToken?: string) =>
  call('PATCH', '/v1/profile', body, callerToken, ...ids);
const verifyPassword = (password: string, callerToken?: string) =>
  call('POST', '/v1/password/verify', { password }, callerToken);
const createIdentityProof = async (callerToken?: string): Promise<string> =>
  (await verifyPassword(PASSWORD, callerToken)).body.verificationId;

/** Creates a proof with a code that is sent to `address`. */
async function createProofByCode(
  body: { email: string } | { target: 'primaryEmail' },
  address: string,
  callerToken?: string,
) {
  await call('POST', '/v1/verification-codes', body, callerToken);
  const code = await stack.codeFor(address);
  const response = await call('POST', '/v1/verification-codes/verify', { ...body, code }, callerToken);
  return response.body.verificationId as string;
}

describe('the service', () => {
  it('rejects a proof that is sent again', async () => {
    const proof = await createIdentityProof();
    expect((await patch({ username: uniqueName() }, [proof])).status).toBe(200);
    expect(statusAndCode(await patch({ username: uniqueName() }, [proof]))).toEqual(STEP_UP);
  });

  it('accepts one of twenty concurrent changes with the same proof', async () => {
    const proof = await createIdentityProof();
    const responses = await Promise.all(
      Array.from({ length: 20 }, () =>
        call('PUT', '/v1/password', { newPassword: `${PASSWORD}${uniqueName()}` }, token, proof),
      ),
    );
    expect(responses.filter(({ status }) => status === 204)).toHaveLength(1);
  });

  it('rejects the proof of another user', async () => {
    const [, otherToken] = await signUp();
    expect(statusAndCode(await patch({ username: uniqueName() }, [await createIdentityProof(otherToken)]))).toEqual(
      STEP_UP,
    );
  });

  it('rejects the proof of an address for any other address', async () => {
    const [email, otherEmail] = [newEmail(), newEmail()];
    const [proof, addressProof] = [await createIdentityProof(), await createProofByCode({ email }, email)];
    expect(statusAndCode(await patch({ primaryEmail: otherEmail }, [proof, addressProof]))).toEqual(STEP_UP);
    expect((await patch({ primaryEmail: email }, [proof, addressProof])).status).toBe(200);
  });

  it('does not accept the proof of an address as a proof of identity, not even for the primary email', async () => {
    const email = user.primaryEmail as string;
    const addressProof = await createProofByCode({ email }, email);
    expect(statusAndCode(await patch({ username: uniqueName() }, [addressProof]))).toEqual(STEP_UP);
  });

  it('rejects a proof by a code to the primary email once another account has that email', async () => {
    const email = user.primaryEmail as string;
    const proof = await createProofByCode({ target: 'primaryEmail' }, email);
    await stack.tenant.call('PATCH', `/users/${user.id}`, { primaryEmail: null });
    await stack.createUser({ primaryEmail: email });
    expect(statusAndCode(await patch({ username: uniqueName() }, [proof]))).toEqual(STEP_UP);
  });

  it('returns 409 for the proof of an address once another account has that address', async () => {
    const email = newEmail();
    const [proof, addressProof] = [await createIdentityProof(), await createProofByCode({ email }, email)];
    const owner = await stack.createUser({ primaryEmail: email });
    expect(statusAndCode(await patch({ primaryEmail: email }, [proof, addressProof]))).toEqual([
      409,
      'identifier_taken',
    ]);
    expect((await stack.tenant.user(owner.id)).primaryEmail).toBe(email);
  });

  it('rejects a proof after ten minutes', async () => {
    const proof = await createIdentityProof();
    clockOffsetMs = 10 * MINUTE_MS + 1;
    expect(statusAndCode(await patch({ username: uniqueName() }, [proof]))).toEqual(STEP_UP);
  });

  it('rejects a proof id that is guessed or contains an injection', async () => {
    const proof = await createIdentityProof();
    for (const guess of [
      proof.slice(0, -1),
      `${proof}A`,
      `A${proof.slice(1)}`,
      "' or 1=1 --",
      '*',
      'a'.repeat(8_000),
    ]) {
      expect(statusAndCode(await patch({ username: uniqueName() }, [guess]))).toEqual(STEP_UP);
    }
    expect((await patch({ username: uniqueName() }, [proof])).status).toBe(200);
  });
});

describe('a patch with a member that users cannot change', () => {
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
  ])('is rejected and changes nothing: %s', async (name) => {
    const before = await stack.tenant.user(user.id);
    const { status } = await patch({ [name]: 'x', name: 'Mallory' }, []);
    expect([403, 422]).toContain(status);
    expect(await stack.tenant.user(user.id)).toEqual(before);
  });
});

describe('the limits on attempts', () => {
  it('reject every code after twenty wrong ones in an hour, even if new codes are sent', async () => {
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

  it('reject every password after ten wrong ones in a row, even if they are sent concurrently', async () => {
    const responses = await Promise.all(Array.from({ length: 30 }, (_, i) => verifyPassword(`wrong-${i}`)));
    expect(responses.filter(({ status }) => status === 422)).toHaveLength(10);
    const locked = await verifyPassword(PASSWORD);
    expect(statusAndCode(locked)).toEqual([429, 'too_many_attempts']);
    expect(Number(locked.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(locked.headers.get('ratelimit-policy')).toBe('"wrong-passwords";q=10');
    const change = await call('PUT', '/v1/password', { newPassword: `${PASSWORD}y`, currentPassword: PASSWORD });
    expect(statusAndCode(change)).toEqual([429, 'too_many_attempts']);
    const [, otherToken] = await signUp();
    expect((await verifyPassword(PASSWORD, otherToken)).status).toBe(201);
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

describe('the service', () => {
  it("rejects another client's proof", async () => {
    const otherToken = await stack.tokenFor(user.username, { client: 'api-docs' });
    expect(statusAndCode(await patch({ username: uniqueName() }, [await createIdentityProof(otherToken)]))).toEqual(
      STEP_UP,
    );
  });

  it('rejects an application that is not in ALLOWED_CLIENT_IDS', async () => {
    const otherAppToken = await stack.tokenFor(user.username, { client: 'other-app' });
    expect(statusAndCode(await call('GET', '/v1/profile', undefined, otherAppToken))).toEqual([
      403,
      'client_not_allowed',
    ]);
  });

  atEmbeddedLogto('rejects every proof of an impersonator, whose token has an act claim', async () => {
    const impersonatorToken = await stack.tokenFor(user.username, { claims: { act: { sub: 'support' } } });
    const own = await createIdentityProof();
    for (const response of [
      await verifyPassword(PASSWORD, impersonatorToken),
      await patch({ username: uniqueName() }, [own], impersonatorToken),
      await call('PUT', '/v1/password', { newPassword: `${PASSWORD}y`, currentPassword: PASSWORD }, impersonatorToken),
      await call('DELETE', '/v1/sessions', undefined, impersonatorToken, own),
    ]) {
      expect(statusAndCode(response)).toEqual(STEP_UP);
      expect(response.body.proofs).toEqual([]);
    }
    expect((await patch({ username: uniqueName() }, [own])).status).toBe(200);
  });

  it('logs no password, code, proof, address or token, even when calls to Logto fail', async () => {
    const logLines: string[] = [];
    const write = (...parts: unknown[]) => void logLines.push(inspect(parts, { depth: 8 }));
    const spies = (['log', 'info', 'warn', 'error', 'debug'] as const).map((method) =>
      jest.spyOn(console, method).mockImplementation(write),
    );
    const secrets: string[] = [token, PASSWORD, 'wr0ng-and-secret!'];
    try {
      const debugStack = await startStack({ logto: stack.logto, environment: { LOG_LEVEL: 'debug' } });
      const recordingLogger = { log: write, error: write, warn: write, debug: write, verbose: write, fatal: write };
      Logger.overrideLogger(recordingLogger);
      const send = (method: string, path: string, body: unknown, headers?: Record<string, string>) =>
        debugStack.api(method, path, { token, body, headers });
      const email = newEmail();
      await send('POST', '/v1/verification-codes', { email });
      const code = await debugStack.codeFor(email);
      const wrongCode = String((Number(code) + 1) % 1_000_000).padStart(6, '0');
      await send('POST', '/v1/verification-codes/verify', { email, code: wrongCode });
      const addressProof = (await send('POST', '/v1/verification-codes/verify', { email, code })).body.verificationId;
      const proof = (await send('POST', '/v1/password/verify', { password: PASSWORD })).body.verificationId;
      const idToken = await stack.tokenFor(user.username, { kind: 'id' });
      secrets.push(email, code, wrongCode, addressProof, proof, idToken);
      await send('POST', '/v1/password/verify', { password: 'wr0ng-and-secret!' });
      await send('POST', '/v1/sign-in/verify', { idToken });
      for (const fault of [
        { status: 500 },
        { status: 422, body: { code: 'x', message: email } },
        { drop: 'after' as const },
      ]) {
        debugStack.faults.add({ operation: 'PATCH /api/**', times: 1, ...fault });
        await send('PATCH', '/v1/profile', { primaryEmail: email }, { 'verification-id': `${proof}, ${addressProof}` });
        debugStack.faults.add({ operation: 'POST /api/**', times: 1, ...fault });
        await send('PUT', '/v1/password', { newPassword: `${PASSWORD}y`, currentPassword: 'wr0ng-and-secret!' });
      }
      debugStack.faults.reset();
      await debugStack.stop();
    } finally {
      Logger.overrideLogger(['error']);
      for (const spy of spies) spy.mockRestore();
    }
    expect(logLines.length).toBeGreaterThan(0);
    expect(secrets.filter((secret) => logLines.some((line) => line.includes(secret)))).toEqual([]);
  });

  it("rejects another user's fresh sign-in", async () => {
    const { nonce } = (await call('POST', '/v1/sign-in/challenge', undefined)).body;
    const [, otherToken] = await signUp();
    const idToken = await stack.tokenFor(user.username, {
      kind: 'id',
      claims: { nonce, auth_time: Math.floor(Date.now() / 1000) },
    });
    expect(statusAndCode(await call('POST', '/v1/sign-in/verify', { idToken }, otherToken))).toEqual([
      401,
      'invalid_proof',
    ]);
  });
});
