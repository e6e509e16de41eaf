import { afterEach, describe, expect, it, jest } from '@jest/globals';
import Fastify, { type FastifyInstance } from 'fastify';
import { StaticDocument } from './static-document.js';

const running: FastifyInstance[] = [];
afterEach(() => Promise.all(running.splice(0).map((fastify) => fastify.close())));

/** Serves a document. @returns its URL */
const serve = async (render: () => string | Buffer): Promise<string> => {
  const fastify = Fastify();
  running.push(fastify);
  const document = new StaticDocument({ type: 'text/plain', cacheControl: 'public, max-age=300', render });
  fastify.get('/', (request, reply) => document.send(request, reply));
  return fastify.listen({ host: '127.0.0.1', port: 0 });
};
const etagOf = async (url: string) => (await fetch(url)).headers.get('etag')!;

describe('StaticDocument', () => {
  it('renders once, at the first request', async () => {
    const render = jest.fn(() => 'text');
    const url = await serve(render);
    expect(render).not.toHaveBeenCalled();
    const responses = await Promise.all(Array.from({ length: 8 }, () => fetch(url)));
    expect(await Promise.all(responses.map((response) => response.text()))).toEqual(Array(8).fill('text'));
    await fetch(url, { method: 'HEAD' });
    await fetch(url, { headers: { 'if-none-match': await etagOf(url) } });
    expect(render).toHaveBeenCalledTimes(1);
  });

  it('renders again after a failure', async () => {
    const render = jest.fn(() => 'text');
    render.mockImplementationOnce(() => {
      throw new Error('not yet');
    });
    const url = await serve(render);
    expect((await fetch(url)).status).toBe(500);
    expect(await (await fetch(url)).text()).toBe('text');
  });

  it('has a strong ETag of its bytes and can be cached', async () => {
    const url = await serve(() => Buffer.from('a'));
    const { headers } = await fetch(url);
    expect(headers.get('etag')).toMatch(/^"[\w-]{43}"$/);
    expect(headers.get('cache-control')).toBe('public, max-age=300');
    expect(headers.get('content-type')).toBe('text/plain');
    expect(await etagOf(await serve(() => 'a'))).toBe(headers.get('etag'));
    expect(await etagOf(await serve(() => 'b'))).not.toBe(headers.get('etag'));
  });

  it('returns 304 without a body when If-None-Match has its ETag', async () => {
    const url = await serve(() => 'text');
    const etag = await etagOf(url);
    for (const known of [etag, `"x", W/${etag}`, '*']) {
      const response = await fetch(url, { headers: { 'if-none-match': known } });
      expect([response.status, await response.text()]).toEqual([304, '']);
      expect(response.headers.get('etag')).toBe(etag);
      expect(response.headers.get('cache-control')).toBe('public, max-age=300');
    }
    expect((await fetch(url, { headers: { 'if-none-match': '"x"' } })).status).toBe(200);
  });

  it('responds to HEAD with the same headers and no body', async () => {
    const url = await serve(() => 'text');
    const [get, head] = [await fetch(url), await fetch(url, { method: 'HEAD' })];
    const of = ({ headers }: Response) =>
      ['etag', 'cache-control', 'content-type', 'content-length'].map((name) => headers.get(name));
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect(of(head)).toEqual(of(get));
  });
});
