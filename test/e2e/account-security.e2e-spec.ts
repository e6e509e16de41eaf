import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { embedded, startStack, unique, type Answer, type Stack } from './harness.js';
import type { NewUser, TenantUser } from './logto-tenant.js';
import { plantSession } from './sessions.js';

const PASSWORD = 'Str0ng-Passw0rd!x';

let stack: Stack;
let user: TenantUser;
let token: string;

beforeAll(async () => {
  stack = await startStack({ environment: { UPSTREAM_TIMEOUT_MS: embedded ? '1500' : undefined } });
}, 60_000);
afterAll(() => stack?.stop());
beforeEach(() => signUp());
afterEach(() => stack.logto?.faults.reset());

async function signUp(data: NewUser = {}): Promise<void> {
  user = await stack.createUser({ password: PASSWORD, ...data });
  token = await stack.tokenFor(user.username);
}

const call = (method: string, path: string, headers?: Record<string, string>) =>
  stack.api(method, path, { token, headers });
const outcome = ({ status, body }: Answer) => [status, body.code];
const prove = async () => {
  const { body } = await stack.api('POST', '/v1/password/verify', { token, body: { password: PASSWORD } });
  return { 'verification-id': body.verificationId as string };
};
const connect = (target: string) =>
  stack.tenant.call('PUT', `/users/${user.id}/identities/${target}`, {
    userId: unique(),
    details: { name: 'Alice at work', email: 'a@work.example', rawData: { secret: 'x' } },
  });

describe.each([
  ['DELETE', '/v1/sessions'],
  ['DELETE', '/v1/sessions/x'],
  ['DELETE', '/v1/identities/github'],
  ['DELETE', '/v1/mfa-factors/x'],
])('%s %s', (method, path) => {
  it('needs a proof', async () => {
    expect(outcome(await call(method, path))).toEqual([401, 'step_up_required']);
  });
});

describe('what is not there', () => {
  it.each(['/v1/sessions/x', '/v1/identities/github', '/v1/mfa-factors/x'])(
    'cannot be removed from %s, and the proof stays usable',
    async (path) => {
      const proof = await prove();
      expect(outcome(await call('DELETE', path, proof))).toEqual([404, 'not_found']);
      expect(outcome(await call('DELETE', path, proof))).toEqual([404, 'not_found']);
    },
  );
});

describe('identities', () => {
  it('are listed without what the provider keeps for itself', async () => {
    await connect('github');
    expect((await call('GET', '/v1/identities')).body).toEqual({
      identities: [{ target: 'github', type: 'social', name: 'Alice at work', email: 'a@work.example' }],
    });
  });

  it('are removed with a proof, which is used up', async () => {
    await connect('github');
    await connect('google');
    const proof = await prove();
    expect((await call('DELETE', '/v1/identities/github', proof)).status).toBe(204);
    expect(outcome(await call('DELETE', '/v1/identities/google', proof))).toEqual([401, 'step_up_required']);
    expect((await stack.tenant.user(user.id)).identities).toMatchObject({ google: {} });
  });

  it('may all go while an email is left', async () => {
    await signUp({ password: undefined, primaryEmail: `${unique()}@example.com` });
    await connect('github');
    await connect('google');
    const target = 'primaryEmail';
    const byCode = async () => {
      await stack.api('POST', '/v1/verification-codes', { token, body: { target } });
      const code = await stack.codeFor(user.primaryEmail as string);
      const sent = { token, body: { target, code } };
      return {
        'verification-id': (await stack.api('POST', '/v1/verification-codes/verify', sent)).body.verificationId,
      };
    };
    expect((await call('DELETE', '/v1/identities/github', await byCode())).status).toBe(204);
    expect((await call('DELETE', '/v1/identities/google', await byCode())).status).toBe(204);
  });
});

describe('second factors', () => {
  it('are listed and removed', async () => {
    await stack.tenant.call('POST', `/users/${user.id}/mfa-verifications`, { type: 'Totp' });
    const { factors } = (await call('GET', '/v1/mfa-factors')).body;
    expect(factors).toMatchObject([{ type: 'Totp', lastUsedAt: null, name: null, remainingCodes: null }]);
    expect((await call('DELETE', `/v1/mfa-factors/${factors[0].id}`, await prove())).status).toBe(204);
    expect((await call('GET', '/v1/mfa-factors')).body).toEqual({ factors: [] });
  });

  it('of another user are not found', async () => {
    const other = await stack.createUser();
    await stack.tenant.call('POST', `/users/${other.id}/mfa-verifications`, { type: 'Totp' });
    const [factor] = await stack.tenant.call('GET', `/users/${other.id}/mfa-verifications`);
    expect(outcome(await call('DELETE', `/v1/mfa-factors/${factor.id}`, await prove()))).toEqual([404, 'not_found']);
  });
});

(embedded ? describe : describe.skip)('with the embedded Logto', () => {
  const plant = (name: string, owner = user.id) => plantSession(stack, owner, `${name}-${owner}`);
  const hint = async (sid: string) => ({
    'id-token-hint': await stack.tokenFor(user.username, { kind: 'id', claims: { sid } }),
  });

  it('lists sessions, and marks the own one when the hint says which it is', async () => {
    const [one, two] = [plant('one'), plant('two')];
    const current = async (headers?: Record<string, string>) => {
      const { sessions } = (await call('GET', '/v1/sessions', headers)).body;
      return sessions.map((session: { id: string; current: unknown }) => [session.id, session.current]);
    };
    const unknown = [one, two].map((id) => [id, null]);
    expect(await current()).toEqual(unknown);
    expect(await current({ 'id-token-hint': await stack.tokenFor(user.username, { kind: 'id' }) })).toEqual(unknown);
    expect(await current(await hint(`sid-two-${user.id}`))).toEqual([
      [one, false],
      [two, true],
    ]);
    const bad = await call('GET', '/v1/sessions', { 'id-token-hint': token });
    expect([bad.status, bad.body.errors[0].pointer]).toEqual([422, 'header:Id-Token-Hint']);
  });

  it('ends one session, and none of another user', async () => {
    const [own, bystander] = [plant('own'), await stack.createUser()];
    const foreign = plant('foreign', bystander.id);
    const proof = await prove();
    expect(outcome(await call('DELETE', `/v1/sessions/${foreign}`, proof))).toEqual([404, 'not_found']);
    expect((await call('DELETE', `/v1/sessions/${own}`, proof)).status).toBe(204);
    token = await stack.renewedToken(user.username);
    expect((await call('GET', '/v1/sessions')).body).toEqual({ sessions: [] });
    expect((await stack.tenant.call('GET', `/users/${bystander.id}/sessions`)).sessions).toHaveLength(1);
  });

  it('ends the others and spares the own one', async () => {
    for (const name of ['mine', 'two', 'three']) plant(name);
    const headers = { ...(await prove()), ...(await hint(`sid-mine-${user.id}`)) };
    expect((await call('DELETE', '/v1/sessions', headers)).body).toEqual({ ended: 2, currentSpared: true });
    token = await stack.renewedToken(user.username);
    expect((await call('DELETE', '/v1/sessions', await prove())).body).toEqual({ ended: 1, currentSpared: false });
  });

  it('keeps the last way to sign in, however many removals race', async () => {
    await signUp({ password: undefined });
    await connect('github');
    await connect('google');
    const signIn = async () => {
      const { nonce } = (await stack.api('POST', '/v1/sign-in/challenge', { token })).body;
      const claims = { nonce, auth_time: Math.floor(Date.now() / 1000) };
      const body = { idToken: await stack.tokenFor(user.username, { kind: 'id', claims }) };
      return {
        'verification-id': (await stack.api('POST', '/v1/sign-in/verify', { token, body })).body.verificationId,
      };
    };
    const proofs = [await signIn(), await signIn()];
    expect(outcome(await call('DELETE', '/v1/identities/github'))).toEqual([401, 'step_up_required']);
    const answers = await Promise.all(
      ['github', 'google'].map((target, i) => call('DELETE', `/v1/identities/${target}`, proofs[i])),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 422]);
    expect(answers.find(({ status }) => status === 422)?.body.code).toBe('last_identifier');
    const [last] = (await call('GET', '/v1/identities')).body.identities;
    // Nobody proves themselves for what is refused anyway.
    expect(outcome(await call('DELETE', `/v1/identities/${last.target}`))).toEqual([422, 'last_identifier']);
  });

  it.each([
    ['/v1/sessions', 'GET /api/users/*/sessions'],
    ['/v1/identities', 'GET /api/users/*/all-identities'],
    ['/v1/mfa-factors', 'GET /api/users/*/mfa-verifications'],
  ])('GET %s tells what is wrong at Logto', async (path, operation) => {
    const failing = async (fault: object) => {
      stack.logto!.faults.add({ operation, ...fault });
      const answer = await call('GET', path);
      stack.logto!.faults.reset();
      return outcome(answer);
    };
    expect(await failing({ status: 403, body: { code: 'auth.forbidden' } })).toEqual([502, 'upstream_failed']);
    expect(await failing({ drop: 'before' })).toEqual([503, 'upstream_unavailable']);
  });
});
