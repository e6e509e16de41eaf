import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Database } from '../../src/platform/database/database.js';
import { atEmbeddedLogto, startStack, type ApiResponse, type Stack } from './harness.js';
import type { TenantUser } from './logto-tenant.js';

const PASSWORD = 'Str0ng-Passw0rd!x';

let stack: Stack;
let token: string;

const signUp = async (): Promise<[TenantUser, string]> => {
  const created = await stack.createUser({ password: PASSWORD });
  return [created, await stack.tokenFor(created.username)];
};

beforeAll(async () => {
  stack = await startStack();
}, 60_000);
afterAll(() => stack?.stop());
beforeEach(async () => {
  [, token] = await signUp();
});

const statusAndCode = ({ status, body }: ApiResponse): unknown[] => [status, body.code];

describe('rate limits and lockouts', () => {
  const limits = {
    LIMIT_PASSWORD_ATTEMPTS_PER_ADDRESS: '5',
    LIMIT_REQUESTS_PER_MINUTE: '60',
    LIMIT_REQUEST_BURST: '20',
    PASSWORD_QUEUE_LIMIT: '2',
  };
  const stacks: Stack[] = [];
  const start = async (environment: Record<string, string>, database?: Database) => {
    const overrides = database ? [{ provide: Database, useValue: database }] : [];
    const created = await startStack({ logto: stack.logto, environment, overrides });
    stacks.push(created);
    return created;
  };
  const getSharedDatabase = () => stack.app.get(Database, { strict: false });
  afterAll(async () => {
    for (const started of stacks) await started.stop();
  });

  const sendWrongPassword = async (target: Stack, forwardedFor: string, callerToken: string) =>
    target.api('POST', '/v1/password/verify', {
      token: callerToken,
      body: { password: 'wrong' },
      headers: { 'x-forwarded-for': forwardedFor },
    });

  it('are shared by replicas and survive a restart', async () => {
    const replica = await start({}, getSharedDatabase());
    const guess = (target: Stack) => target.api('POST', '/v1/password/verify', { token, body: { password: 'wrong' } });
    const responses = await Promise.all(Array.from({ length: 20 }, (_, i) => guess(i % 2 ? stack : replica)));
    expect(responses.filter(({ status }) => status === 422)).toHaveLength(10);
    const restarted = await start({}, getSharedDatabase());
    expect(statusAndCode(await guess(restarted))).toEqual([429, 'too_many_attempts']);
  });

  it('count by the address that a trusted proxy adds to X-Forwarded-For', async () => {
    const proxied = await start({ ...limits, TRUST_PROXY: '1' });
    const users = await Promise.all(Array.from({ length: 7 }, () => signUp()));
    const outcomes = [];
    // The proxy appends an entry to those that the caller sent. The service trusts only the last one.
    for (const [i, [, userToken]] of users.entries())
      outcomes.push((await sendWrongPassword(proxied, `192.0.2.${i}, 203.0.113.9`, userToken)).status);
    expect(outcomes).toEqual([422, 422, 422, 422, 422, 429, 429]);
    expect((await sendWrongPassword(proxied, '198.51.100.1', users[6]![1])).status).toBe(422);
  });

  it('ignore X-Forwarded-For without TRUST_PROXY', async () => {
    const limited = await start(limits);
    const users = await Promise.all(Array.from({ length: 7 }, () => signUp()));
    for (const [, userToken] of users) {
      expect((await sendWrongPassword(limited, '203.0.113.9', userToken)).status).toBe(422);
    }
  });

  it('accept a burst of requests, report how many remain, and do not count other users or rejected tokens', async () => {
    const limited = await start(limits);
    const get = (callerToken: string) => limited.api('GET', '/v1/password', { token: callerToken });
    for (let i = 0; i < 30; i++) expect((await get('junk')).status).toBe(401);
    const responses = await Promise.all(Array.from({ length: 40 }, () => get(token)));
    const rejected = responses.filter(({ status }) => status === 429);
    expect(rejected.length).toBeGreaterThanOrEqual(15);
    expect(statusAndCode(rejected[0]!)).toEqual([429, 'rate_limited']);
    expect(Number(rejected[0]!.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(responses[0]!.headers.get('ratelimit')).toMatch(/^"requests";r=\d+;t=\d+$/);
    const [, otherToken] = await signUp();
    expect((await get(otherToken)).status).toBe(200);
  });

  atEmbeddedLogto('send Logto one password check at a time when fifty arrive concurrently', async () => {
    const { passwords } = stack.logto!;
    const verifyPassword = passwords.verify.bind(passwords);
    let [concurrent, maxConcurrent] = [0, 0];
    passwords.verify = async (...args) => {
      maxConcurrent = Math.max(maxConcurrent, ++concurrent);
      return verifyPassword(...args).finally(() => concurrent--);
    };
    const users = await Promise.all(Array.from({ length: 50 }, () => signUp()));
    const checkPassword = ([, userToken]: [TenantUser, string]) =>
      stack.api('POST', '/v1/password/verify', { token: userToken, body: { password: PASSWORD } });
    const responses = await Promise.all(users.map(checkPassword));
    passwords.verify = verifyPassword;
    expect(responses.map(({ status }) => status)).toEqual(Array(50).fill(201));
    expect(maxConcurrent).toBe(1);
  });

  it('return 503 with Retry-After when the queue of password checks is full', async () => {
    const limited = await start(limits);
    limited.faults.add({ operation: 'POST /api/users/*/password/verify', latency: 100 });
    const users = await Promise.all(Array.from({ length: 8 }, () => signUp()));
    const responses = await Promise.all(
      users.map(([, userToken]) =>
        limited.api('POST', '/v1/password/verify', { token: userToken, body: { password: PASSWORD } }),
      ),
    );
    limited.faults.reset();
    const rejected = responses.filter(({ status }) => status === 503);
    expect(responses.filter(({ status }) => status === 201)).toHaveLength(8 - rejected.length);
    expect(rejected.length).toBeGreaterThan(0);
    expect(Number(rejected[0]!.headers.get('retry-after'))).toBeGreaterThan(0);
    // Logto did not compare the password, so the attempt does not count.
    const repeated = { token: users[7]![1], body: { password: PASSWORD } };
    expect((await limited.api('POST', '/v1/password/verify', repeated)).status).toBe(201);
  });
});
