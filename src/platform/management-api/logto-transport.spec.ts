import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { TestingModule } from '@nestjs/testing';
import { LocalLogto, type Reply } from '../../../test/support/local-logto.js';
import { createManagementApi } from '../../../test/support/management-api.js';
import { ManagementApiService } from './management-api.service.js';

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
  ])('is retried after %s', async (_what, reply) => {
    first(2, reply);
    expect(await read()).toBe(true);
    expect(logto.calls).toHaveLength(3);
  });

  it.each([
    ['a broken connection', 'drop' as const, 'upstream_unavailable'],
    ['503', { status: 503 }, 'upstream_unavailable'],
    ['504', { status: 504 }, 'upstream_timeout'],
  ])('fails after three times %s', async (_what, reply, code) => {
    first(3, reply);
    await expect(read()).rejects.toMatchObject({ code });
    expect(logto.calls).toHaveLength(3);
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
    await read();
    await expect(write()).rejects.toMatchObject({
      code: 'overloaded',
      status: 503,
      outcome: 'not_sent',
      options: { headers: { 'Retry-After': '10' } },
    });
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
