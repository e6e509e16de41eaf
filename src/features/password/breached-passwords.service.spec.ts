import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { AppConfig } from '../../platform/config/app-config.js';
import { BreachedPasswordsService } from './breached-passwords.service.js';

const digest = createHash('sha1').update('hunter2').digest('hex').toUpperCase();
let server: Server;
let url: string;
let asked: { path?: string; padding?: string | string[] };
let reply: { status: number; body: string };

beforeAll(async () => {
  Logger.overrideLogger(false);
  server = createServer((request, response) => {
    asked = { path: request.url, padding: request.headers['add-padding'] };
    response.writeHead(reply.status).end(reply.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  Logger.overrideLogger(['error', 'warn', 'log']);
  server.close();
});
beforeEach(() => {
  asked = {};
  reply = { status: 200, body: `${'0'.repeat(35)}:3\r\n${digest.slice(5)}:17` };
});

const has = (password: string, breachedPasswordsUrl: string | undefined = url) =>
  new BreachedPasswordsService({ breachedPasswordsUrl } as AppConfig).has(password);

describe('BreachedPasswordsService', () => {
  it('finds a breached password by five digits of its hash', async () => {
    expect(await has('hunter2')).toBe(true);
    expect(asked).toEqual({ path: `/range/${digest.slice(0, 5)}`, padding: 'true' });
  });

  it('accepts a password that is not listed or listed only as padding', async () => {
    expect(await has('something else')).toBe(false);
    reply.body = `${digest.slice(5)}:0`;
    expect(await has('hunter2')).toBe(false);
  });

  it('accepts any password while the service fails or is unreachable', async () => {
    reply.status = 503;
    expect(await has('hunter2')).toBe(false);
    expect(await has('hunter2', 'http://127.0.0.1:1')).toBe(false);
  });

  it('stops calling a service that fails, so that passwords do not wait for it', async () => {
    reply.status = 503;
    const service = new BreachedPasswordsService({ breachedPasswordsUrl: url } as AppConfig);
    for (let i = 0; i < 5; i += 1) await service.has('hunter2');
    asked = {};
    expect(await service.has('hunter2')).toBe(false);
    expect(asked).toEqual({});
  });

  it('calls no service unless one is configured', async () => {
    expect(await new BreachedPasswordsService({} as AppConfig).has('hunter2')).toBe(false);
    expect(asked).toEqual({});
  });
});
