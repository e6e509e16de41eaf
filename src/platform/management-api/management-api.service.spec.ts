import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { TestingModule } from '@nestjs/testing';
import { LocalLogto, type Reply } from '../../../test/support/local-logto.js';
import { logtoResponses } from '../../../test/support/logto-responses.js';
import { createManagementApi } from '../../../test/support/management-api.js';
import { ManagementApiService } from './management-api.service.js';
import { UpstreamError } from './upstream-error.js';

let logto: LocalLogto;
let module: TestingModule;
let api: ManagementApiService;

beforeEach(async () => {
  logto = await LocalLogto.start();
  module = await createManagementApi({ endpoint: logto.endpoint });
  api = module.get(ManagementApiService);
});

afterEach(async () => {
  await module.close();
  await logto.stop();
});

const recorded = (name: string): Reply => logtoResponses[name]!;
const failureOf = (call: Promise<unknown>): Promise<UpstreamError> =>
  call.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: unknown) => (error instanceof UpstreamError ? error : Promise.reject(error)),
  );

const USER = 'z1l202rda6mf';

describe("Logto's error responses", () => {
  const calls = {
    getUser: () => api.getUser(USER),
    updateUser: () => api.updateUser(USER, { name: 'x' }),
    mergeProfile: () => api.mergeProfile(USER, { nickname: 'x' }),
    mergeCustomData: () => api.mergeCustomData(USER, { a: 1 }),
    verifyPassword: () => api.verifyPassword(USER, 'x'),
    checkPassword: () => api.checkPassword(USER, 'x'),
    sendCode: () => api.sendCode(USER, { email: 'a@example.com' }),
    verifyCode: () => api.verifyCode(USER, { email: 'a@example.com' }, '000000'),
    endSession: () => api.endSession(USER, 'uid'),
    endGrant: () => api.endGrant(USER, 'grant'),
    removeIdentity: () => api.removeIdentity(USER, 'github'),
    removeMfaFactor: () => api.removeMfaFactor(USER, 'factor'),
  };

  it.each<[keyof typeof calls, string, string, string, ...string[]]>([
    ['getUser', 'user get: unknown id', 'account_not_found', 'rejected'],
    ['getUser', 'user get: expired token', 'upstream_failed', 'rejected'],
    ['getUser', 'user get: right audience without scope all', 'upstream_failed', 'rejected'],
    ['getUser', 'user get: id with odd characters', 'upstream_failed', 'unknown'],
    ['updateUser', 'user patch: username taken', 'identifier_taken', 'rejected', '/username'],
    ['updateUser', 'user patch: primaryEmail taken, other case', 'identifier_taken', 'rejected', '/primaryEmail'],
    ['updateUser', 'user patch: primaryEmail invalid', 'validation_failed', 'rejected', '/primaryEmail'],
    ['updateUser', 'user patch: name too long (129)', 'validation_failed', 'rejected', ''],
    ['updateUser', 'user patch: profile wrong type', 'validation_failed', 'rejected', '/nickname'],
    ['updateUser', 'user patch: empty body object', 'upstream_failed', 'rejected'],
    ['updateUser', 'user patch: name of 65 emoji (65 code points, 130 UTF-16 units)', 'upstream_failed', 'unknown'],
    ['mergeProfile', 'profile patch: null value', 'validation_failed', 'rejected', '/familyName'],
    ['mergeCustomData', 'custom-data patch: a body of 1048577 bytes', 'upstream_failed', 'rejected'],
    ['verifyPassword', 'password verify: unknown user', 'account_not_found', 'rejected'],
    ['checkPassword', 'check-password: unknown userId', 'account_not_found', 'rejected'],
    ['verifyCode', 'verification-codes verify: wrong code', 'invalid_code', 'rejected'],
    ['verifyCode', 'verification-codes verify: reused code', 'code_expired', 'rejected'],
    ['verifyCode', 'verification-codes verify: 11th wrong try', 'code_expired', 'rejected'],
    ['verifyCode', 'verification-codes verify: expired', 'code_expired', 'rejected'],
    ['verifyCode', 'verification-codes verify: neither', 'validation_failed', 'rejected', ''],
    ['sendCode', 'verification-codes: phone with a plus sign', 'validation_failed', 'rejected', '/phone'],
    ['sendCode', 'verification-codes: 11th send to one recipient within 10 minutes', 'rate_limited', 'rejected'],
    ['sendCode', 'verification-codes: email, no email connector', 'channel_not_configured', 'rejected'],
    ['sendCode', 'verification-codes: connector without a Generic template', 'channel_not_configured', 'rejected'],
    ['endSession', 'session delete: unknown', 'not_found', 'rejected'],
    ['endSession', "session delete: another user's session", 'not_found', 'rejected'],
    ['endGrant', "grant delete: another user's grant", 'not_found', 'rejected'],
    ['removeIdentity', 'identity delete: unknown target', 'not_found', 'rejected'],
    ['removeIdentity', 'identity delete: unknown user', 'account_not_found', 'rejected'],
    ['removeMfaFactor', 'mfa delete: unknown', 'not_found', 'rejected'],
  ])('to %s with "%s" cause %s', async (call, name, code, outcome, ...pointers) => {
    logto.reply = () => recorded(name);
    const error = await failureOf(calls[call]());
    expect({ code: error.code, outcome: error.outcome }).toEqual({ code, outcome });
    expect((error.options.errors ?? []).map(({ pointer }) => pointer)).toEqual(pointers);
  });

  it.each(Object.entries(logtoResponses).filter(([, { status }]) => status >= 400))(
    'are not quoted in the error: %s',
    async (name) => {
      const message = (logtoResponses[name]!.body as { message?: string }).message ?? 'Not Found';
      const secret = 'SECRET-of-upstream';
      const body = JSON.parse(
        JSON.stringify(logtoResponses[name]!.body).replaceAll(/"(payload|reason|message)":/g, `"${secret}":1,$&`),
      );
      logto.reply = () => ({ status: logtoResponses[name]!.status, body });
      const error = await failureOf(api.updateUser(USER, { name: 'x' }));
      const kept = JSON.stringify({ ...error, message: error.message, cause: error.cause, stack: error.stack });
      expect(kept).not.toContain(secret);
      expect(kept).not.toContain(message);
    },
  );

  it('are passed on with Retry-After when Logto limits messages', async () => {
    logto.reply = () => recorded('verification-codes: 11th send to one recipient within 10 minutes');
    expect((await failureOf(api.sendCode(USER, { email: 'a@example.com' }))).options.headers).toEqual({
      'Retry-After': '600',
    });
  });

  it("cause overloaded with Retry-After when the tenant's rate limit is exceeded", async () => {
    logto.reply = () => ({ status: 429, body: 'Too many requests', headers: { 'retry-after': '7' } });
    const error = await failureOf(api.getUser(USER));
    expect([error.code, error.outcome, error.options.headers]).toEqual([
      'overloaded',
      'rejected',
      { 'Retry-After': '7' },
    ]);
  });
});

describe('the Management API client', () => {
  it.each([
    ['user get: everything', 'jduwqgzof44j'],
    ['user get: only a name', '7fxh5op3xu6d'],
  ])('accepts %s', async (name, id) => {
    logto.reply = () => recorded(name);
    expect(await api.getUser(id)).toEqual(logtoResponses[name]!.body);
  });

  it('requests enterprise identities only with the option for them', async () => {
    logto.reply = () => recorded('user get: includeSsoIdentities=true');
    const user = await api.getUser('jduwqgzof44j', { ssoIdentities: true });
    expect(user.ssoIdentities).toEqual([]);
    expect(logto.calls[0]!.path).toBe('/api/users/jduwqgzof44j?includeSsoIdentities=true');
  });

  it.each([
    ['an HTML page', '<html>'],
    ['an empty object', {}],
    ['a user with a number for a name', { ...(logtoResponses['user get: everything']!.body as object), name: 5 }],
    ["another user's data", logtoResponses['user get: only a name']!.body],
  ])('rejects %s as a user', async (_what, body) => {
    logto.reply = () => ({ status: 200, body });
    expect((await failureOf(api.getUser('jduwqgzof44j'))).code).toBe('upstream_failed');
  });

  it('reports an unknown outcome for a write whose 200 response is unreadable', async () => {
    logto.reply = () => ({ status: 200, body: '<html>' });
    expect(await failureOf(api.updateUser(USER, { name: 'x' }))).toMatchObject({
      code: 'upstream_failed',
      outcome: 'unknown',
    });
  });

  it('flattens sessions, with times in milliseconds', async () => {
    logto.reply = () => recorded('sessions list: one session with a first-party and a third-party app');
    expect((await api.listSessions(USER)).sessions[0]).toEqual({
      uid: 'Py6K1SRJ5wzyVGyrj4cJ2kQxcI9A-2hzRmjeGdidZ2o',
      signedInAt: 1795387405000,
      clientId: 'kd1ghsz1fe1cxif6598bs',
      ip: '127.0.0.1',
      userAgent: 'node',
      authorizations: {
        kd1ghsz1fe1cxif6598bs: expect.objectContaining({ grantId: 'mXvVfVxQxSBtBLFhM4l08665jITiDbX8p3CwaYNGagz' }),
      },
    });
  });

  it('lists grants', async () => {
    logto.reply = () => recorded('grants list: appType=thirdParty');
    expect((await api.listGrants(USER)).grants.map(({ id }) => id)).toEqual([
      'FX7czmI1mUdsR9kBWqJ0A7ifgDI1BkTZSa_AjtSyQGB',
    ]);
  });

  const at = Date.parse('2026-11-22T22:43:57Z') / 1000;
  it.each([
    ['its Date header', { date: 'Sun, 22 Nov 2026 22:43:57 GMT' }, () => at],
    ['our clock without one', { date: '' }, () => expect.any(Number) as unknown as number],
  ])('returns when Logto ended the access, from %s', async (_what, headers, expected) => {
    logto.reply = ({ method, path }) => {
      if (method !== 'GET') return { status: 204, headers };
      return { status: 200, headers, body: path.endsWith('/sessions') ? { sessions: [] } : { grants: [] } };
    };
    expect(await api.updatePassword(USER, 'x')).toEqual(expected());
    expect(await api.endSession(USER, 'uid')).toEqual(expected());
    expect(await api.endGrant(USER, 'grant')).toEqual(expected());
    expect((await api.listSessions(USER)).at).toEqual(expected());
    expect((await api.listGrants(USER)).at).toEqual(expected());
  });

  it('lists identities and factors', async () => {
    logto.reply = ({ path }) =>
      recorded(path.endsWith('all-identities') ? 'all-identities: with social ones' : 'mfa list: Totp and BackupCode');
    expect((await api.getAllIdentities(USER)).socialIdentities.map(({ target }) => target)).toContain('github');
    expect((await api.listMfaFactors(USER)).map(({ type }) => type)).toEqual(['Totp', 'BackupCode']);
  });

  it("reads the tenant's rules", async () => {
    logto.reply = () => recorded('sign-in-exp get: whole, as provisioned');
    expect((await api.getSignInExperience()).usernamePolicy?.maxLength).toBe(128);
  });

  it.each([
    ['right', { status: 204 }, true],
    ['wrong', logtoResponses['password verify: wrong']!, false],
  ])('returns whether a password is %s', async (_word, reply, verdict) => {
    logto.reply = () => reply;
    expect(await api.verifyPassword(USER, 'x')).toBe(verdict);
  });

  it.each([
    ['check-password: with userId, ok', { valid: true, issues: [] }],
    [
      'check-password: with userId, too short and a sequence',
      {
        valid: false,
        issues: [
          { code: 'password_rejected.too_short', interpolation: { min: 8 } },
          { code: 'password_rejected.restricted.sequence' },
        ],
      },
    ],
    [
      'check-password: default policy, pwned-password service unreachable',
      { valid: false, issues: [], unavailable: true },
    ],
  ])('parses %s', async (name, expected) => {
    logto.reply = () => recorded(name);
    expect(await api.checkPassword(USER, 'x')).toEqual(expected);
    expect(JSON.parse(logto.calls[0]!.body)).toEqual({ password: 'x', userId: USER });
  });
});

describe('password checks', () => {
  it('are sent to Logto one at a time, while reads continue', async () => {
    await module.close();
    module = await createManagementApi({ endpoint: logto.endpoint, upstream: { passwordQueueLimit: 50 } });
    api = module.get(ManagementApiService);
    let hashing = 0;
    let most = 0;
    logto.reply = async ({ path }) => {
      if (path.endsWith('has-password')) return { status: 200, body: { hasPassword: true } };
      most = Math.max(most, (hashing += 1));
      await new Promise((resolve) => setImmediate(resolve));
      hashing -= 1;
      return { status: 204 };
    };
    let checksDone = 0;
    const checks = Array.from({ length: 49 }, (_, i) =>
      api.verifyPassword(`u${i % 7}`, 'x').then(() => (checksDone += 1)),
    );
    const change = api.updatePassword('u1', 'y');
    await api.hasPassword('u2');
    expect(checksDone).toBeLessThan(49);
    await Promise.all([...checks, change]);
    expect(most).toBe(1);
    expect(logto.calls.filter(({ path }) => path.includes('/password'))).toHaveLength(50);
  });
});

describe('a call to Logto', () => {
  it.each(['..', '.', '', 'a/../..', '..%2F..', 'a%2Fb', 'a\\b', 'a\u0000', 'a?b', 'ü', 'x'.repeat(257)])(
    'is not sent for the id %j',
    async (id) => {
      expect(await failureOf(api.endSession(USER, id))).toMatchObject({ code: 'not_found', outcome: 'not_sent' });
      expect(logto.calls).toHaveLength(0);
    },
  );

  it('wraps claims and custom data in an object', async () => {
    logto.reply = () => ({ status: 200, body: {} });
    await api.mergeProfile(USER, { nickname: 'n' });
    await api.mergeCustomData(USER, { theme: null });
    expect(logto.calls.map(({ method, path, body }) => `${method} ${path} ${body}`)).toEqual([
      `PATCH /api/users/${USER}/profile {"profile":{"nickname":"n"}}`,
      `PATCH /api/users/${USER}/custom-data {"customData":{"theme":null}}`,
    ]);
  });

  it('is not sent with a body over 1 MiB, for which Logto returns a bare 404', async () => {
    const limit = 1024 * 1024 - '{"customData":{"a":""}}'.length;
    logto.reply = () => ({ status: 200, body: {} });
    await api.mergeCustomData(USER, { a: 'x'.repeat(limit) });
    const error = await failureOf(api.mergeCustomData(USER, { a: 'x'.repeat(limit + 1) }));
    expect(error).toMatchObject({ code: 'payload_too_large', outcome: 'not_sent' });
    expect(logto.calls).toHaveLength(1);
  });

  it('revokes the grants of a session when it ends the session', async () => {
    await api.endSession(USER, 'uid-1');
    expect(logto.calls.map(({ path }) => path)).toEqual([`/api/users/${USER}/sessions/uid-1?revokeGrantsTarget=all`]);
  });
});
