import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Database } from '../../src/platform/database/database.js';
import { embedded, startStack, type Answer, type Stack } from './harness.js';
import type { TenantUser } from './logto-tenant.js';

const PASSWORD = 'Str0ng-Passw0rd!x';

let stack: Stack;
let token: string;

const signUp = async (): Promise<[TenantUser, string]> => {
  const made = await stack.createUser({ password: PASSWORD });
  return [made, await stack.tokenFor(made.username)];
};

beforeAll(async () => {
  stack = await startStack();
}, 60_000);
afterAll(() => stack?.stop());
beforeEach(async () => {
  [, token] = await signUp();
});

const outcome = ({ status, body }: Answer): unknown[] => [status, body.code];

(embedded ? describe : describe.skip)('limits', () => {
  const limits = {
    LIMIT_PASSWORD_ATTEMPTS_PER_ADDRESS: '5',
    LIMIT_REQUESTS_PER_MINUTE: '60',
    LIMIT_REQUEST_BURST: '20',
    PASSWORD_QUEUE_LIMIT: '2',
  };
  const stacks: Stack[] = [];
  const start = async (environment: Record<string, string>, database?: Database) => {
    const overrides = database ? [{ provide: Database, useValue: database }] : [];
    const made = await startStack({ logto: stack.logto, environment, overrides });
    stacks.push(made);
    return made;
  };
  const shared = () => stack.app.get(Database, { strict: false });
  afterAll(async () => {
    for (const each of stacks) await each.stop();
  });

  const wrongFrom = async (at: Stack, forwarded: string, as: string) =>
    at.api('POST', '/v1/password/verify', {
      token: as,
      body: { password: 'wrong' },
      headers: { 'x-forwarded-for': forwarded },
    });

  it('hold across replicas and restarts', async () => {
    const replica = await start({}, shared());
    const at = (each: Stack) => each.api('POST', '/v1/password/verify', { token, body: { password: 'wrong' } });
    const both = await Promise.all(Array.from({ length: 20 }, (_, i) => at(i % 2 ? stack : replica)));
    expect(both.filter(({ status }) => status === 422)).toHaveLength(10);
    const restarted = await start({}, shared());
    expect(outcome(await at(restarted))).toEqual([429, 'too_many_attempts']);
  });

  it('count by the caller’s address behind a trusted proxy, by what the proxy itself says', async () => {
    const proxied = await start({ ...limits, TRUST_PROXY: '1' });
    const users = await Promise.all(Array.from({ length: 7 }, () => signUp()));
    const outcomes = [];
    // What a caller sends stands before what the proxy adds: only the last entry is the proxy's.
    for (const [i, [, as]] of users.entries())
      outcomes.push((await wrongFrom(proxied, `192.0.2.${i}, 203.0.113.9`, as)).status);
    expect(outcomes).toEqual([422, 422, 422, 422, 422, 429, 429]);
    expect((await wrongFrom(proxied, '198.51.100.1', users[6]![1])).status).toBe(422);
  });

  it('do not believe a forwarded address without TRUST_PROXY', async () => {
    const plain = await start(limits);
    const users = await Promise.all(Array.from({ length: 7 }, () => signUp()));
    for (const [, as] of users) expect((await wrongFrom(plain, '203.0.113.9', as)).status).toBe(422);
  });

  it('lets a burst of general traffic pass, tells what is left, and leaves other users and refused tokens alone', async () => {
    const plain = await start(limits);
    const get = (as: string) => plain.api('GET', '/v1/password', { token: as });
    for (let i = 0; i < 30; i++) expect((await get('junk')).status).toBe(401);
    const answers = await Promise.all(Array.from({ length: 40 }, () => get(token)));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThanOrEqual(15);
    expect(outcome(refused[0]!)).toEqual([429, 'rate_limited']);
    expect(Number(refused[0]!.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(answers[0]!.headers.get('ratelimit')).toMatch(/^"requests";r=\d+;t=\d+$/);
    const [, other] = await signUp();
    expect((await get(other)).status).toBe(200);
  });

  it('let one password check at a time reach Logto, of fifty sent at once', async () => {
    const { passwords } = stack.logto!;
    const compare = passwords.verify.bind(passwords);
    let [now, most] = [0, 0];
    passwords.verify = async (...args) => {
      most = Math.max(most, ++now);
      return compare(...args).finally(() => now--);
    };
    const users = await Promise.all(Array.from({ length: 50 }, () => signUp()));
    const check = ([, as]: [TenantUser, string]) =>
      stack.api('POST', '/v1/password/verify', { token: as, body: { password: PASSWORD } });
    const answers = await Promise.all(users.map(check));
    passwords.verify = compare;
    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(201));
    expect(most).toBe(1);
  });

  it('answer more password checks than can wait with 503 and when to come again', async () => {
    const plain = await start(limits);
    stack.logto!.faults.add({ operation: 'POST /api/users/*/password/verify', latency: 100 });
    const users = await Promise.all(Array.from({ length: 8 }, () => signUp()));
    const answers = await Promise.all(
      users.map(([, as]) => plain.api('POST', '/v1/password/verify', { token: as, body: { password: PASSWORD } })),
    );
    stack.logto!.faults.reset();
    const overflow = answers.filter(({ status }) => status === 503);
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(8 - overflow.length);
    expect(overflow.length).toBeGreaterThan(0);
    expect(Number(overflow[0]!.headers.get('retry-after'))).toBeGreaterThan(0);
    // Nothing was compared, so nothing counts.
    const again = { token: users[7]![1], body: { password: PASSWORD } };
    expect((await plain.api('POST', '/v1/password/verify', again)).status).toBe(201);
  });
});
