import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { startDevLogto, type DevLogto } from '../../dev-logto/src/index.js';
import { Database } from '../../src/platform/database/database.js';
import { startStack, type Stack } from '../e2e/harness.js';
import { createPostgresDatabase } from './support/postgres.js';

const postgres = await createPostgresDatabase();

/**
 * The cost of a request in calls to Logto, database statements and checks of the caller's signature. These are counts, so a
 * busy machine does not fail the tests.
 */
(postgres ? describe : describe.skip)('the cost of a request', () => {
  let logto: DevLogto;
  let stack: Stack;
  let token: string;
  const queries = jest.spyOn(pg.Client.prototype, 'query');
  const verifications = jest.spyOn(crypto.subtle, 'verify');

  beforeAll(async () => {
    logto = await startDevLogto({ port: 0 });
    stack = await startStack({ logto, environment: { DATABASE_URL: postgres!.url, CACHE_MAX_AGE_MS: '600000' } });
    token = await logto.issueToken('alice');
    // A read of Logto is repeated if the row changed shortly before it; how shortly depends on the machine's speed.
    await query(
      `alter table logto_profile.profile_user alter column changed_at set default clock_timestamp() - interval '1 hour'`,
    );
  }, 60_000);
  afterAll(async () => {
    queries.mockRestore();
    verifications.mockRestore();
    await stack?.stop();
    await logto.stop();
    await postgres?.drop();
  });

  // So that the machine token, the signing keys, the row and the cached user exist and the last change is long past.
  beforeEach(async () => {
    await get();
    await age();
    await get();
  });

  const query = (text: string) => stack.app.get(Database, { strict: false }).query({ text });
  /** Puts the last change of every user well into the past. */
  const age = () => query(`update logto_profile.profile_user set changed_at = changed_at - interval '1 hour'`);

  const get = (headers: Record<string, string> = {}, by = token) =>
    stack.api('GET', '/v1/profile', { token: by, headers });
  const patch = (body: unknown, headers?: Record<string, string>) =>
    stack.api('PATCH', '/v1/profile', { token, body, headers });

  interface Cost {
    readonly logto: string[];
    readonly queries: number;
    readonly signatures: number;
  }

  /** @param by the token of the requests: the Logto in this process checks signatures, too */
  async function costOf(request: () => Promise<{ status: number }>, by = token): Promise<Cost> {
    logto.calls.reset();
    queries.mockClear();
    verifications.mockClear();
    const { status } = await request();
    expect([200, 304]).toContain(status);
    const calls = Object.entries(logto.calls.list()).flatMap(([call, count]) => Array<string>(count).fill(call));
    const signed = by.slice(0, by.lastIndexOf('.'));
    return {
      logto: calls.map((call) => call.replace(/\/api\/users\/[^/]+/, '')),
      queries: queries.mock.calls.length,
      signatures: verifications.mock.calls.filter(
        ([, , , data]) => Buffer.from(data as Uint8Array).toString() === signed,
      ).length,
    };
  }

  it('that reads a cached user is one statement', async () => {
    expect(await costOf(() => get())).toEqual({ logto: [], queries: 1, signatures: 0 });
    const { headers } = await get();
    // By itself, fetch adds `Cache-Control: no-cache` to a conditional request.
    const condition = { 'if-none-match': headers.get('etag')!, 'cache-control': 'max-age=0' };
    expect(await costOf(() => get(condition))).toEqual({ logto: [], queries: 1, signatures: 0 });
  });

  it('that is the first of a user includes creating the row and caching the user', async () => {
    const { username } = await stack.createUser();
    const first = await logto.issueToken(username);
    expect(await costOf(() => get({}, first), first)).toEqual({ logto: ['GET '], queries: 3, signatures: 1 });
    expect(await costOf(() => get({}, first), first)).toEqual({ logto: [], queries: 1, signatures: 0 });
  });

  it('with a new token includes one signature check, and none when the token is sent again', async () => {
    const fresh = await logto.issueToken('alice');
    expect(await costOf(() => get({}, fresh), fresh)).toEqual({ logto: [], queries: 1, signatures: 1 });
    expect(await costOf(() => get({}, fresh), fresh)).toEqual({ logto: [], queries: 1, signatures: 0 });
  });

  it('that says no-cache is one call to Logto and reading the row before and after it', async () => {
    expect(await costOf(() => get({ 'cache-control': 'no-cache' }))).toEqual({
      logto: ['GET '],
      queries: 2,
      signatures: 0,
    });
  });

  it('that reads an uncached user is shared with concurrent reads', async () => {
    await patch({ name: `Name ${Date.now()}` });
    await age();
    const cost = await costOf(async () => (await Promise.all(Array.from({ length: 10 }, () => get())))[0]!);
    expect(cost.logto).toEqual(['GET ']);
    expect(cost.queries).toBeLessThanOrEqual(2 * 10);
  });

  it('that changes Logto is a GET, a PATCH and three statements: row, lease, release', async () => {
    expect(await costOf(() => patch({ name: 'A' }))).toEqual({ logto: ['GET ', 'PATCH '], queries: 3, signatures: 0 });
    await age();
    expect(await costOf(() => patch({ nickname: 'B' }))).toEqual({
      logto: ['GET ', 'PATCH /profile'],
      queries: 3,
      signatures: 0,
    });
    await age();
    const customData = await costOf(() => patch({ preferences: { a: 1 } }));
    expect(customData).toEqual({ logto: ['GET ', 'PATCH /custom-data'], queries: 3, signatures: 0 });
  });

  it('that changes the database is a GET and three statements: row, lease, release', async () => {
    expect(await costOf(() => patch({ shippingAddress: { country: 'DE' } }))).toEqual({
      logto: ['GET '],
      queries: 3,
      signatures: 0,
    });
  });

  it('that changes both stores includes a transaction with one statement more', async () => {
    const cost = await costOf(() => patch({ name: 'C', shippingAddress: { country: 'AT' } }));
    expect(cost).toEqual({ logto: ['GET ', 'PATCH '], queries: 3 + 3, signatures: 0 });
  });

  it('that changes nothing is a GET and three statements: row, lease, release', async () => {
    expect(await costOf(() => patch({}))).toEqual({ logto: ['GET '], queries: 3, signatures: 0 });
  });
});
