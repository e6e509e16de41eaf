import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { TestingModule } from '@nestjs/testing';
import { LocalLogto } from '../../../test/support/local-logto.js';
import { logtoAnswers } from '../../../test/support/logto-answers.js';
import { createManagementApi, ManualClock } from '../../../test/support/management-api.js';
import { ManagementApiService } from './management-api.service.js';

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
  it('is fetched once for a thousand callers at the start, and once at its expiry', async () => {
    await Promise.all(Array.from({ length: 1000 }, read));
    expect(logto.tokenRequests).toBe(1);
    clock.advance(60 * MINUTE);
    await Promise.all(Array.from({ length: 1000 }, read));
    expect(logto.tokenRequests).toBe(2);
  });

  it('is renewed before it expires, while the old one still serves', async () => {
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

  it('is used on when its renewal fails early', async () => {
    await read();
    logto.tokenReply = () => ({ status: 500, body: { message: 'Internal server error.' } });
    clock.advance(55 * MINUTE);
    expect(await read()).toBe(true);
  });

  it('is renewed once for a thousand callers that are answered 401, each of which goes again once', async () => {
    await read();
    logto.reply = ({ token }) =>
      token === 'token-1' ? logtoAnswers['user get: bad token']! : { status: 200, body: { hasPassword: true } };
    await Promise.all(Array.from({ length: 1000 }, read));
    expect(logto.tokenRequests).toBe(2);
    expect(logto.calls.filter(({ token }) => token === 'token-2')).toHaveLength(1000);
  });

  it('is renewed once, and a write sent once more, when a write is answered 401', async () => {
    logto.reply = ({ token }) => (token === 'token-1' ? logtoAnswers['user get: bad token']! : { status: 204 });
    await api.updatePassword('u1', 'x');
    expect(logto.calls).toHaveLength(2);
    expect(logto.tokenRequests).toBe(2);
  });

  it("is never the user's 401: a second one is 502", async () => {
    logto.reply = () => logtoAnswers['user get: expired token']!;
    await expect(read()).rejects.toMatchObject({ code: 'upstream_failed', status: 502, outcome: 'refused' });
    expect(logto.calls).toHaveLength(2);
  });

  it.each([
    ['token: wrong secret', 'upstream_failed'],
    ['token: unknown client', 'upstream_failed'],
    ['token: unknown resource', 'upstream_failed'],
  ])('%s: %s, and nothing sent', async (name, code) => {
    logto.tokenReply = () => logtoAnswers[name]!;
    await expect(api.updatePassword('u1', 'x')).rejects.toMatchObject({ code, outcome: 'not_sent' });
    expect(logto.calls).toHaveLength(0);
  });

  it.each([
    ['a page', { status: 200, body: '<html>' }],
    ['no lifetime', { status: 200, body: { access_token: 'a' } }],
    ['no life left', { status: 200, body: { access_token: 'a', expires_in: 0 } }],
  ])('is not taken from an answer with %s', async (_what, reply) => {
    logto.tokenReply = () => reply;
    await expect(read()).rejects.toMatchObject({ code: 'upstream_failed', outcome: 'not_sent' });
  });

  it('is asked for again by the next caller after a failure', async () => {
    const { tokenReply } = logto;
    logto.tokenReply = () => logtoAnswers['token: wrong secret']!;
    await expect(read()).rejects.toMatchObject({ code: 'upstream_failed' });
    logto.tokenReply = tokenReply;
    expect(await read()).toBe(true);
  });
});
