import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedRequest {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: unknown;
}

export interface FakeResponse {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
  /** Closes the connection after the request, without a response or, with a body, in the middle of the response. */
  drop?: boolean;
}

/** Starts a local HTTP server. It responds as each test specifies, and records the requests. */
export async function startFakeService() {
  const received: ReceivedRequest[] = [];
  let createResponse: (request: ReceivedRequest, count: number) => FakeResponse = () => ({ status: 200, body: {} });
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const isJson = request.headers['content-type']?.includes('json');
      const receivedRequest: ReceivedRequest = {
        method: request.method!,
        path: request.url!,
        headers: request.headers,
        body: isJson ? JSON.parse(text) : text,
      };
      received.push(receivedRequest);
      const { status, body, headers, drop } = createResponse(receivedRequest, received.length);
      if (drop && body === undefined) return void request.socket.destroy();
      const type =
        typeof body === 'string' ? 'text/html' : status >= 400 ? 'application/problem+json' : 'application/json';
      response.writeHead(status, { ...(body !== undefined && { 'content-type': type }), ...headers });
      if (drop) return void response.write('{', () => request.socket.destroy());
      response.end(body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    respondWith(next: typeof createResponse): void {
      received.length = 0;
      createResponse = next;
    },
    stop: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

export const createProblemResponse = (
  status: number,
  code: string,
  members: object = {},
  headers: Record<string, string> = {},
): FakeResponse => ({
  status,
  body: { type: `https://example.com/${code}`, title: `Title of ${code}`, status, code, requestId: 'r-1', ...members },
  headers,
});
