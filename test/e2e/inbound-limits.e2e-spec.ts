import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { startStack, type Stack } from './harness.js';
import { closeConnections, openConnection, type RawConnection } from './raw-connection.js';

let stack: Stack;
let token: string;

/** Long enough for a request on a busy machine, and short enough to wait for in a test. */
const DEADLINES = { HEADERS_TIMEOUT_MS: '3000', REQUEST_TIMEOUT_MS: '4000' };

beforeAll(async () => {
  stack = await startStack({ environment: DEADLINES });
  token = await stack.tokenFor((await stack.createUser()).username);
}, 60_000);
afterAll(async () => {
  closeConnections();
  await stack?.stop();
});
const createHead = (method: string, path: string, ...headers: string[]) =>
  [`${method} ${path} HTTP/1.1`, 'Host: localhost', 'Content-Type: application/json', ...headers, '', ''].join('\r\n');
const getHttpServer = ({ app }: Stack) => app.getHttpServer() as Server;
const readOutcome = async ({ received, response }: RawConnection) => {
  const { status, body, head: lines } = await response;
  await received;
  return [status, body.code, lines.includes(`X-Request-Id: ${body.requestId}`)];
};

describe('a slow client', () => {
  const TIMEOUT = [408, 'request_timeout', true];
  const openForty = (...bytes: string[]) => Array.from({ length: 40 }, () => openConnection(stack.url, ...bytes));
  let lateHeaders: RawConnection[];
  let lateWebhooks: RawConnection[];
  let lateProfiles: RawConnection[];
  let rejected: RawConnection;
  let silent: RawConnection;

  // Opened together, so that their deadlines pass at the same time.
  beforeAll(() => {
    const length = 'Content-Length: 100';
    lateHeaders = openForty('GET /health/live HTTP/1.1\r\nHost: l');
    lateWebhooks = openForty(createHead('POST', '/webhooks/logto', length), '{"ev');
    lateProfiles = openForty(createHead('PATCH', '/v1/profile', `Authorization: Bearer ${token}`, length), '{"name":');
    rejected = openConnection(stack.url, createHead('PATCH', '/v1/profile', length), '{');
    silent = openConnection(stack.url);
  });

  it('does not delay other clients', async () => {
    expect((await stack.api('PATCH', '/v1/profile', { token, body: { name: 'Alice' } })).status).toBe(200);
    expect((await stack.api('GET', '/v1/profile', { token })).status).toBe(200);
  });

  it('receives 408 when its headers do not arrive in time', async () => {
    expect(await Promise.all(lateHeaders.map(readOutcome))).toEqual(lateHeaders.map(() => TIMEOUT));
  });

  it('receives 408 when its body does not arrive in time, on public and protected routes', async () => {
    const connections = [...lateWebhooks, ...lateProfiles];
    expect(await Promise.all(connections.map(readOutcome))).toEqual(connections.map(() => TIMEOUT));
  });

  it('receives no second response when its body was already rejected', async () => {
    expect((await rejected.response).status).toBe(401);
    expect((await rejected.received).match(/HTTP\/1\.1 /g)).toHaveLength(1);
  });

  it('is disconnected without a response when it sends nothing', async () => {
    expect(await silent.received).toBe('');
  });

  it('is not logged as an error', async () => {
    const error = jest.spyOn(Logger.prototype, 'error');
    await openConnection(stack.url, createHead('POST', '/webhooks/logto', 'Content-Length: 100'), '{"ev').received;
    expect((await stack.api('GET', '/health/live')).status).toBe(200);
    expect(error).not.toHaveBeenCalled();
    error.mockRestore();
  });
});

describe('request headers', () => {
  it.each([20, 1_000])('of %d KiB receive a readable 431 response', async (kibibytes) => {
    const requests = Array.from({ length: 10 }, () =>
      openConnection(stack.url, createHead('GET', '/health/live', `X-Large: ${'x'.repeat(kibibytes * 1024)}`)),
    );
    const responses = await Promise.all(requests.map(({ response }) => response));
    expect(responses.map(({ status, body }) => [status, body.code])).toEqual(
      requests.map(() => [431, 'headers_too_large']),
    );
    requests.forEach(({ socket }) => socket.end());
    await Promise.all(requests.map(({ received }) => received));
  });

  it('of 12 KiB are accepted', async () => {
    const headers = { 'x-large': 'x'.repeat(12 * 1024) };
    expect((await stack.api('GET', '/health/live', { headers })).status).toBe(200);
  });
});

describe('connections', () => {
  it('above MAX_CONNECTIONS are closed, and are accepted again once others have closed', async () => {
    const limitedStack = await startStack({ logto: stack.logto, environment: { MAX_CONNECTIONS: '2' } });
    const accepted: Promise<void>[] = [];
    getHttpServer(limitedStack).on('connection', (socket: Socket) => {
      accepted.push(new Promise((resolve) => socket.once('close', () => resolve())));
    });
    const request = createHead('GET', '/health/live');
    const openConnections = [openConnection(limitedStack.url, request), openConnection(limitedStack.url, request)];
    for (const { response } of openConnections) expect((await response).status).toBe(200);
    expect(await openConnection(limitedStack.url, request).received).toBe('');

    openConnections[0]!.socket.destroy();
    await Promise.race(accepted);
    expect((await openConnection(limitedStack.url, request).response).status).toBe(200);
    expect((await sendAgain(openConnections[1]!, request)).status).toBe(200);
    closeConnections();
    await limitedStack.stop();
  });
});

/** Sends another request on an open connection. */
async function sendAgain({ socket }: RawConnection, request: string): Promise<{ status: number }> {
  const line = new Promise<string>((resolve) => socket.once('data', (chunk) => resolve(chunk.toString())));
  socket.write(request);
  return { status: Number((await line).split(' ')[1]) };
}
