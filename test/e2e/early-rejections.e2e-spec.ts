import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startStack, type Stack } from './harness.js';
import { closeConnections, openConnection } from './raw-connection.js';

const MEBIBYTE = 1024 * 1024;
const CLIENT = fileURLToPath(new URL('../support/large-body-client.mjs', import.meta.url));
const run = promisify(execFile);

/** Long timeouts, so that tests of byte limits do not fail on a busy machine. */
const LONG_TIMEOUTS = { HEADERS_TIMEOUT_MS: '60000', REQUEST_TIMEOUT_MS: '60000', DRAIN_TIMEOUT_MS: '60000' };

let stack: Stack;
let token: string;

beforeAll(async () => {
  stack = await startStack({ environment: LONG_TIMEOUTS });
  token = await stack.tokenFor((await stack.createUser()).username);
}, 60_000);
afterEach(closeConnections);
afterAll(() => stack?.stop());

interface LargeBodyRequest {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly chunked: boolean;
}

/** Sends `count` bodies of 2 to 4 MiB concurrently from another process. @returns the status and code that each client received */
async function sendLargeBodies(
  count: number,
  { path = '/v1/profile', ...request }: LargeBodyRequest,
): Promise<string[]> {
  const headers = { 'content-type': 'application/json', ...request.headers };
  const sizes = Array.from({ length: count }, (_, i) => (2 + (i % 3)) * MEBIBYTE);
  const options = { method: 'PATCH', ...request, url: `${stack.url}${path}`, headers, sizes };
  const { stdout } = await run(process.execPath, [CLIENT, JSON.stringify(options)]);
  return JSON.parse(stdout) as string[];
}

describe.each([
  ['with a Content-Length', false],
  ['in chunks', true],
])('a large body %s', (_name, chunked) => {
  it('returns 413 to each client', async () => {
    const headers = { authorization: `Bearer ${token}` };
    expect(await sendLargeBodies(40, { headers, chunked })).toEqual(Array(40).fill('413 payload_too_large'));
  }, 60_000);

  it('returns 401 to each client without a token', async () => {
    expect(await sendLargeBodies(40, { chunked })).toEqual(Array(40).fill('401 invalid_token'));
  }, 60_000);

  it.each<[string, Omit<LargeBodyRequest, 'chunked'> & { signedIn?: boolean }, string]>([
    ['sent to the public webhook route', { method: 'POST', path: '/webhooks/logto' }, '413 payload_too_large'],
    ['sent to an unknown route', { method: 'POST', path: '/v1/nothing' }, '404 not_found'],
    ['sent to a URL that cannot be decoded', { method: 'POST', path: '/%zz' }, '400 malformed_request'],
    ['sent with an unsupported method', { method: 'POST' }, '405 method_not_allowed'],
    [
      'sent with an unsupported media type',
      { signedIn: true, headers: { 'content-type': 'text/plain' } },
      '415 unsupported_media_type',
    ],
    ['sent compressed', { signedIn: true, headers: { 'content-encoding': 'gzip' } }, '415 unsupported_media_type'],
  ])(
    'returns a readable response to each client when %s',
    async (_case, { signedIn, headers, ...request }, expected) => {
      const sentHeaders = { ...headers, ...(signedIn && { authorization: `Bearer ${token}` }) };
      expect(await sendLargeBodies(8, { ...request, headers: sentHeaders, chunked })).toEqual(Array(8).fill(expected));
    },
  );
});

it('reuses the connection after the rest of a rejected body has arrived', async () => {
  const { socket, response } = openConnection(
    stack.url,
    'PATCH /v1/profile HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 14\r\n\r\n{"name"',
  );
  expect((await response).status).toBe(401);
  const nextResponse = new Promise<string>((resolve) => socket.once('data', (chunk) => resolve(chunk.toString())));
  socket.write(':"Bob"}GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n');
  expect(await nextResponse).toMatch(/^HTTP\/1\.1 200 /);
});

describe('a client that continues to send after it was rejected', () => {
  const CHUNK = Buffer.concat([Buffer.from('8000\r\n'), randomBytes(0x8000), Buffer.from('\r\n')]);
  const createRequest = (...headers: string[]) =>
    [
      'POST /webhooks/logto HTTP/1.1',
      'Host: localhost',
      'Content-Type: text/plain',
      'Transfer-Encoding: chunked',
      ...headers,
      '',
      '',
    ].join('\r\n');

  it('is disconnected once it has sent DRAIN_BYTES', async () => {
    const limitedStack = await startStack({ logto: stack.logto, environment: { DRAIN_BYTES: '100000' } });
    const { socket, response, received } = openConnection(limitedStack.url, createRequest());
    expect((await response).status).toBe(415);
    const send = () => {
      while (socket.writable && socket.write(CHUNK));
    };
    socket.on('drain', send);
    send();
    expect((await received).match(/HTTP\/1\.1 /g)).toHaveLength(1);
    await limitedStack.stop();
  });

  it('is disconnected after DRAIN_TIMEOUT_MS when its body does not end', async () => {
    const limitedStack = await startStack({ logto: stack.logto, environment: { DRAIN_TIMEOUT_MS: '100' } });
    const { response, received } = openConnection(limitedStack.url, createRequest(), CHUNK);
    expect((await response).status).toBe(415);
    expect((await received).match(/HTTP\/1\.1 /g)).toHaveLength(1);
    await limitedStack.stop();
  });

  it('is disconnected at the end of its body when it sent Connection: close', async () => {
    const { response, socket, received } = openConnection(stack.url, createRequest('Connection: close'), CHUNK);
    expect((await response).status).toBe(415);
    socket.write('0\r\n\r\n');
    expect((await received).match(/HTTP\/1\.1 /g)).toHaveLength(1);
  });

  it.each(['DRAIN_TIMEOUT_MS', 'DRAIN_BYTES'])('is disconnected when it does not send HTTP: %s', async (name) => {
    const limitedStack = await startStack({ logto: stack.logto, environment: { [name]: '100' } });
    const { socket, response, received } = openConnection(limitedStack.url, 'NONSENSE\r\n\r\n');
    expect((await response).status).toBe(400);
    if (name === 'DRAIN_BYTES') socket.write(CHUNK);
    expect((await received).match(/HTTP\/1\.1 /g)).toHaveLength(1);
    await limitedStack.stop();
  });
});
