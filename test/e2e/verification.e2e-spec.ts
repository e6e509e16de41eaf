import { randomInt } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Clock } from '../../src/platform/config/clock.js';
import { atEmbeddedLogto, usesEmbeddedLogto, startStack, uniqueName, type ApiResponse, type Stack } from './harness.js';
import type { NewUser, TenantUser } from './logto-tenant.js';

const CODES = '/v1/verification-codes';
const newEmail = () => `${uniqueName()}@example.com`;
const newPhone = () => `1555${randomInt(1_000_000, 9_999_999)}`;

let stack: Stack;
let user: TenantUser;
let token: string;
let clockOffsetMs = 0;

beforeAll(async () => {
  stack = await startStack({
    environment: { UPSTREAM_TIMEOUT_MS: usesEmbeddedLogto ? '1500' : '2200' },
    overrides: [{ provide: Clock, useValue: { now: () => Date.now() + clockOffsetMs } }],
  });
}, 60_000);
afterAll(() => stack?.stop());
beforeEach(() => signUp());
afterEach(() => {
  clockOffsetMs = 0;
  stack.faults.reset();
});

async function signUp(data: NewUser = {}): Promise<void> {
  user = await stack.createUser({ primaryEmail: newEmail(), ...data });
  token = await stack.tokenFor(user.username);
}

const call = (method: string, path: string, body?: unknown, callerToken = token) =>
  stack.api(method, path, { token: callerToken, body });
const sendCode = (body: unknown, callerToken?: string) => call('POST', CODES, body, callerToken);
const verifyCode = (body: unknown, callerToken?: string) => call('POST', `${CODES}/verify`, body, callerToken);
const statusAndCode = ({ status, body }: ApiResponse) => [status, body.code ?? body.kind];
const createWrongCode = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, '0');

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
    for (const response of [await sendCode(body), await verifyCode({ ...body, code: '123456' })]) {
      expect(statusAndCode(response)).toEqual([422, 'validation_failed']);
      expect(response.body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual(pointers);
    }
    if (stack.logto) expect(stack.logto.calls.count('POST /api/verification-codes')).toBe(0);
  });
});

describe('a code to the address of another account', () => {
  const holders = [
    ['email', async () => ({ primaryEmail: newEmail() }), ({ primaryEmail: email }: TenantUser) => ({ email })],
    [
      'email in another letter case',
      async () => ({ primaryEmail: newEmail() }),
      ({ primaryEmail }: TenantUser) => ({ email: primaryEmail!.toUpperCase() }),
    ],
    [
      'email with a domain in Unicode',
      async () => ({ primaryEmail: `${uniqueName()}@m\u00FCnchen.example` }),
      ({ primaryEmail }: TenantUser) => ({ email: primaryEmail! }),
    ],
    ['phone', async () => ({ primaryPhone: newPhone() }), ({ primaryPhone: phone }: TenantUser) => ({ phone })],
  ] as const;

  it.each(holders)(
    'is not sent (%s), and gets the same responses as one to a free address',
    async (_kind, data, toBody) => {
      const taken = toBody(await stack.createUser(await data()));
      const sentBefore = stack.logto?.tenant.sentMessages.length ?? 0;
      const free = 'phone' in taken ? { phone: newPhone() } : { email: newEmail() };
      const outcomes = [];
      for (const address of [free, taken]) {
        await signUp();
        const responses = [await sendCode(address)];
        const wrong =
          usesEmbeddedLogto && address === free
            ? createWrongCode(await stack.codeFor(Object.values(free)[0]!))
            : '000000';
        // One more than Logto's limit for a code.
        for (let attempt = 0; attempt < 11; attempt += 1) responses.push(await verifyCode({ ...address, code: wrong }));
        outcomes.push(
          responses.map((response) => [
            ...statusAndCode(response),
            [...response.headers.keys()].sort(),
            response.body.title,
          ]),
        );
      }
      expect(outcomes[1]).toEqual(outcomes[0]);
      await stack.settled();
      if (stack.logto) expect(stack.logto.tenant.sentMessages).toHaveLength(sentBefore + 1);
      expect(outcomes[1]!.map(([, code]) => code)).toEqual([
        undefined,
        ...Array(10).fill('invalid_code'),
        'code_expired',
      ]);
    },
  );

  it('leaves the codes of its holder valid, and proves nothing with them', async () => {
    const address = user.primaryEmail as string;
    const other = await stack.tokenFor((await stack.createUser()).username);
    await sendCode({ target: 'primaryEmail' });
    const code = await stack.codeFor(address);
    await sendCode({ email: address }, other);
    expect(await stack.codeFor(address)).toBe(code);
    expect(statusAndCode(await verifyCode({ email: address, code }, other))).toEqual([422, 'invalid_code']);
    expect(statusAndCode(await verifyCode({ target: 'primaryEmail', code }))).toEqual([201, 'email']);
  });

  it('does not use the budget of its holder', async () => {
    const address = user.primaryEmail as string;
    for (let sender = 0; sender < 2; sender += 1) {
      const other = await stack.tokenFor((await stack.createUser()).username);
      const statuses = [];
      for (let n = 0; n < 11; n += 1) statuses.push((await sendCode({ email: address }, other)).status);
      expect(statuses).toEqual([...Array(10).fill(204), 429]);
    }
    expect((await sendCode({ target: 'primaryEmail' })).status).toBe(204);
    const code = await stack.codeFor(address);
    expect(statusAndCode(await verifyCode({ target: 'primaryEmail', code }))).toEqual([201, 'email']);
  });

  it('is sent to an address of the own account', async () => {
    const email = user.primaryEmail as string;
    await sendCode({ email });
    expect(statusAndCode(await verifyCode({ email, code: await stack.codeFor(email) }))).toEqual([201, 'email']);
  });
});

describe('POST /v1/verification-codes/verify', () => {
  it.each([
    ['an email', 'email', () => ({ email: newEmail() })],
    ['a phone', 'phone', () => ({ phone: newPhone() })],
  ])('creates one proof for a code to %s', async (_what, kind, createBody) => {
    const body = createBody();
    expect(statusAndCode(await sendCode(body))).toEqual([204, undefined]);
    const code = await stack.codeFor(Object.values(body)[0] as string);
    const first = await verifyCode({ ...body, code });
    expect(statusAndCode(first)).toEqual([201, kind]);
    expect(first.body.verificationId).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(statusAndCode(await verifyCode({ ...body, code }))).toEqual([422, 'code_expired']);
  });

  it('accepts the address in any spelling', async () => {
    const name = uniqueName();
    await sendCode({ email: ` ${name}@EXAMPLE.com` });
    const code = await stack.codeFor(`${name}@example.com`);
    expect(statusAndCode(await verifyCode({ email: `${name.toUpperCase()}@example.com`, code }))).toEqual([
      201,
      'email',
    ]);
    const phone = `7700${randomInt(900_000, 999_999)}`;
    await sendCode({ phone: `+44 (0)${phone}` });
    expect(statusAndCode(await verifyCode({ phone: `44${phone}`, code: await stack.codeFor(`44${phone}`) }))).toEqual([
      201,
      'phone',
    ]);
  });

  it('rejects a wrong code and then accepts the correct one', async () => {
    const email = newEmail();
    await sendCode({ email });
    const code = await stack.codeFor(email);
    expect(statusAndCode(await verifyCode({ email, code: createWrongCode(code) }))).toEqual([422, 'invalid_code']);
    expect(statusAndCode(await verifyCode({ email, code }))).toEqual([201, 'email']);
  });

  it('rejects a code that a newer one has replaced', async () => {
    const email = newEmail();
    await sendCode({ email });
    const oldCode = await stack.codeFor(email);
    await sendCode({ email });
    const code = await stack.codeFor(email);
    if (oldCode !== code)
      expect(statusAndCode(await verifyCode({ email, code: oldCode }))).toEqual([422, 'invalid_code']);
    expect(statusAndCode(await verifyCode({ email, code }))).toEqual([201, 'email']);
  });

  it('accepts a code only from the user who requested the latest one', async () => {
    const email = newEmail();
    const otherToken = await stack.tokenFor((await stack.createUser()).username);
    await sendCode({ email });
    const code = await stack.codeFor(email);
    expect(statusAndCode(await verifyCode({ email, code }, otherToken))).toEqual([422, 'invalid_code']);
    await sendCode({ email }, otherToken);
    const newer = await stack.codeFor(email);
    expect(statusAndCode(await verifyCode({ email, code: newer }))).toEqual([422, 'invalid_code']);
    expect(statusAndCode(await verifyCode({ email, code: newer }, otherToken))).toEqual([201, 'email']);
  });

  it('rejects a code that was sent for another purpose', async () => {
    const email = user.primaryEmail as string;
    await sendCode({ email });
    const code = await stack.codeFor(email);
    expect(statusAndCode(await verifyCode({ target: 'primaryEmail', code }))).toEqual([422, 'invalid_code']);
    await sendCode({ target: 'primaryEmail' });
    const targetCode = await stack.codeFor(email);
    expect(statusAndCode(await verifyCode({ email, code: targetCode }))).toEqual([422, 'invalid_code']);
    expect(statusAndCode(await verifyCode({ target: 'primaryEmail', code: targetCode }))).toEqual([201, 'email']);
  });

  it('creates one proof for ten concurrent checks of the same code', async () => {
    const email = newEmail();
    await sendCode({ email });
    const code = await stack.codeFor(email);
    const responses = await Promise.all(Array.from({ length: 10 }, () => verifyCode({ email, code })));
    const created = responses.filter(({ status }) => status === 201);
    expect(created).toHaveLength(1);
    expect(responses.filter(({ status }) => status === 422)).toHaveLength(9);
  });

  it('returns 422 for a malformed code', async () => {
    for (const code of [undefined, null, 123456, '', 'x'.repeat(33)]) {
      const { status, body } = await verifyCode({ email: newEmail(), code });
      expect([status, body.errors]).toMatchObject([422, [{ pointer: '/code' }]]);
    }
  });
});

describe('verification with faults of Logto', () => {
  let minutes = 0;
  /** Makes the next send list the tenant's connectors again, which are cached for a minute. */
  const outdateChannels = () => (clockOffsetMs = 60_000 * ++minutes);

  afterEach(async () => {
    stack.faults.reset();
    outdateChannels();
    expect((await sendCode({ phone: newPhone() })).status).toBe(204);
    await stack.settled();
    clockOffsetMs = 0;
  });

  it.each([
    ['email' as const, () => ({ email: newEmail() })],
    ['sms' as const, () => ({ phone: newPhone() })],
  ])('returns 501 for a code without a connector for %s', async (channel, body) => {
    const connectors = (await stack.tenant.call('GET', '/connectors')) as { type: string }[];
    const others = connectors.filter(({ type }) => type.toLowerCase() !== channel);
    stack.faults.add({ operation: 'GET /api/connectors', status: 200, body: others });
    outdateChannels();
    const response = await sendCode(body());
    expect(statusAndCode(response)).toEqual([501, 'channel_not_configured']);
    expect(response.body.detail).toBe(`Logto has no ${channel === 'sms' ? 'SMS' : 'email'} connector.`);
  });

  atEmbeddedLogto('says which connector has no template for codes', async () => {
    const connector = [...stack.logto!.tenant.connectors.values()].find(({ type }) => type === 'Email')!;
    const { templates } = connector;
    connector.templates = ['SignIn'];
    outdateChannels();
    const responses = [await sendCode({ email: newEmail() }), await sendCode({ target: 'primaryEmail' })];
    connector.templates = templates;
    for (const response of responses) {
      expect(statusAndCode(response)).toEqual([501, 'channel_not_configured']);
      expect(response.body.detail).toBe("Logto's email connector has no template for the usage type Generic.");
    }
    expect((await sendCode({ phone: newPhone() })).status).toBe(204);
  });

  it('sends codes to new addresses while the connectors cannot be listed', async () => {
    stack.faults.add({ operation: 'GET /api/connectors', status: 403 });
    outdateChannels();
    const email = newEmail();
    expect((await sendCode({ email })).status).toBe(204);
    expect(await stack.codeFor(email)).toMatch(/^\d{6}$/);
  });

  it('sends nothing while it is unknown whether another account has the address', async () => {
    stack.faults.add({ operation: 'GET /api/users', status: 500 });
    const email = newEmail();
    expect((await sendCode({ email })).status).toBe(204);
    await expect(stack.codeFor(email)).rejects.toThrow('No code was sent');
    expect(statusAndCode(await verifyCode({ email, code: '000000' }))).toEqual([422, 'invalid_code']);
  });

  it('responds with 204 before it looks the new address up', async () => {
    let release!: () => void;
    const held = new Promise<void>((resolve) => (release = resolve));
    stack.faults.add({ operation: 'GET /api/users', until: held });
    const sends = stack.calls.count('POST /api/verification-codes');
    const email = newEmail();
    expect((await sendCode({ email })).status).toBe(204);
    expect(stack.calls.count('POST /api/verification-codes')).toBe(sends);
    release();
    expect(await stack.codeFor(email)).toMatch(/^\d{6}$/);
  });

  it.each([
    [{ status: 403, body: { code: 'auth.forbidden' } }, [502, 'upstream_failed']],
    [{ status: 500 }, [502, 'upstream_failed']],
    [{ drop: 'before' as const }, [503, 'upstream_unavailable']],
    [{ latency: 2_500 }, [504, 'upstream_timeout']],
    [{ status: 429, body: { code: 'request.message_rate_limited' } }, [429, 'rate_limited']],
    [{ status: 400, body: { code: 'connector.general' } }, [502, 'message_not_sent']],
    [{ status: 400, body: { code: 'connector.invalid_config' } }, [502, 'message_not_sent']],
    [{ status: 429, body: { code: 'connector.rate_limit_exceeded' } }, [502, 'message_not_sent']],
  ])('responds to the fault %j with %j for the own address, and with 204 for any other', async (fault, expected) => {
    stack.faults.add({ operation: 'POST /api/verification-codes', ...fault });
    expect(statusAndCode(await sendCode({ target: 'primaryEmail' }))).toEqual(expected);
    expect((await sendCode({ email: newEmail() })).status).toBe(204);
    await stack.settled();
  });

  it('returns invalid_code only if Logto compared the code, and keeps the code usable', async () => {
    const email = newEmail();
    await sendCode({ email });
    const code = await stack.codeFor(email);
    stack.calls.reset();
    const guesses = await Promise.all(
      Array.from({ length: 5 }, () => verifyCode({ email, code: createWrongCode(code) })),
    );
    const comparisons = stack.calls.count('POST /api/verification-codes/verify');
    expect(guesses.filter(({ body }) => body.code === 'invalid_code')).toHaveLength(comparisons);
    expect(statusAndCode(await verifyCode({ email, code }))).toEqual([201, 'email']);
  });

  it('keeps the code usable when Logto rejects the call, and consumes it after an unknown outcome', async () => {
    const email = newEmail();
    await sendCode({ email });
    const code = await stack.codeFor(email);
    const operation = 'POST /api/verification-codes/verify';
    stack.faults.add({ operation, status: 403, body: { code: 'auth.forbidden' }, times: 1 });
    expect(statusAndCode(await verifyCode({ email, code }))).toEqual([502, 'upstream_failed']);
    stack.faults.add({ operation, drop: 'before', times: 1 });
    expect((await verifyCode({ email, code })).status).toBe(503);
    expect(statusAndCode(await verifyCode({ email, code }))).toEqual([422, 'code_expired']);
  });

  it.each([
    ['code_expired for the own address', () => ({ target: 'primaryEmail' }), 'code_expired'],
    [
      'invalid_code for any other, as for the address of another account',
      () => ({ email: newEmail() }),
      'invalid_code',
    ],
  ])('returns %s when Logto has no valid code', async (_what, toBody, expected) => {
    const body = toBody();
    for (const code of ['exceed_max_try', 'expired', 'not_found']) {
      await sendCode(body);
      await stack.settled();
      stack.faults.add({
        operation: 'POST /api/verification-codes/verify',
        status: 400,
        body: { code: `verification_code.${code}` },
        times: 1,
      });
      expect(statusAndCode(await verifyCode({ ...body, code: '000000' }))).toEqual([422, expected]);
    }
  });

  describe('POST /v1/sign-in/verify', () => {
    beforeEach(async () => {
      user = await stack.createUser({ password: 'Str0ng-Passw0rd!x' });
      token = await stack.tokenFor(user.username, { client: 'profile-page' });
    });
    const createChallenge = async (callerToken = token) =>
      (await call('POST', '/v1/sign-in/challenge', undefined, callerToken)).body;
    const nowSeconds = () => Math.floor((Date.now() + clockOffsetMs) / 1000);
    const issueIdToken = (claims: Record<string, string | number | string[]>, client = 'profile-page') =>
      stack.tokenFor(user.username, { kind: 'id', client, claims });
    const verifySignIn = async (idToken: string, callerToken = token) =>
      statusAndCode(await call('POST', '/v1/sign-in/verify', { idToken }, callerToken));

    it('creates one proof', async () => {
      const { nonce, maxAge, expiresAt } = await createChallenge();
      expect(maxAge).toBe(0);
      expect(Date.parse(expiresAt) - Date.now()).toBeGreaterThan(590_000);
      const proof = await issueIdToken({ nonce, auth_time: nowSeconds() });
      expect(await verifySignIn(proof)).toEqual([201, 'signIn']);
      expect(await verifySignIn(proof)).toEqual([401, 'invalid_proof']);
    });

    it('creates one proof for ten concurrent requests', async () => {
      const { nonce } = await createChallenge();
      const proof = await issueIdToken({ nonce, auth_time: nowSeconds() });
      const responses = await Promise.all(Array.from({ length: 10 }, () => verifySignIn(proof)));
      expect(responses.filter(([status]) => status === 201)).toHaveLength(1);
    });

    atEmbeddedLogto('accepts an auth_time up to five seconds before the challenge', async () => {
      const { nonce } = await createChallenge();
      expect(await verifySignIn(await issueIdToken({ nonce, auth_time: nowSeconds() - 7 }))).toEqual([
        401,
        'invalid_proof',
      ]);
      expect(await verifySignIn(await issueIdToken({ nonce, auth_time: nowSeconds() - 4 }))).toEqual([201, 'signIn']);
    });

    it('rejects a nonce after ten minutes', async () => {
      const { nonce } = await createChallenge();
      clockOffsetMs = 601_000;
      expect(await verifySignIn(await issueIdToken({ nonce, auth_time: nowSeconds() }))).toEqual([
        401,
        'invalid_proof',
      ]);
    });

    atEmbeddedLogto('rejects an ID token with any invalid claim', async () => {
      const { nonce } = await createChallenge();
      const now = nowSeconds();
      const bobToken = await stack.tokenFor('bob');
      const bobChallenge = await createChallenge(bobToken);
      const rejected = [401, 'invalid_proof'];
      expect(await verifySignIn(await issueIdToken({ nonce }))).toEqual(rejected);
      expect(await verifySignIn(await issueIdToken({ auth_time: now }))).toEqual(rejected);
      expect(await verifySignIn(await issueIdToken({ nonce: 'x', auth_time: now }))).toEqual(rejected);
      expect(await verifySignIn(await issueIdToken({ nonce: bobChallenge.nonce, auth_time: now }))).toEqual(rejected);
      expect(await verifySignIn(await issueIdToken({ nonce, auth_time: now }, 'other-app'))).toEqual(rejected);
      expect(
        await verifySignIn(await issueIdToken({ nonce, auth_time: now, iss: 'https://evil.example/oidc' })),
      ).toEqual(rejected);
      expect(await verifySignIn(await issueIdToken({ nonce, auth_time: now, exp: now - 1 }))).toEqual(rejected);
      expect(await verifySignIn(await issueIdToken({ nonce, auth_time: now, azp: 'other-app' }))).toEqual(rejected);
      expect(await verifySignIn(await issueIdToken({ nonce, auth_time: now, aud: ['profile-page', 'x'] }))).toEqual(
        rejected,
      );
      const validToken = await issueIdToken({ nonce, auth_time: now });
      expect(await verifySignIn(validToken, bobToken)).toEqual(rejected);
      expect(await verifySignIn(token)).toEqual(rejected);
      expect(await verifySignIn(`${validToken.slice(0, -4)}AAAA`)).toEqual(rejected);
      expect(await verifySignIn(validToken.replace(/\.[^.]+$/, '.'))).toEqual(rejected);
      expect(await verifySignIn('not a token')).toEqual(rejected);
      expect(await verifySignIn(validToken)).toEqual([201, 'signIn']);
    });

    it('returns 422 for a malformed body and 401 without a token', async () => {
      for (const idToken of [undefined, null, 7, '', 'x'.repeat(16_385)]) {
        const { status, body } = await call('POST', '/v1/sign-in/verify', { idToken });
        expect([status, body.errors]).toMatchObject([422, [{ pointer: '/idToken' }]]);
      }
      for (const path of ['challenge', 'verify']) {
        expect((await stack.api('POST', `/v1/sign-in/${path}`, { body: { idToken: 'x' } })).status).toBe(401);
      }
    });
  });
});
