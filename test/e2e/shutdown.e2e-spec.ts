import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { json } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startDevLogto, type DevLogto } from '../../dev-logto/src/index.js';
import { ShutdownService } from '../../src/platform/http/shutdown.service.js';
import { startService, type Server } from '../long/servers.mjs';
import { startStack, type Stack } from './harness.js';
import { openConnection } from './raw-connection.js';

const MAIN_FILE = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
/** Longer than a test may take, so that no test succeeds because of it. */
const NEVER_MS = '600000';

describe('during a shutdown', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack();
    stack.app.get(ShutdownService, { strict: false }).start();
  }, 60_000);
  afterAll(() => stack?.stop());

  it('the service is not ready', async () => {
    const { status, body } = await stack.api('GET', '/health/ready');
    expect([status, body.reasons]).toEqual([503, [{ code: 'shutting_down', detail: expect.any(String) }]]);
    expect((await stack.api('GET', '/health/live')).status).toBe(200);
  });

  it('requests succeed, and every response closes its connection', async () => {
    const { username } = await stack.createUser();
    const token = await stack.tokenFor(username);
    const responses = [
      await stack.api('GET', '/v1/profile', { token }),
      await stack.api('PATCH', '/v1/profile', { token, body: { name: 'Alice' } }),
      await stack.api('GET', '/v1/profile'),
      await stack.api('GET', '/nothing', { unchecked: true }),
      await stack.api('GET', '/health/ready'),
    ];
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 401, 404, 503]);
    expect(responses.map(({ headers }) => headers.get('connection'))).toEqual(responses.map(() => 'close'));
  });
});

(existsSync(MAIN_FILE) ? describe : describe.skip)('a signal', () => {
  let logto: DevLogto;
  let token: string;
  beforeAll(async () => {
    logto = await startDevLogto({ port: 0 });
    token = await logto.issueToken('alice');
  });
  afterAll(() => logto.stop());

  let service: Server;
  let exit: Promise<unknown[]>;
  const start = async (environment: Record<string, string> = {}) => {
    service = await startService({
      DATABASE_FOLDER: 'memory://',
      DEV_LOGTO_PORT: new URL(logto.endpoint).port,
      SHUTDOWN_TIMEOUT_MS: NEVER_MS,
      LOG_LEVEL: 'error',
      ...environment,
    });
    exit = once(service.child, 'exit');
  };
  afterEach(async () => {
    logto.faults.reset();
    await service.stop();
  });

  /** Sends a request on a connection of its own, or of `agent`. */
  const send = async (path: string, { agent, method = 'GET', body }: SendOptions = {}) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const sent = request(`${service.url}${path}`, { method, headers, agent: agent ?? false });
    sent.end(body && JSON.stringify(body));
    const [response] = (await once(sent, 'response')) as [import('node:http').IncomingMessage];
    const { statusCode: status, headers: received } = response;
    return { status, connection: received.connection, body: status === 204 ? response.resume() : await json(response) };
  };
  /** Resolves when the shutdown is the reason why the service is not ready. */
  const untilUnready = async () => {
    let body;
    do ({ body } = (await send('/health/ready')) as { body: { reasons: { code: string }[] } });
    while (body.reasons[0]?.code !== 'shutting_down');
  };
  const isListening = async () => {
    const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    return isOpen;
  };
  const untilClosed = async () => {
    while (await isListening()) await delay(10);
  };
  /** Makes Logto wait with an operation. */
  const hold = (operation: string) => {
    let release!: () => void;
    const until = new Promise<void>((resolve) => (release = resolve));
    logto.faults.add({ operation, until });
    const before = logto.calls.count(operation);
    const called = async () => {
      while (logto.calls.count(operation) === before) await delay(10);
    };
    return { called, release };
  };

  it('makes the service unready, which goes on to serve requests until SHUTDOWN_DELAY_MS has passed', async () => {
    await start({ SHUTDOWN_DELAY_MS: NEVER_MS });
    service.child.kill('SIGTERM');
    await untilUnready();
    expect(await send('/v1/profile')).toMatchObject({ status: 200, connection: 'close' });
  }, 60_000);

  it('ends the process at once when it is repeated', async () => {
    await start({ SHUTDOWN_DELAY_MS: NEVER_MS });
    service.child.kill('SIGTERM');
    await untilUnready();
    service.child.kill('SIGTERM');
    expect(await exit).toEqual([1, null]);
  }, 60_000);

  it('counts once when npm forwards what the terminal has already sent', async () => {
    await start({ npm_lifecycle_event: 'start' });
    service.child.kill('SIGINT');
    service.child.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
  }, 60_000);

  it('lets requests finish that are being handled, and then ends the process with 0', async () => {
    await start();
    const { called, release } = hold('GET /api/users/:id');
    const reading = send('/v1/profile');
    await called();
    service.child.kill('SIGTERM');
    await untilClosed();
    release();
    expect(await reading).toMatchObject({ status: 200, connection: 'close' });
    expect(await exit).toEqual([0, null]);
  }, 60_000);

  it('sends the codes that were accepted', async () => {
    await start();
    const { called, release } = hold('GET /api/users');
    const email = 'shutdown@new.example';
    expect((await send('/v1/verification-codes', { method: 'POST', body: { email } })).status).toBe(204);
    await called();
    service.child.kill('SIGTERM');
    await untilClosed();
    release();
    expect(await exit).toEqual([0, null]);
    expect(logto.lastCode(email)).toMatch(/^\d+$/);
  }, 60_000);

  it('closes idle connections and those without a request', async () => {
    await start();
    const agent = new Agent({ keepAlive: true });
    expect((await send('/v1/profile', { agent })).connection).toBe('keep-alive');
    const silent = openConnection(service.url);
    await once(silent.socket, 'connect');
    service.child.kill('SIGTERM');
    expect(await silent.received).toBe('');
    expect(await exit).toEqual([0, null]);
    agent.destroy();
  }, 60_000);

  it('gives half-sent requests until SHUTDOWN_TIMEOUT_MS, rejects them with 408, and ends the process with 0', async () => {
    await start({ SHUTDOWN_TIMEOUT_MS: '500' });
    const head = 'POST /webhooks/logto HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
    const halves = [head, `${head}Content-Length: 100\r\n\r\n{"ev`].map((half) => openConnection(service.url, half));
    // Sent on the same event loop after them, so its response shows that they have arrived.
    await send('/health/live');
    service.child.kill('SIGTERM');
    for (const { response } of halves) {
      expect(await response).toMatchObject({ status: 408, body: { code: 'request_timeout' } });
    }
    expect(await exit).toEqual([0, null]);
  }, 60_000);

  it('ends the process after SHUTDOWN_TIMEOUT_MS even if a request is still being handled', async () => {
    await start({ SHUTDOWN_TIMEOUT_MS: '500' });
    const { called, release } = hold('GET /api/users/:id');
    const outcome = send('/v1/profile').catch((error: NodeJS.ErrnoException) => error.code);
    await called();
    service.child.kill('SIGTERM');
    expect(await outcome).toBe('ECONNRESET');
    expect(await exit).toEqual([0, null]);
    release();
  }, 60_000);
});

interface SendOptions {
  readonly agent?: Agent;
  readonly method?: string;
  readonly body?: object;
}
