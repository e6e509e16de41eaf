import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: unknown;
}

export interface Reply {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
  /** Reads the request and breaks the connection without an answer. */
  drop?: boolean;
}

/** An HTTP server on loopback that answers as each test says, and keeps what it was sent. */
export async function startFakeService() {
  const received: Received[] = [];
  let reply: (request: Received, count: number) => Reply = () => ({ status: 200, body: {} });
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const json = request.headers['content-type']?.includes('json');
      const entry: Received = {
        method: request.method!,
        path: request.url!,
        headers: request.headers,
        body: json ? JSON.parse(text) : text,
      };
      received.push(entry);
      const { status, body, headers, drop } = reply(entry, received.length);
      if (drop) return void request.socket.destroy();
      const type =
        typeof body === 'string' ? 'text/html' : status >= 400 ? 'application/problem+json' : 'application/json';
      response.writeHead(status, { ...(body !== undefined && { 'content-type': type }), ...headers });
      response.end(body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answer(next: typeof reply): void {
      received.length = 0;
      reply = next;
    },
    stop: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

export const problem = (
  status: number,
  code: string,
  more: object = {},
  headers: Record<string, string> = {},
): Reply => ({
  status,
  body: { type: `https://example.com/${code}`, title: `Title of ${code}`, status, code, requestId: 'r-1', ...more },
  headers,
});
