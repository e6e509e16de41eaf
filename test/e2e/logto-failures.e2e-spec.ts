import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Clock } from '../../src/platform/config/clock.js';
import { Database } from '../../src/platform/database/database.js';
import type { Fault } from '../../dev-logto/src/index.js';
import { skipMonotonicTime } from '../support/monotonic-clock.js';
import { atEmbeddedLogto, startStack, uniqueName, type ApiResponse, type Stack } from './harness.js';

/** Longer than Logto takes on a busy machine, and short enough for the tests that wait for it. */
const TIMEOUT_MS = 1_500;
const environment = {
  UPSTREAM_TIMEOUT_MS: String(TIMEOUT_MS),
  UPSTREAM_DEADLINE_MS: String(4 * TIMEOUT_MS),
  LIMIT_REQUEST_BURST: '10000',
};

const CALLS = ['token', 'read', 'write before effect', 'write after effect', 'keys'] as const;
type CallName = (typeof CALLS)[number];
type Effect = 'before' | 'after';

/** How each fault of the table is simulated. */
const FAULTS: Readonly<Record<string, (effect: Effect) => Omit<Fault, 'operation'>>> = {
  'no connection': () => ({ connection: 'reset' }), // Only for connections that are still open; new ones are rejected.
  reset: (effect) => ({ connection: 'reset', effect }),
  hanging: (effect) => ({ connection: 'hang', effect }),
  slow: (effect) => (effect === 'before' ? { latency: 1.5 * TIMEOUT_MS } : { slowBody: TIMEOUT_MS / 4 }),
  garbage: (effect) => ({ connection: 'garbage', effect }),
  truncated: (effect) => ({ connection: 'truncate', effect }),
  HTML: (effect) => ({ status: 200, body: '<html>Sign in</html>', headers: { 'content-type': 'text/html' }, effect }),
  429: (effect) => ({ status: 429, body: 'Too many requests', headers: { 'retry-after': '60' }, effect }),
  500: (effect) => ({ status: 500, effect }),
  502: (effect) => ({ status: 502, body: '<html>Bad Gateway</html>', effect }),
  503: (effect) => ({ status: 503, body: 'down', headers: { 'retry-after': '7' }, effect }),
  504: (effect) => ({ status: 504, body: '', effect }),
};

interface Row {
  readonly fault: string;
  readonly call: CallName;
  readonly expected: { status: number; code: string; outcome: string | undefined; retryAfter: string | null };
}

/** The table of docs/reliability.md. */
const ROWS: readonly Row[] = readFileSync(new URL('../../docs/reliability.md', import.meta.url), 'utf8')
  .split(/^## /m)
  .find((section) => section.startsWith('A call to Logto fails'))!
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .slice(2)
  .map((line) => {
    const [fault, call, status, code, outcome, retryAfter] = line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim());
    const expected = {
      status: Number(status),
      code: code!.replaceAll('`', ''),
      outcome: outcome || undefined,
      retryAfter: retryAfter || null,
    };
    return { fault: fault!, call: call as CallName, expected };
  });
const rowsOf = (...calls: CallName[]) => ROWS.filter(({ call }) => calls.includes(call));

it('the table of docs/reliability.md has a row for each fault and call', () => {
  const isPossible = (fault: string, call: CallName) => fault !== 'no connection' || call !== 'write after effect';
  const combinations = Object.keys(FAULTS).flatMap((fault) =>
    CALLS.filter((call) => isPossible(fault, call)).map((call) => `${fault}, ${call}`),
  );
  expect(ROWS.map(({ fault, call }) => `${fault}, ${call}`).sort()).toEqual(combinations.sort());
});

function expectResponse({ status, body, headers }: ApiResponse, { expected }: Row): void {
  const { code, outcome } = body as { code: string; outcome?: string };
  expect({ status, code, outcome, retryAfter: headers.get('retry-after') }).toEqual(expected);
}

/** Longer than the pause that Logto asks for, and those of circuit breakers. */
const PAUSES_MS = 61_000;

describe('a call to Logto', () => {
  let stack: Stack;
  let user: { id: string; username: string };
  let token: string;
  beforeAll(async () => {
    stack = await startStack({ environment });
  }, 60_000);
  afterAll(() => stack?.stop());
  beforeEach(async () => {
    user = await stack.createUser();
    token = await stack.tokenFor(user.username);
  });

  const read = () => stack.api('GET', '/v1/profile', { token });
  const change = { name: 'New', shippingAddress: { country: 'DE' } };
  const patch = (body: object) => stack.api('PATCH', '/v1/profile', { token, body });

  /** Afterwards, the user can be read and changed. @returns the profile */
  async function recover(): Promise<Record<string, unknown>> {
    stack.faults.reset();
    stack.faults.rejectTokens('none');
    skipMonotonicTime(PAUSES_MS);
    const database = stack.app.get(Database, { strict: false });
    await database.query({
      text: 'update logto_profile.profile_user set lease_until = clock_timestamp() where lease is not null',
    });
    const { status, body } = await stack.api('GET', '/v1/profile', { token, headers: { 'cache-control': 'no-cache' } });
    expect(status).toBe(200);
    expect((await patch({ nickname: 'Again' })).status).toBe(200);
    return body as Record<string, unknown>;
  }
  afterEach(recover);

  const titled = (rows: readonly Row[]) => rows.map((row) => [`${row.fault}, ${row.call}`, row] as const);
  const isClosed = ({ fault }: Row) => fault === 'no connection';
  const reads = rowsOf('read');
  const writes = rowsOf('write before effect', 'write after effect');

  // A real Logto's tokens cannot be voided.
  atEmbeddedLogto.each(titled(rowsOf('token')))('fails as documented: %s', async (_title, row) => {
    expect((await read()).status).toBe(200);
    stack.faults.rejectTokens('used');
    const operation = 'POST /oidc/token';
    if (isClosed(row)) stack.faults.add({ operation: 'GET /api/users/:id', times: 1, stopListening: true });
    else stack.faults.add({ operation, ...FAULTS[row.fault]!(row.fault === 'slow' ? 'after' : 'before') });
    const response = await stack.api('GET', '/v1/profile', { token, headers: { 'cache-control': 'no-cache' } });
    expectResponse(response, row);
  });

  const testRead = async (_title: string, row: Row) => {
    if (isClosed(row)) stack.faults.stopListening();
    const effect = row.fault === 'slow' ? 'after' : 'before';
    stack.faults.add({ operation: 'GET /api/users/:id', ...FAULTS[row.fault]!(effect) });
    expectResponse(await read(), row);
  };
  it.each(titled(reads.filter((row) => !isClosed(row))))('fails as documented: %s', testRead);
  atEmbeddedLogto.each(titled(reads.filter(isClosed)))('fails as documented: %s', testRead);

  const testWrite = async (_title: string, row: Row) => {
    const effect = row.call === 'write after effect' ? 'after' : 'before';
    await read();
    // Every change reads the user first.
    if (isClosed(row)) stack.faults.add({ operation: 'GET /api/users/:id', times: 1, stopListening: true });
    else stack.faults.add({ operation: 'PATCH /api/users/:id', ...FAULTS[row.fault]!(effect) });
    expectResponse(await patch(change), row);
    const { name, shippingAddress } = await recover();
    // Without an unknown outcome, nothing has changed. With it, all is changed or nothing, and recovery changes all.
    const isChanged = row.expected.outcome === 'unknown';
    if (row.fault === '429' && effect === 'after') expect(shippingAddress).toBeNull();
    else expect([name, shippingAddress]).toEqual(isChanged ? [change.name, change.shippingAddress] : [null, null]);
  };
  it.each(titled(writes.filter((row) => !isClosed(row))))('fails as documented: %s', testWrite);
  atEmbeddedLogto.each(titled(writes.filter(isClosed)))('fails as documented: %s', testWrite);
});

describe('sending a code', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ environment });
  }, 60_000);
  afterAll(() => stack?.stop());

  it('is rejected for every address while no message can be sent', async () => {
    const email = `${uniqueName()}@example.com`;
    const [own, taken] = [`own-${email}`, `taken-${email}`];
    const { username } = await stack.createUser({ primaryEmail: own });
    await stack.createUser({ primaryEmail: taken });
    const token = await stack.tokenFor(username);
    const send = (body: object) => stack.api('POST', '/v1/verification-codes', { token, body });
    stack.faults.add({ operation: 'POST /api/verification-codes', connection: 'reset' });
    for (let i = 0; i < 5; i += 1)
      expect((await send({ target: 'primaryEmail' })).body.code).toBe('upstream_unavailable');
    for (const address of [email, own, taken]) {
      const { status, body, headers } = await send({ email: address });
      expect([status, body.code]).toEqual([503, 'upstream_unavailable']);
      expect(headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    }
    stack.faults.reset();
    skipMonotonicTime(PAUSES_MS);
    expect((await send({ target: 'primaryEmail' })).status).toBe(204);
    expect((await send({ email: taken })).status).toBe(204);
  });
});

describe('the request for the signing keys', () => {
  class OffsetClock extends Clock {
    offset = 0;

    now(): number {
      return Date.now() + this.offset;
    }
  }
  const clock = new OffsetClock();
  let stack: Stack;
  let token: string;
  beforeAll(async () => {
    const overrides = [{ provide: Clock, useValue: clock }];
    const faults = [{ operation: 'GET /oidc/jwks', status: 500 }];
    stack = await startStack({ environment, overrides, faults });
    token = await stack.tokenFor((await stack.createUser()).username);
  }, 60_000);
  afterAll(() => stack?.stop());

  atEmbeddedLogto.each(rowsOf('keys').map((row) => [row.fault, row] as const))(
    'fails as documented before any was fetched: %s',
    async (fault, row) => {
      stack.faults.reset();
      const effect = fault === 'slow' ? 'after' : 'before';
      stack.faults.add({ operation: 'GET /oidc/jwks', ...FAULTS[fault]!(effect) });
      if (fault === 'no connection') stack.faults.stopListening();
      clock.offset += 2_000; // Fetches are at least a second apart.
      expectResponse(await stack.api('GET', '/v1/profile', { token }), row);
    },
  );

  atEmbeddedLogto('succeeds as soon as Logto responds', async () => {
    stack.faults.reset();
    clock.offset += 2_000;
    expect((await stack.api('GET', '/v1/profile', { token })).status).toBe(200);
  });
});

describe('a budget for calls to Logto', () => {
  let stack: Stack;
  beforeAll(async () => {
    // With the timeouts by default, so that a busy machine delays no call too long.
    stack = await startStack({ environment: { LIMIT_REQUEST_BURST: '10000', UPSTREAM_BUDGET_PER_10S: '40' } });
  }, 60_000);
  afterAll(() => stack?.stop());

  it('is not spent by one user: others read and change their profiles in the meantime', async () => {
    const [greedy, other] = await Promise.all([stack.createUser(), stack.createUser()]);
    const [greedyToken, token] = await Promise.all([stack.tokenFor(greedy.username), stack.tokenFor(other.username)]);
    const headers = { 'cache-control': 'no-cache' };
    const flood = Promise.all(
      Array.from({ length: 100 }, () => stack.api('GET', '/v1/profile', { token: greedyToken, headers })),
    );
    for (let turn = 0; turn < 4; turn += 1) {
      const { status } = await stack.api('PATCH', '/v1/profile', { token, body: { name: `Turn ${turn}` } });
      expect(status).toBe(200);
    }
    const responses = await flood;
    const rejected = responses.filter(({ status }) => status !== 200);
    expect(rejected.length).toBeGreaterThan(50);
    for (const { status, body, headers: sent } of rejected) {
      expect([status, body.code]).toEqual([503, 'overloaded']);
      expect(Number(sent.get('retry-after'))).toBeGreaterThan(0);
    }
  });

  it('limits the requests of a user by default', async () => {
    const own = await startStack({ logto: stack.logto, environment: { UPSTREAM_BUDGET_PER_10S: '400' } });
    const { headers } = await own.api('GET', '/v1/profile', { token: await own.tokenFor('alice') });
    expect(headers.get('ratelimit-policy')).toBe('"requests";q=40;w=10');
    await own.stop();
  });
});
