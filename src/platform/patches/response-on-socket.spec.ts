import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hasResponseBegun } from './response-on-socket.js';

const begun: Record<string, boolean> = {};
let closed: Promise<unknown>;
const server = createServer(({ socket }, response) => {
  begun.before = hasResponseBegun(socket);
  response.write('half');
  begun.halfway = hasResponseBegun(socket);
  // Node detaches the response before `close`, but not in every version before the callback of `end`.
  closed = once(response, 'close').then(() => (begun.after = hasResponseBegun(socket)));
  response.end();
});

beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

describe('the response on a socket', () => {
  it('is checked with Node 20, 22 and 24', () => {
    expect(['20', '22', '24']).toContain(process.versions.node.split('.')[0]);
  });

  it('has begun once its headers are out, until the socket is free for the next request', async () => {
    const { port } = server.address() as AddressInfo;
    const [response] = (await once(get({ host: '127.0.0.1', port }), 'response')) as [IncomingMessage];
    await once(response.resume(), 'end');
    await closed;
    expect(begun).toEqual({ before: false, halfway: true, after: false });
  });
});
