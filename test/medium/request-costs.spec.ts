import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { startDevLogto, type DevLogto } from '../../dev-logto/src/index.js';
import { Database } from '../../src/platform/database/database.js';
import { startStack, type Stack } from '../e2e/harness.js';
import { createPostgresDatabase } from './support/postgres.js';

const postgres = await createPostgresDatabase();

/**
 * The cost of a request: calls to Logto, database statements, and checks of the signature of its token. These are counts, so the
 * tests do not fail on a busy machine.
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
    // The service repeats a read of Logto if the row changed shortly before it. How shortly depends on the machine.
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

  // Afterwards, the machine token, the signing keys, the row and the cached user exist, and the last change was long ago.
  beforeEach(async () => {
    await get();
    await ageLastChanges();
    await get();
  });

  const query = (text: string) => stack.app.get(Database, { strict: false }).query({ text });
  /** Makes the last change of every user an hour older. */
  const ageLastChanges = () =>
    query(`update logto_profile.profile_user set changed_at = changed_at - interval '1 hour'`);

  const get = (headers: Record<string, string> = {}, callerToken = token) =>
    stack.api('GET', '/v1/profile', { token: callerToken, headers });
  const patch = (body: unknown, headers?: Record<string, string>) =>
    stack.api('PATCH', '/v1/profile', { token, body, headers });

  interface Cost {
    readonly logto: string[];
    readonly queries: number;
    readonly signatures: number;
  }

  /** @param callerToken the token of the request, because the Logto in this process also checks signatures */
  async function measureCost(request: () => Promise<{ status: number }>, callerToken = token): Promise<Cost> {
    logto.calls.reset();
    queries.mockClear();
    verifications.mockClear();
    const { status } = await request();
    expect([200, 304]).toContain(status);
    const calls = Object.entries(logto.calls.list()).flatMap(([call, count]) => Array<string>(count).fill(call));
    const signedPart = callerToken.slice(0, callerToken.lastIndexOf('.'));
    return {
      logto: calls.map((call) => call.replace(/\/api\/users\/[^/]+/, '')),
      queries: queries.mock.calls.length,
      signatures: verifications.mock.calls.filter(
        ([, , , data]) => Buffer.from(data as Uint8Array).toString() === signedPart,
      ).length,
    };
  }

  it('is one statement for a cached user', async () => {
    expect(await measureCost(() => get())).toEqual({ logto: [], queries: 1, signatures: 0 });
    const { headers } = await get();
    // Otherwise, fetch adds `Cache-Control: no-cache` to a conditional request.
    const condition = { 'if-none-match': headers.get('etag')!, 'cache-control': 'max-age=0' };
    expect(await measureCost(() => get(condition))).toEqual({ logto: [], queries: 1, signatures: 0 });
  });

  it('includes creating the row and caching the user for the first request of a user', async () => {
    const { username } = await stack.createUser();
    const firstToken = await logto.issueToken(username);
    expect(await measureCost(() => get({}, firstToken), firstToken)).toEqual({
      logto: ['GET '],
      queries: 3,
      signatures: 1,
    });
    expect(await measureCost(() => get({}, firstToken), firstToken)).toEqual({ logto: [], queries: 1, signatures: 0 });
  });

  it('includes one signature check for a new token and none when the token is sent again', async () => {
    const newToken = await logto.issueToken('alice');
    expect(await measureCost(() => get({}, newToken), newToken)).toEqual({ logto: [], queries: 1, signatures: 1 });
    expect(await measureCost(() => get({}, newToken), newToken)).toEqual({ logto: [], queries: 1, signatures: 0 });
  });

  it('is one call to Logto and two reads of the row for a request with no-cache', async () => {
    expect(await measureCost(() => get({ 'cache-control': 'no-cache' }))).toEqual({
      logto: ['GET '],
      queries: 2,
      signatures: 0,
    });
  });

  it('includes one call to Logto for all concurrent reads of an uncached user', async () => {
    await patch({ name: `Name ${Date.now()}` });
    await ageLastChanges();
    const cost = await measureCost(async () => (await Promise.all(Array.from({ length: 10 }, () => get())))[0]!);
    expect(cost.logto).toEqual(['GET ']);
    expect(cost.queries).toBeLessThanOrEqual(2 * 10);
  });

  it('is a GET, a PATCH and four statements (row, lease, renewal, release) for a change in Logto', async () => {
    expect(await measureCost(() => patch({ name: 'A' }))).toEqual({
      logto: ['GET ', 'PATCH '],
      queries: 4,
      signatures: 0,
    });
    await ageLastChanges();
    expect(await measureCost(() => patch({ nickname: 'B' }))).toEqual({
      logto: ['GET ', 'PATCH /profile'],
      queries: 4,
      signatures: 0,
    });
    await ageLastChanges();
    const customData = await measureCost(() => patch({ preferences: { a: 1 } }));
    expect(customData).toEqual({ logto: ['GET ', 'PATCH /custom-data'], queries: 4, signatures: 0 });
  });

  it('is three statements (row, lease, release) for a change in the database of a cached user', async () => {
    expect(await measureCost(() => patch({ shippingAddress: { country: 'DE' } }))).toEqual({
      logto: [],
      queries: 3,
      signatures: 0,
    });
  });

  it('includes a transaction with one more statement, and a renewal, for a change in both stores', async () => {
    const cost = await measureCost(() => patch({ name: 'C', shippingAddress: { country: 'AT' } }));
    expect(cost).toEqual({ logto: ['GET ', 'PATCH '], queries: 3 + 3 + 1, signatures: 0 });
  });

  it('is three statements (row, lease, release) for a patch that changes nothing', async () => {
    expect(await measureCost(() => patch({}))).toEqual({ logto: [], queries: 3, signatures: 0 });
  });
});
