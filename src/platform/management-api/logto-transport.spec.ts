import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { TestingModule } from '@nestjs/testing';
import { LocalLogto, type Reply } from '../../../test/support/local-logto.js';
import { createManagementApi, ManualClock } from '../../../test/support/management-api.js';
import { ManagementApiService } from './management-api.service.js';
import { UpstreamError } from './upstream-error.js';

const HAS_PASSWORD = { status: 200, body: { hasPassword: true } };

let logto: LocalLogto;
let module: TestingModule;
let api: ManagementApiService;

beforeEach(async () => {
  logto = await LocalLogto.start();
  logto.reply = () => HAS_PASSWORD;
  module = await createManagementApi({
    endpoint: logto.endpoint,
    upstream: { timeoutMs: 500, deadlineMs: 3_000, connections: 4 },
  });
  api = module.get(ManagementApiService);
});

afterEach(async () => {
  await module.close();
  await logto.stop();
});

const read = () => api.hasPassword('u1');
const write = () => api.updateUser('u1', { name: 'x' });
/** Returns one response to the first `count` calls and another to later ones. */
const first = (count: number, early: Reply) => {
  let seen = 0;
  logto.reply = () => (++seen <= count ? early : HAS_PASSWORD);
};

describe('a read', () => {
  it.each([
    ['a broken connection', 'drop' as const],
    ['502', { status: 502 }],
    ['503', { status: 503 }],
    ['504', { status: 504 }],
  ])('is retried once after %s', async (_what, reply) => {
    first(1, reply);
    expect(await read()).toBe(true);
    expect(logto.calls).toHaveLength(2);
  });

  it.each([
    ['a broken connection', 'drop' as const, 'upstream_unavailable'],
    ['503', { status: 503 }, 'upstream_unavailable'],
    ['504', { status: 504 }, 'upstream_timeout'],
  ])('fails after two times %s', async (_what, reply, code) => {
    first(2, reply);
    await expect(read()).rejects.toMatchObject({ code });
    expect(logto.calls).toHaveLength(2);
  });

  it('is not retried after a timeout or a 500', async () => {
    first(1, 'hang');
    await expect(read()).rejects.toMatchObject({ code: 'upstream_timeout', status: 504 });
    first(1, { status: 500, body: { message: 'Internal server error.' } });
    await expect(read()).rejects.toMatchObject({ code: 'upstream_failed', status: 502 });
    expect(logto.calls).toHaveLength(2);
  });
});

describe('a write', () => {
  it.each([
    ['a broken connection', 'drop' as const, 'upstream_unavailable'],
    ['502', { status: 502 }, 'upstream_unavailable'],
    ['a timeout', 'hang' as const, 'upstream_timeout'],
  ])('is not retried after %s, and its outcome is unknown', async (_what, reply, code) => {
    first(1, reply);
    await expect(write()).rejects.toMatchObject({ code, outcome: 'unknown' });
    expect(logto.calls).toHaveLength(1);
  });

  it('is not retried when it is the check of a password', async () => {
    first(1, 'drop');
    await expect(api.verifyPassword('u1', 'x')).rejects.toMatchObject({ code: 'upstream_unavailable' });
    expect(logto.calls).toHaveLength(1);
  });

  it('is known not to be sent when no connection can be made', async () => {
    const closing = { headers: { connection: 'close' } };
    const token = logto.tokenReply();
    logto.tokenReply = () => ({ ...(token as Exclude<Reply, string>), ...closing });
    logto.reply = () => ({ ...HAS_PASSWORD, ...closing });
    await read();
    await logto.stop();
    await expect(write()).rejects.toMatchObject({ code: 'upstream_unavailable', outcome: 'not_sent' });
  });
});

describe('a budget', () => {
  it('counts every request, including the one for a token, and rejects those that cannot be sent in time', async () => {
    await module.close();
    const upstream = { timeoutMs: 300, deadlineMs: 300, connections: 4, budgetPer10s: 3 };
    module = await createManagementApi({ endpoint: logto.endpoint, upstream });
    api = module.get(ManagementApiService);
    await read();
    await api.hasPassword('u2');
    await expect(write()).rejects.toMatchObject({
      code: 'overloaded',
      status: 503,
      outcome: 'not_sent',
      options: { headers: { 'Retry-After': '10' } },
    });
    expect(logto.calls).toHaveLength(2);
  });
});

const outcomeOf = (call: Promise<unknown>) =>
  call.then(
    () => 'done',
    (error: unknown) => (error instanceof UpstreamError ? `${error.code}, ${error.outcome}` : Promise.reject(error)),
  );
const retryAfterOf = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    (error: UpstreamError) => error.options.headers?.['Retry-After'],
  );

describe('while Logto fails', () => {
  const lines: string[] = [];
  beforeEach(() => {
    lines.length = 0;
    for (const level of ['warn', 'log', 'error'] as const) {
      jest.spyOn(Logger.prototype, level).mockImplementation((line: unknown) => void lines.push(String(line)));
    }
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  /** Lets the pause of circuit breakers pass. */
  const now = performance.now.bind(performance);
  const pass = (ms: number) => {
    jest.spyOn(performance, 'now').mockImplementation(() => now() + ms);
  };

  it('few calls are retried', async () => {
    for (let i = 0; i < 40; i += 1) {
      first(1, 'drop');
      await outcomeOf(read());
      await read();
    }
    // Ten at once, and one more for each ten of the eighty calls.
    const retries = logto.calls.length - 80;
    expect([17, 18]).toContain(retries);
  });

  it('calls are rejected without being sent after five failures, until a probe succeeds', async () => {
    logto.reply = () => 'drop';
    const outcomes = [];
    for (let i = 0; i < 20; i += 1) outcomes.push(await outcomeOf(read()));
    expect(outcomes.slice(3)).toEqual(outcomes.slice(3).map(() => 'upstream_unavailable, not_sent'));
    expect(logto.calls).toHaveLength(5);
    expect(Number(await retryAfterOf(read()))).toBeGreaterThanOrEqual(1);
    logto.reply = () => HAS_PASSWORD;
    pass(1_000);
    expect(await read()).toBe(true);
  });

  it.each<[string, Reply]>([
    ['connections that break', 'drop'],
    ['status 503', { status: 503 }],
    ['status 504', { status: 504 }],
    ['no response', 'hang'],
  ])('rejects a kind of calls that fails, and no other: %s', async (_what, reply) => {
    await read();
    logto.reply = ({ method }) => (method === 'PATCH' ? reply : HAS_PASSWORD);
    await Promise.all(Array.from({ length: 5 }, (_, i) => outcomeOf(api.updateUser(`u${i}`, { name: 'x' }))));
    expect(await outcomeOf(write())).toBe('upstream_unavailable, not_sent');
    expect(await read()).toBe(true);
    expect(() => api.requireMessaging()).not.toThrow();
  });

  it.each([400, 401, 403, 404, 422, 500])('continues to send calls after responses with status %d', async (status) => {
    logto.reply = () => ({ status });
    for (let i = 0; i < 10; i += 1) await outcomeOf(write());
    expect(logto.calls.length).toBeGreaterThanOrEqual(10);
  });

  it('sends one write as a probe, once, and rejects those that arrive at the same time', async () => {
    await read();
    logto.reply = ({ method }) => (method === 'PATCH' ? 'hang' : HAS_PASSWORD);
    await Promise.all(Array.from({ length: 5 }, (_, i) => outcomeOf(api.updateUser(`u${i}`, { name: 'x' }))));
    logto.calls.length = 0;
    pass(1_000);
    const outcomes = await Promise.all([outcomeOf(write()), outcomeOf(write()), outcomeOf(write())]);
    expect(outcomes.sort()).toEqual([
      'upstream_timeout, unknown',
      'upstream_unavailable, not_sent',
      'upstream_unavailable, not_sent',
    ]);
    expect(await outcomeOf(write())).toBe('upstream_unavailable, not_sent');
    expect(logto.calls).toHaveLength(1);
  });

  it('rejects the calls that wait as soon as the running ones have failed', async () => {
    await read();
    logto.reply = () => 'hang';
    const users = Array.from({ length: 60 }, (_, i) => outcomeOf(api.hasPassword(`u${i}`)));
    const outcomes = await Promise.all(users);
    expect(new Set(outcomes)).toEqual(new Set(['upstream_timeout, unknown', 'upstream_unavailable, not_sent']));
    expect(logto.calls.length).toBeLessThanOrEqual(1 + 8);
  });

  it('reports the message channels as unavailable for every recipient', async () => {
    await read();
    logto.reply = ({ path }) => (path === '/api/verification-codes' ? 'drop' : HAS_PASSWORD);
    for (let i = 0; i < 5; i += 1) await outcomeOf(api.sendCode('u1', { email: 'a@example.com' }));
    expect(() => api.requireMessaging()).toThrow(expect.objectContaining({ code: 'upstream_unavailable' }));
  });

  it('logs one line for an outage, and one for its end', async () => {
    logto.reply = () => 'drop';
    for (let i = 0; i < 20; i += 1) {
      await outcomeOf(read());
      await outcomeOf(write());
    }
    expect(lines).toEqual([expect.stringMatching(/^Logto is unavailable \(read: \w+\)\. Further failures/)]);
    logto.reply = () => ({ status: 200, body: { id: 'u1' } });
    pass(60_000);
    await outcomeOf(write());
    await outcomeOf(read());
    expect(lines.filter((line) => line.startsWith('Logto is'))).toEqual([
      lines[0],
      expect.stringMatching(/^Logto is available again after \d+ s and 1?\d failures\.$/),
    ]);
  });

  it('logs an error that is not an outage once a minute', async () => {
    logto.reply = () => ({ status: 403, body: { code: 'auth.forbidden' } });
    for (let i = 0; i < 20; i += 1) await outcomeOf(write());
    expect(lines).toEqual(['updateUser: upstream_failed, rejected (403 auth.forbidden)']);
  });

  it('logs rejected credentials once, and their end', async () => {
    const { tokenReply } = logto;
    logto.tokenReply = () => ({ status: 401, body: { code: 'invalid_client', message: 'No.' } });
    for (let i = 0; i < 20; i += 1) expect(await outcomeOf(read())).toBe('upstream_failed, not_sent');
    logto.tokenReply = tokenReply;
    await read();
    expect(lines.filter((line) => line.includes('token'))).toEqual([
      expect.stringMatching(/^Logto's machine token is unavailable \(credentials: 401 invalid_client\)/),
      expect.stringMatching(/^Logto's machine token is available again/),
    ]);
  });
});

describe('a rate limit of Logto', () => {
  const limited = (retryAfter?: string, date?: string): Reply => ({
    status: 429,
    body: 'Too many requests',
    headers: { ...(retryAfter && { 'retry-after': retryAfter }), ...(date && { date }) },
  });

  it('delays a call by as long as Logto says, and sends even a write again', async () => {
    first(1, limited('1'));
    const startedAt = performance.now();
    await write().catch(() => undefined);
    expect(performance.now() - startedAt).toBeGreaterThan(990);
    expect(logto.calls).toHaveLength(2);
  });

  it.each([
    ['seconds', limited('60'), '60'],
    ['a date', limited('Sun, 29 Nov 2026 12:00:42 GMT', 'Sun, 29 Nov 2026 12:00:00 GMT'), '42'],
  ])('rejects all calls at once if Logto asks for more time than they have: %s', async (_what, reply, retryAfter) => {
    await read();
    logto.reply = () => reply;
    expect(await retryAfterOf(read())).toBe(retryAfter);
    expect(await outcomeOf(api.updateUser('u2', { name: 'x' }))).toBe('overloaded, not_sent');
    expect(await retryAfterOf(write())).toBe(retryAfter);
    expect(logto.calls).toHaveLength(2);
  });

  it('is not mistaken for the limit of messages to one recipient', async () => {
    await read();
    logto.reply = () => ({ status: 429, body: { code: 'request.message_rate_limited', message: 'No.' } });
    expect(await outcomeOf(api.sendCode('u1', { email: 'a@example.com' }))).toBe('rate_limited, rejected');
    logto.reply = () => HAS_PASSWORD;
    expect(await api.hasPassword('u2')).toBe(true);
  });

  it('passes on Retry-After of a 503, by the clock of the service if the response has no date', async () => {
    await module.close();
    const clock = new ManualClock(Date.UTC(2026, 10, 29, 12));
    module = await createManagementApi({ endpoint: logto.endpoint, clock });
    api = module.get(ManagementApiService);
    await read();
    logto.reply = () => ({ status: 503, headers: { 'retry-after': '30' } });
    expect(await retryAfterOf(write())).toBe('30');
    expect(logto.calls).toHaveLength(2);
  });
});

describe('connections', () => {
  it('are few and are reused', async () => {
    for (let i = 0; i < 20; i += 1) await read();
    expect(logto.sockets.size).toBeLessThanOrEqual(3);
    await Promise.all(Array.from({ length: 50 }, read));
    // The request for the token, which is sent like a write, had another one.
    expect(logto.sockets.size).toBeLessThanOrEqual(5);
    expect(logto.calls).toHaveLength(70);
  });
});
