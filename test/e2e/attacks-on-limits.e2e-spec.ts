import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Database } from '../../src/platform/database/database.js';
import { usesEmbeddedLogto, startStack, type ApiResponse, type Stack } from './harness.js';
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

(usesEmbeddedLogto ? describe : describe.skip)('rate limits and lockouts', () => {
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
  const sharedDatabase = () => stack.app.get(Database, { strict: false });
  afterAll(async () => {
    for (const each of stacks) await each.stop();
  });

  const sendWrongPassword = async (at: Stack, forwarded: string, as: string) =>
    at.api('POST', '/v1/password/verify', {
      token: as,
      body: { password: 'wrong' },
      headers: { 'x-forwarded-for': forwarded },
    });

  it('are shared by replicas and survive a restart', async () => {
    const replica = await start({}, sharedDatabase());
    const at = (each: Stack) => each.api('POST', '/v1/password/verify', { token, body: { password: 'wrong' } });
    const both = await Promise.all(Array.from({ length: 20 }, (_, i) => at(i % 2 ? stack : replica)));
    expect(both.filter(({ status }) => status === 422)).toHaveLength(10);
    const restarted = await start({}, sharedDatabase());
    expect(statusAndCode(await at(restarted))).toEqual([429, 'too_many_attempts']);
  });

  it('count by the address that a trusted proxy adds to X-Forwarded-For', async () => {
    const proxied = await start({ ...limits, TRUST_PROXY: '1' });
    const users = await Promise.all(Array.from({ length: 7 }, () => signUp()));
    const outcomes = [];
    // The proxy appends its entry to those of the caller, so only the last one is trusted.
    for (const [i, [, as]] of users.entries())
      outcomes.push((await sendWrongPassword(proxied, `192.0.2.${i}, 203.0.113.9`, as)).status);
    expect(outcomes).toEqual([422, 422, 422, 422, 422, 429, 429]);
    expect((await sendWrongPassword(proxied, '198.51.100.1', users[6]![1])).status).toBe(422);
  });

  it('ignore X-Forwarded-For without TRUST_PROXY', async () => {
    const plain = await start(limits);
    const users = await Promise.all(Array.from({ length: 7 }, () => signUp()));
    for (const [, as] of users) expect((await sendWrongPassword(plain, '203.0.113.9', as)).status).toBe(422);
  });

  it('accept a burst of requests, report the remaining ones, and do not count other users or rejected tokens', async () => {
    const plain = await start(limits);
    const get = (as: string) => plain.api('GET', '/v1/password', { token: as });
    for (let i = 0; i < 30; i++) expect((await get('junk')).status).toBe(401);
    const responses = await Promise.all(Array.from({ length: 40 }, () => get(token)));
    const rejected = responses.filter(({ status }) => status === 429);
    expect(rejected.length).toBeGreaterThanOrEqual(15);
    expect(statusAndCode(rejected[0]!)).toEqual([429, 'rate_limited']);
    expect(Number(rejected[0]!.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(responses[0]!.headers.get('ratelimit')).toMatch(/^"requests";r=\d+;t=\d+$/);
    const [, other] = await signUp();
    expect((await get(other)).status).toBe(200);
  });

  it('send Logto one password check at a time when fifty arrive at once', async () => {
    const { passwords } = stack.logto!;
    const compare = passwords.verify.bind(passwords);
    let [concurrent, most] = [0, 0];
    passwords.verify = async (...args) => {
      most = Math.max(most, ++concurrent);
      return compare(...args).finally(() => concurrent--);
    };
    const users = await Promise.all(Array.from({ length: 50 }, () => signUp()));
    const check = ([, as]: [TenantUser, string]) =>
      stack.api('POST', '/v1/password/verify', { token: as, body: { password: PASSWORD } });
    const responses = await Promise.all(users.map(check));
    passwords.verify = compare;
    expect(responses.map(({ status }) => status)).toEqual(Array(50).fill(201));
    expect(most).toBe(1);
  });

  it('return 503 with Retry-After when the queue of password checks is full', async () => {
    const plain = await start(limits);
    stack.logto!.faults.add({ operation: 'POST /api/users/*/password/verify', latency: 100 });
    const users = await Promise.all(Array.from({ length: 8 }, () => signUp()));
    const responses = await Promise.all(
      users.map(([, as]) => plain.api('POST', '/v1/password/verify', { token: as, body: { password: PASSWORD } })),
    );
    stack.logto!.faults.reset();
    const overflow = responses.filter(({ status }) => status === 503);
    expect(responses.filter(({ status }) => status === 201)).toHaveLength(8 - overflow.length);
    expect(overflow.length).toBeGreaterThan(0);
    expect(Number(overflow[0]!.headers.get('retry-after'))).toBeGreaterThan(0);
    // Logto compared no password, so no attempt is counted.
    const again = { token: users[7]![1], body: { password: PASSWORD } };
    expect((await plain.api('POST', '/v1/password/verify', again)).status).toBe(201);
  });
});
