import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startDevLogto, type DevLogto } from '../src/index.js';

describe('requests from the rest of the network', () => {
  let logto: DevLogto;
  beforeAll(async () => {
    logto = await startDevLogto({ port: 0 });
  });
  afterAll(() => logto.stop());

  /** Sends any Host header, which fetch does not allow. @returns the status */
  const send = (method: string, path: string, headers: Record<string, string>) =>
    new Promise<number>((resolve, reject) => {
      const body = method === 'POST' ? '{"user":"alice"}' : undefined;
      const options = { method, headers: { ...(body && { 'content-type': 'application/json' }), ...headers } };
      request(`${logto.endpoint}${path}`, options, (response) => {
        response.resume();
        resolve(response.statusCode!);
      })
        .once('error', reject)
        .end(body);
    });

  it.each([
    'attacker.example',
    'attacker.example:3001',
    'localhost.attacker.example',
    '192.168.1.5',
    '127.0.0.1.nip.io',
  ])('are rejected on every route for the host name "%s"', async (host) => {
    const routes = [
      ['POST', '/dev/token'],
      ['GET', '/dev/codes?address=alice@example.com'],
      ['GET', '/dev/mailbox'],
      ['GET', '/oidc/.well-known/openid-configuration'],
      ['GET', '/api/users'],
      ['GET', '/'],
    ] as const;
    for (const [method, path] of routes) expect([path, await send(method, path, { host })]).toEqual([path, 421]);
  });

  it.each(['127.0.0.1', '127.0.0.1:3001', 'localhost', 'LOCALHOST:5173', 'app.localhost', '[::1]:3001'])(
    'are accepted for the loopback host name "%s"',
    async (host) => {
      expect(await send('GET', '/dev/mailbox', { host })).toBe(200);
      expect(await send('POST', '/dev/token', { host })).toBe(200);
    },
  );

  it('cannot use the control API from a page of another site, whatever the browser sends', async () => {
    const crossSite: Record<string, string>[] = [
      { 'sec-fetch-site': 'cross-site' },
      { origin: 'https://attacker.example' },
      { origin: 'null' },
      { origin: 'http://localhost.attacker.example' },
    ];
    for (const headers of crossSite) {
      expect(await send('POST', '/dev/token', headers)).toBe(403);
      expect(await send('POST', '/sign-in/cancel', headers)).toBe(403);
    }
    expect(await send('POST', '/dev/token', { origin: 'http://localhost:5173' })).toBe(200);
  });
});
