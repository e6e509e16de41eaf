import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '@jest/globals';
import { startDevLogto } from '../../dev-logto/src/index.js';

// Starts the built output, because jest hides some errors of ES modules. `npm test` builds it.
const MAIN_FILE = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const children = new Set<ReturnType<typeof spawn>>();
afterEach(() => children.forEach((child) => child.kill('SIGKILL')));

const start = (environment: Record<string, string>, ...options: string[]) => {
  const child = spawn(process.execPath, [...options, MAIN_FILE], {
    env: { PATH: process.env.PATH, DATABASE_FOLDER: 'memory://', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { child, exit, errors: text(child.stderr) };
};

const occupyPort = async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
};

const waitUntilOk = async (url: string): Promise<boolean> => {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    if ((await fetch(url).catch(() => undefined))?.ok) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
};

(existsSync(MAIN_FILE) ? describe : describe.skip)('the built service', () => {
  it('lists each missing variable in production and exits with 1 before it listens', async () => {
    const { exit, errors } = start({ NODE_ENV: 'production', PORT: '0' });
    expect(await exit).toBe(1);
    const lines = (await errors).trim().split('\n');
    expect(lines.map((line) => line.split(' ')[0]).sort()).toEqual([
      'ALLOWED_CLIENT_IDS',
      'API_RESOURCE',
      'LOGTO_ENDPOINT',
      'LOGTO_M2M_APP_ID',
      'LOGTO_M2M_APP_SECRET',
    ]);
  });

  it('prints one line when its port is taken', async () => {
    const occupied = await occupyPort();
    const { exit, errors } = start({ PORT: String(occupied.port), LOG_LEVEL: 'error' });
    expect(await exit).toBe(1);
    expect((await errors).trim()).toBe(`Port ${occupied.port} on 127.0.0.1 is taken: set PORT to another one.`);
    occupied.close();
  }, 60_000);

  it('names lines of src/ in stack traces', async () => {
    const taken = await occupyPort();
    // Prints the stack of a call in main.ts.
    const probe = `const { on } = process;
      process.on = (...args) => (console.error(new Error('probe').stack), on.apply(process, args));`;
    const preload = `data:text/javascript,${encodeURIComponent(probe)}`;
    const { exit, errors } = start({ PORT: String(taken.port), LOG_LEVEL: 'error' }, '--import', preload);
    await exit;
    const source = readFileSync(new URL('../../src/main.ts', import.meta.url), 'utf8').split('\n');
    const line = 1 + source.findIndex((text) => text.includes('process.on('));
    expect(await errors).toMatch(new RegExp(`Error: probe\\n.*\\n.*/src/main\\.ts:${line}:\\d+`));
    taken.close();
  }, 60_000);

  it('runs without Logto and stops on SIGTERM', async () => {
    const free = await occupyPort();
    free.close();
    const { child, exit } = start({ PORT: String(free.port), DEV_LOGTO_PORT: '9', LOG_LEVEL: 'fatal' });
    expect(await waitUntilOk(`http://127.0.0.1:${free.port}/health/live`)).toBe(true);
    child.kill('SIGTERM');
    expect(await exit).toBe(0);
  }, 60_000);

  it('continues to run after its stdout is closed', async () => {
    const free = await occupyPort();
    free.close();
    const { child } = start({ PORT: String(free.port), DEV_LOGTO_PORT: '9', LOG_LEVEL: 'verbose' });
    child.stdout!.destroy(); // From here on, every write to the log fails.
    expect(await waitUntilOk(`http://127.0.0.1:${free.port}/health/live`)).toBe(true);
  }, 60_000);

  // In the bundle, a package that is imported on demand (class-validator, CORS) can have other exports than in the sources.
  it('validates, converts and writes as the sources do', async () => {
    const logto = await startDevLogto({ port: 0 });
    const free = await occupyPort();
    free.close();
    const { child, exit } = start({
      PORT: String(free.port),
      DEV_LOGTO_PORT: new URL(logto.endpoint).port,
      LOG_LEVEL: 'fatal',
    });
    const url = `http://127.0.0.1:${free.port}`;
    const authorization = `Bearer ${await logto.issueToken('alice')}`;
    const send = async (method: string, path: string, body: unknown) => {
      const headers = { authorization, 'content-type': 'application/json', origin: 'http://localhost:5173' };
      const response = await fetch(`${url}${path}`, { method, headers, body: JSON.stringify(body) });
      expect(response.headers.get('access-control-allow-origin')).toBe('http://localhost:5173');
      return [response.status, (await response.json()) as Record<string, unknown>] as const;
    };
    expect(await waitUntilOk(`${url}/health/ready`)).toBe(true);
    expect(await send('PATCH', '/v1/profile', { name: 'Alice Built' })).toMatchObject([200, { name: 'Alice Built' }]);
    expect(await send('PATCH', '/v1/profile', { birthdate: 'x' })).toMatchObject([422, { code: 'validation_failed' }]);
    expect(await send('POST', '/v1/password/verify', { password: 7, more: 1 })).toMatchObject([
      422,
      { errors: [{ pointer: '/more' }, { pointer: '/password' }] },
    ]);
    expect(await send('POST', '/v1/password/verify', { password: 'Str0ng-Passw0rd!x' })).toMatchObject([
      201,
      { kind: 'password' },
    ]);
    child.kill('SIGTERM');
    await exit;
    await logto.stop();
  }, 60_000);
});
