import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { SwaggerModule } from '@nestjs/swagger';
import { Document } from 'yaml';
import { startStack, type CallOptions, type Stack } from './harness.js';

const DOCUMENTS = ['/openapi.json', '/openapi.yaml', '/docs', '/docs/', '/docs/start.js', '/docs/openapi.json'];
const ALL_PATHS = [...DOCUMENTS, '/docs/errors', '/docs/swagger-ui-bundle.js', '/docs/oauth2-redirect.html'];

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
}, 60_000);
afterAll(() => stack?.stop());

const get = (path: string, options: CallOptions = {}) => stack.api('GET', path, { unchecked: true, ...options });

describe('the documentation', () => {
  it('is rendered once for all requests', async () => {
    const createDocument = jest.spyOn(SwaggerModule, 'createDocument');
    const toYaml = jest.spyOn(Document.prototype, 'toString');
    for (let round = 0; round < 2; round++) {
      const responses = await Promise.all(Array.from({ length: 8 }, () => DOCUMENTS.map((path) => get(path))).flat());
      expect(responses.map(({ status }) => status)).toEqual(responses.map(() => 200));
    }
    expect(createDocument).toHaveBeenCalledTimes(1);
    expect(toYaml).toHaveBeenCalledTimes(1);
    jest.restoreAllMocks();
  });

  it('is served as a page, as JSON and as YAML', async () => {
    const page = await get('/docs');
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect((await get('/openapi.json')).body.openapi).toBe('3.1.0');
    expect((await get('/openapi.yaml')).body).toContain('openapi: 3.1.0');
  });

  it('loads only resources that its Content-Security-Policy allows', async () => {
    const page = await get('/docs');
    for (const [, path] of page.body.matchAll(/(?:src|href)="([^"]+)"/g)) {
      expect([path, (await get(path)).status]).toEqual([path, 200]);
    }
    expect(page.body).not.toMatch(/<script>|https?:\/\//);
  });

  it.each(ALL_PATHS)('can be cached and returns 304 while it is unchanged: %s', async (path) => {
    const { headers } = await get(path);
    expect(headers.get('cache-control')).toMatch(/^public, max-age=\d+/);
    const etag = headers.get('etag')!;
    expect(etag).toMatch(/^"[\w-]+"$/);
    const notModified = await get(path, { headers: { 'if-none-match': etag } });
    expect([notModified.status, notModified.body, notModified.headers.get('etag')]).toEqual([304, '', etag]);
    const head = await stack.api('HEAD', path, { unchecked: true });
    expect([head.status, head.body, head.headers.get('etag')]).toEqual([200, '', etag]);
    expect(head.headers.get('content-length')).toBe(headers.get('content-length'));
  });

  it('returns 404 when DOCS is false', async () => {
    const undocumented = await startStack({ logto: stack.logto, environment: { DOCS: 'false' } });
    for (const path of ALL_PATHS) {
      const { status, body } = await undocumented.api('GET', path);
      expect([path, status, body.code]).toEqual([path, 404, 'not_found']);
    }
    expect((await undocumented.api('GET', '/health/live')).status).toBe(200);
    await undocumented.stop();
  });
});
