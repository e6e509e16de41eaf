import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import axios, { AxiosError, type AxiosInstance } from 'axios';
import type { Agent } from 'undici';
import { LocalLogto } from '../../../test/support/local-logto.js';
import { createAgent, TransportError, undiciAdapter } from './undici.adapter.js';

let server: LocalLogto;
let agent: Agent;
let http: AxiosInstance;

beforeEach(async () => {
  server = await LocalLogto.start();
  server.reply = () => ({ status: 200, body: { ok: true } });
  agent = createAgent(1);
  http = axios.create({ adapter: undiciAdapter(agent), baseURL: `${server.endpoint}/base` });
});

afterEach(async () => {
  jest.useRealTimers();
  await agent.destroy();
  await server.stop();
});

describe('the undici adapter', () => {
  it('sends method, path, query, headers and body, and returns status, headers and body', async () => {
    server.reply = () => ({ status: 201, body: { ok: 'ü' }, headers: { 'x-response': '1' } });
    const response = await http.post('/a', { b: 'ü' }, { params: { c: 'd e', none: undefined } });
    expect(server.calls[0]).toMatchObject({ method: 'POST', path: '/base/a?c=d+e', body: '{"b":"ü"}' });
    expect([response.status, response.data, response.headers['x-response']]).toEqual([201, { ok: 'ü' }, '1']);
  });

  it.each([
    [404, AxiosError.ERR_BAD_REQUEST],
    [503, AxiosError.ERR_BAD_RESPONSE],
  ])('rejects status %d like axios', async (status, code) => {
    server.reply = () => ({ status, body: { why: 'x' } });
    await expect(http.get('/a')).rejects.toMatchObject({ code, response: { status, data: { why: 'x' } } });
    expect((await http.get('/a', { validateStatus: null })).status).toBe(status);
  });

  it('does not follow redirects', async () => {
    server.reply = () => ({ status: 302, headers: { location: '/elsewhere' } });
    expect((await http.get('/a', { validateStatus: null })).status).toBe(302);
    expect(server.calls).toHaveLength(1);
  });

  it('reports a request that timed out waiting for a connection as not sent', async () => {
    server.reply = () => 'hang';
    const first = http.get('/first', { timeout: 1_000 }).catch((error: unknown) => error);
    const second = http.post('/second', {}, { timeout: 50 }).catch((error: unknown) => error);
    expect(await second).toMatchObject({ code: 'ETIMEDOUT', sent: false });
    expect(await first).toMatchObject({ code: 'ETIMEDOUT', sent: true });
    server.reply = () => ({ status: 204 });
    await http.get('/third');
    expect(server.calls.map(({ path }) => path)).toEqual(['/base/first', '/base/third']);
  });

  it('times out while the body is being received', async () => {
    server.reply = () => ({ status: 200, headers: { 'content-length': '100' } });
    const error = await http.get('/a', { timeout: 50 }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TransportError);
    expect(error).toMatchObject({ code: 'ETIMEDOUT', sent: true });
  });

  it('reports a request whose connection broke as sent', async () => {
    server.reply = () => 'drop';
    await expect(http.post('/a', {})).rejects.toMatchObject({ sent: true });
  });
});

/** Waits a turn of the event loop, in which undici updates its connections. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('an idle connection', () => {
  it.each([
    ['with the hint of 5 s that Logto sends', { 'keep-alive': 'timeout=5' }],
    ['without a hint', { 'keep-alive': 'none' }],
    ['with a hint of a minute', { 'keep-alive': 'timeout=60' }],
  ])('is closed within 4 s, before Logto closes it after 5 s: %s', async (_what, headers) => {
    // Fakes only the timers for idle sockets; the sockets themselves run in real time.
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance', 'Date'] });
    server.reply = () => ({ status: 200, headers });
    await http.get('/a');
    await http.get('/b');
    const { socket } = server.calls[0]!;
    expect(server.calls[1]!.socket).toBe(socket);
    await settled();
    const closed = once(socket, 'close');
    jest.advanceTimersByTime(4_000);
    await closed;
    await http.post('/c', {});
    expect(server.calls[2]!.socket).not.toBe(socket);
  });

  it('is reused within 2 s', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance', 'Date'] });
    await http.get('/a');
    await settled();
    jest.advanceTimersByTime(2_000);
    await http.get('/b');
    expect(server.sockets.size).toBe(1);
  });
});
