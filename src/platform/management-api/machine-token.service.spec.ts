import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { TestingModule } from '@nestjs/testing';
import { LocalLogto, type Reply } from '../../../test/support/local-logto.js';
import { logtoResponses } from '../../../test/support/logto-responses.js';
import { createManagementApi, ManualClock } from '../../../test/support/management-api.js';
import { MachineTokenService } from './machine-token.service.js';
import { ManagementApiService } from './management-api.service.js';
import { UpstreamError } from './upstream-error.js';

let logto: LocalLogto;
let clock: ManualClock;
let module: TestingModule;
let api: ManagementApiService;

beforeEach(async () => {
  logto = await LocalLogto.start();
  logto.reply = () => ({ status: 200, body: { hasPassword: true } });
  clock = new ManualClock();
  module = await createManagementApi({
    endpoint: logto.endpoint,
    clock,
    upstream: { timeoutMs: 20_000, deadlineMs: 20_000 },
  });
  api = module.get(ManagementApiService);
});

afterEach(async () => {
  await module.close();
  await logto.stop();
});

const read = () => api.hasPassword('u1');
const MINUTE = 60_000;

describe('the machine token', () => {
  it('is fetched once for a thousand concurrent callers, and once again at its expiry', async () => {
    await Promise.all(Array.from({ length: 1000 }, read));
    expect(logto.tokenRequests).toBe(1);
    clock.advance(60 * MINUTE);
    await Promise.all(Array.from({ length: 1000 }, read));
    expect(logto.tokenRequests).toBe(2);
  });

  it('is renewed before it expires, while the old one is still used', async () => {
    await read();
    clock.advance(53 * MINUTE);
    await read();
    expect(logto.tokenRequests).toBe(1);
    clock.advance(2 * MINUTE);
    await read();
    expect(logto.calls.at(-1)!.token).toBe('token-1');
    expect(logto.tokenRequests).toBe(2);
    await read();
    expect(logto.calls.at(-1)!.token).toBe('token-2');
  });

  it('remains in use when an early renewal fails', async () => {
    await read();
    logto.tokenReply = () => ({ status: 500, body: { message: 'Internal server error.' } });
    clock.advance(55 * MINUTE);
    expect(await read()).toBe(true);
  });

  it('is renewed once for a thousand calls that return 401, each of which is retried once', async () => {
    await read();
    logto.reply = ({ token }) =>
      token === 'token-1' ? logtoResponses['user get: bad token']! : { status: 200, body: { hasPassword: true } };
    await Promise.all(Array.from({ length: 1000 }, read));
    expect(logto.tokenRequests).toBe(2);
    expect(logto.calls.filter(({ token }) => token === 'token-2')).toHaveLength(1000);
  });

  it('is renewed once when a write returns 401, and the write is retried once', async () => {
    logto.reply = ({ token }) => (token === 'token-1' ? logtoResponses['user get: bad token']! : { status: 204 });
    await api.updatePassword('u1', 'x');
    expect(logto.calls).toHaveLength(2);
    expect(logto.tokenRequests).toBe(2);
  });

  it('causes 502, not 401, when Logto rejects the renewed token', async () => {
    logto.reply = () => logtoResponses['user get: expired token']!;
    await expect(read()).rejects.toMatchObject({ code: 'upstream_failed', status: 502, outcome: 'rejected' });
    expect(logto.calls).toHaveLength(2);
  });

  it.each([
    ['token: wrong secret', 'upstream_failed'],
    ['token: unknown client', 'upstream_failed'],
    ['token: unknown resource', 'upstream_failed'],
  ])('%s causes %s, and the call is not sent', async (name, code) => {
    logto.tokenReply = () => logtoResponses[name]!;
    await expect(api.updatePassword('u1', 'x')).rejects.toMatchObject({ code, outcome: 'not_sent' });
    expect(logto.calls).toHaveLength(0);
  });

  it.each([
    ['a page', { status: 200, body: '<html>' }],
    ['no lifetime', { status: 200, body: { access_token: 'a' } }],
    ['no life left', { status: 200, body: { access_token: 'a', expires_in: 0 } }],
  ])('is not read from a response with %s', async (_what, reply) => {
    logto.tokenReply = () => reply;
    await expect(read()).rejects.toMatchObject({ code: 'upstream_failed', outcome: 'not_sent' });
  });

  describe('has no problem or a known one', () => {
    const findProblem = () => module.get(MachineTokenService).findProblem();
    const withoutScope = { access_token: 'a', expires_in: 3600, token_type: 'Bearer' };

    it('when it has the scope, without another request for each check', async () => {
      expect([await findProblem(), await findProblem()]).toEqual([undefined, undefined]);
      expect(logto.tokenRequests).toBe(1);
    });

    it.each(['token: wrong secret', 'token: unknown client', 'token: unknown resource'])('after %s', async (name) => {
      const { tokenReply } = logto;
      logto.tokenReply = () => logtoResponses[name]!;
      expect(await findProblem()).toBe('machine_credentials_rejected');
      logto.tokenReply = tokenReply;
      expect(await findProblem()).toBeUndefined();
    });

    it('when it lacks the scope, until Logto issues one that has it', async () => {
      const { tokenReply } = logto;
      logto.tokenReply = () => ({ status: 200, body: { ...withoutScope, scope: 'openid other:all' } });
      expect([await findProblem(), await findProblem()]).toEqual(Array(2).fill('machine_scope_missing'));
      logto.tokenReply = tokenReply;
      expect(await findProblem()).toBeUndefined();
    });

    it.each<[string, Reply]>([
      ['no response', 'drop'],
      ['a page', { status: 200, body: '<html>' }],
      ['an error without a code', { status: 404, body: 'Not Found' }],
    ])('but not after %s', async (_what, reply) => {
      logto.tokenReply = () => reply;
      await expect(findProblem()).rejects.toBeInstanceOf(UpstreamError);
    });
  });

  it('is fetched again by the next caller after a failure', async () => {
    const { tokenReply } = logto;
    logto.tokenReply = () => logtoResponses['token: wrong secret']!;
    await expect(read()).rejects.toMatchObject({ code: 'upstream_failed' });
    logto.tokenReply = tokenReply;
    expect(await read()).toBe(true);
  });
});
