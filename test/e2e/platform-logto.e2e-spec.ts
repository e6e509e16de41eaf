import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Clock } from '../../src/platform/config/clock.js';
import { atEmbeddedLogto, startStack, type ApiResponse, type Stack } from './harness.js';

class OffsetClock extends Clock {
  offset = 0;

  now(): number {
    return Date.now() + this.offset;
  }
}

describe('the check of access tokens', () => {
  const clock = new OffsetClock();
  const overrides = [{ provide: Clock, useValue: clock }];
  let scopedStack: Stack;
  let username: string;

  beforeAll(async () => {
    scopedStack = await startStack({
      environment: { READ_SCOPES: 'profile:read', WRITE_SCOPES: 'profile:read profile:write' },
      overrides,
    });
    ({ username } = await scopedStack.createUser());
  }, 60_000);
  afterAll(() => scopedStack?.stop());

  const read = (stack: Stack, token: string) => stack.api('GET', '/v1/profile', { token });
  const issueToken = (scope: string) => scopedStack.tokenFor(username, { scope });

  it('requires READ_SCOPES for reads and WRITE_SCOPES for writes', async () => {
    const readOnly = await issueToken('profile:read');
    expect((await read(scopedStack, readOnly)).status).toBe(200);
    const { status, body, headers } = await scopedStack.api('PATCH', '/v1/profile', { token: readOnly, body: {} });
    expect([status, body.code]).toEqual([403, 'insufficient_scope']);
    expect(headers.get('www-authenticate')).toBe(
      'Bearer error="insufficient_scope", scope="profile:read profile:write"',
    );
    expect((await read(scopedStack, await issueToken('profile:reader'))).body.code).toBe('insufficient_scope');
    // After the syntax of the body, and before its values.
    const change = (value: unknown) => scopedStack.api('PATCH', '/v1/profile', { token: readOnly, body: value });
    expect((await change('{')).body.code).toBe('malformed_request');
    expect((await change([])).body.code).toBe('insufficient_scope');
    const readWrite = await issueToken('profile:write profile:read');
    expect((await scopedStack.api('PATCH', '/v1/profile', { token: readWrite, body: {} })).status).toBe(200);
  });

  atEmbeddedLogto('accepts rotated keys and rejects tokens of a key that Logto no longer publishes', async () => {
    const oldToken = await issueToken('profile:read');
    expect((await read(scopedStack, oldToken)).status).toBe(200);
    await scopedStack.logto!.rotateKeys();
    const newToken = await issueToken('profile:read');
    expect((await read(scopedStack, newToken)).status).toBe(200);
    expect((await read(scopedStack, oldToken)).status).toBe(200);
    await scopedStack.logto!.rotateKeys();
    expect((await read(scopedStack, await issueToken('profile:read'))).status).toBe(200);
    expect((await read(scopedStack, newToken)).status).toBe(200);
    const rejected = await read(scopedStack, oldToken);
    expect([rejected.status, rejected.body.code]).toEqual([401, 'invalid_token']);
  });

  describe('with an unknown key id', () => {
    let token: string;
    beforeAll(async () => {
      token = await issueToken('profile:read');
    });
    const createJunkToken = (kid: string) => {
      const [, claims, signature] = token.split('.');
      const header = Buffer.from(JSON.stringify({ alg: 'ES384', typ: 'at+jwt', kid })).toString('base64url');
      return `${header}.${claims}.${signature}`;
    };
    const expectRejected = ({ status, body }: ApiResponse) =>
      expect([status, body.code]).toEqual([401, 'invalid_token']);

    atEmbeddedLogto('accepts a rotated key right after a junk token', async () => {
      expectRejected(await read(scopedStack, createJunkToken('junk')));
      await scopedStack.logto!.rotateKeys();
      const [rotated, junk] = await Promise.all([
        read(scopedStack, await issueToken('profile:read')),
        read(scopedStack, createJunkToken('more-junk')),
      ]);
      expect(rotated.status).toBe(200);
      expectRejected(junk);
    });

    it('fetches the keys at most once a second', async () => {
      const tokens = Array.from({ length: 100 }, (_, index) => createJunkToken(`junk-${index}`));
      const countFetches = () => scopedStack.calls.count('GET /oidc/jwks');
      const initialFetches = countFetches();
      const start = performance.now();
      for (const response of await Promise.all(tokens.map((token) => read(scopedStack, token)))) {
        expectRejected(response);
      }
      // Timers may fire some milliseconds early.
      const seconds = (performance.now() - start) / 990;
      expect(countFetches() - initialFetches).toBeLessThanOrEqual(1 + Math.floor(seconds));
    });
  });

  describe('before any signing key was fetched', () => {
    let stack: Stack;

    beforeAll(async () => {
      const faults = [{ operation: 'GET /oidc/jwks', drop: 'before' as const }];
      stack = await startStack({ logto: scopedStack.logto, overrides, faults });
    }, 60_000);
    afterAll(() => stack?.stop());

    it('returns 503 for a token that could be valid and 401 for one that could not', async () => {
      const { status, body, headers } = await read(stack, await stack.tokenFor(username));
      expect([status, body.code]).toEqual([503, 'upstream_unavailable']);
      expect(headers.get('retry-after')).toMatch(/^\d+$/);
      expect((await read(stack, 'junk')).body.code).toBe('invalid_token');
      expect((await stack.api('GET', '/v1/profile')).body.code).toBe('invalid_token');
    });

    it('reports the service as live but not ready', async () => {
      const { status, body } = await stack.api('GET', '/health/ready');
      expect([status, body.reasons]).toEqual([
        503,
        [{ code: 'signing_keys_missing', detail: "Logto's signing keys have not been fetched yet." }],
      ]);
      expect((await stack.api('GET', '/health/live')).status).toBe(200);
    });

    it('accepts tokens as soon as Logto responds', async () => {
      stack.faults.reset();
      clock.offset += 2_001;
      expect((await read(stack, await stack.tokenFor(username))).status).toBe(200);
      // A result is used for a second.
      while ((await stack.api('GET', '/health/ready')).status !== 200) await delay(100);
    });
  });
});
