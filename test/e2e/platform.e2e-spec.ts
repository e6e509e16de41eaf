import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { embedded, startStack, type Stack } from './harness.js';

let stack: Stack;
let token: string;

beforeAll(async () => {
  stack = await startStack({ environment: { CORS_ORIGINS: 'https://app.example.com' } });
  token = await stack.tokenFor('alice');
}, 60_000);
afterAll(() => stack?.stop());

describe('unknown routes', () => {
  it('are 404 with and without a token', async () => {
    for (const path of ['/', '/v1', '/v1/nothing', '/v1/profile/', '/v2/profile']) {
      for (const options of [{}, { token }, { token: 'junk' }]) {
        const { status, body } = await stack.api('GET', path, options);
        expect([status, body.code]).toEqual([404, 'not_found']);
      }
    }
  });

  it('are 405 with Allow where the path has other methods', async () => {
    const { status, body, headers } = await stack.api('DELETE', '/v1/profile');
    expect([status, body.code]).toEqual([405, 'method_not_allowed']);
    expect(headers.get('allow')?.split(', ')).toEqual(expect.arrayContaining(['GET', 'PATCH']));
  });

  it('are problems even when the URL cannot be decoded', async () => {
    const { status, body } = await stack.api('GET', '/%zz', { unchecked: true });
    expect([status, body.code]).toEqual([400, 'malformed_request']);
  });
});

describe('access tokens', () => {
  it('are needed, and the challenge says so without an error code', async () => {
    const { status, body, headers } = await stack.api('GET', '/v1/profile');
    expect([status, body.code]).toEqual([401, 'invalid_token']);
    expect(headers.get('www-authenticate')).toBe('Bearer');
  });

  (embedded ? it : it.skip).each(['id', 'opaque', 'other-audience', 'machine', 'expired'] as const)(
    'are refused when they are of the kind %s',
    async (kind) => {
      const { status, body, headers } = await stack.api('GET', '/v1/profile', {
        token: await stack.tokenFor('alice', { kind }),
      });
      expect([status, body.code]).toEqual([401, 'invalid_token']);
      expect(headers.get('www-authenticate')).toMatch(/^Bearer error="invalid_token"/);
    },
  );
});
