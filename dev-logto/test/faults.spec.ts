import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ALICE, Backend } from './backend.js';

describe('faults', () => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await Backend.start();
  });
  afterEach(() => backend.logto.reset());
  afterAll(() => backend.stop());

  const getAlice = () => backend.call('GET', `/users/${ALICE}`);
  const rename = (name: string) => backend.call('PATCH', `/users/${ALICE}`, { name });
  const getNameOfAlice = () => backend.logto.tenant.users.get(ALICE)!.name;

  it('replace the response to the next calls of an operation with a status, body and headers', async () => {
    const fault = { operation: 'GET /api/users/:userId', times: 2, status: 503, body: { message: 'busy' } };
    backend.logto.faults.add({ ...fault, headers: { 'retry-after': '7' } });
    const first = await getAlice();
    expect([first.status, first.body, first.headers.get('retry-after')]).toEqual([503, { message: 'busy' }, '7']);
    expect((await rename('Untouched')).status).toBe(200);
    expect((await getAlice()).status).toBe(503);
    expect((await getAlice()).status).toBe(200);
  });

  it('respond with a failure before or after the call takes effect', async () => {
    const operation = 'PATCH /api/users/*';
    backend.logto.faults.add({ operation, times: 1, status: 500 });
    expect((await rename('Before')).status).toBe(500);
    expect(getNameOfAlice()).toBe('Alice Example');
    backend.logto.faults.add({ operation, times: 1, status: 502, effect: 'after', body: 'Bad Gateway' });
    const { status, body } = await rename('After');
    expect([status, body, getNameOfAlice()]).toEqual([502, { text: 'Bad Gateway' }, 'After']);
  });

  it('close the connection before or after the call takes effect', async () => {
    const operation = 'PATCH /api/users/*';
    backend.logto.faults.add({ operation, times: 1, drop: 'before' });
    await expect(rename('Before')).rejects.toThrow();
    expect(getNameOfAlice()).toBe('Alice Example');
    backend.logto.faults.add({ operation, times: 1, drop: 'after' });
    await expect(rename('After')).rejects.toThrow();
    expect(getNameOfAlice()).toBe('After');
  });

  it('close the connection halfway through the response', async () => {
    backend.logto.faults.add({ operation: 'PATCH /api/users/*', times: 1, drop: 'during' });
    await expect(rename('During')).rejects.toThrow('terminated');
    expect(getNameOfAlice()).toBe('During');
  });

  it.each(['reset', 'garbage', 'truncate'] as const)(
    'break the connection before or after the call takes effect: %s',
    async (connection) => {
      const operation = 'PATCH /api/users/*';
      backend.logto.faults.add({ operation, times: 1, connection });
      await expect(rename('Before')).rejects.toThrow();
      expect(getNameOfAlice()).toBe('Alice Example');
      backend.logto.faults.add({ operation, times: 1, connection, effect: 'after' });
      await expect(rename('After')).rejects.toThrow();
      expect(getNameOfAlice()).toBe('After');
    },
  );

  it('leave a call without a response', async () => {
    const { access_token: token } = (await (await backend.requestToken()).json()) as { access_token: string };
    backend.logto.faults.add({ operation: 'PATCH /api/users/*', times: 1, connection: 'hang', effect: 'after' });
    const client = new AbortController();
    const hangingCall = fetch(`${backend.logto.endpoint}/api/users/${ALICE}`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'Silent' }),
      signal: client.signal,
    });
    while (getNameOfAlice() !== 'Silent') await new Promise(setImmediate);
    client.abort();
    await expect(hangingCall).rejects.toThrow('aborted');
  });

  it('reject connections after the response to a call, until the faults are removed', async () => {
    backend.logto.faults.add({ operation: 'GET /api/users/*', times: 1, stopListening: true });
    expect((await getAlice()).status).toBe(200);
    await expect(getAlice()).rejects.toThrow('fetch failed');
    backend.logto.faults.reset();
    expect((await getAlice()).status).toBe(200);
  });

  it('send the body in slow chunks', async () => {
    const removeFault = backend.logto.faults.add({ operation: 'GET /api/**', slowBody: 1 });
    expect((await getAlice()).body['username']).toBe('alice');
    removeFault();
    expect(backend.logto.faults.list()).toEqual([]);
  });

  it('delay a call by its latency', async () => {
    backend.logto.faults.add({ operation: 'GET /api/users/*', times: 1, latency: 60_000 });
    const abortedCall = fetch(`${backend.logto.endpoint}/api/users/x`, { signal: AbortSignal.timeout(50) });
    await expect(abortedCall).rejects.toThrow();
  });

  it('handle a call after its delay', async () => {
    backend.logto.faults.add({ operation: '* /api/users/*', times: 2, latency: 10 });
    expect((await rename('Delayed')).body['name']).toBe('Delayed');
    expect((await getAlice()).body['name']).toBe('Delayed');
  });

  it('handle a delayed call even if the client has disconnected', async () => {
    const operation = 'PATCH /api/users/*';
    const { access_token: token } = (await (await backend.requestToken()).json()) as { access_token: string };
    backend.logto.calls.reset();
    backend.logto.faults.add({ operation, times: 1, latency: 500 });
    const client = new AbortController();
    const abortedCall = fetch(`${backend.logto.endpoint}/api/users/${ALICE}`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'Late' }),
      signal: client.signal,
    });
    while (backend.logto.calls.count(operation) === 0) await new Promise(setImmediate);
    client.abort();
    await expect(abortedCall).rejects.toThrow();
    expect(getNameOfAlice()).toBe('Alice Example');
    while (getNameOfAlice() !== 'Late') await new Promise(setImmediate);
  });

  it('apply to the token endpoint', async () => {
    backend.logto.faults.add({ operation: 'POST /oidc/token', times: 1, status: 503 });
    backend.logto.faults.add({ operation: 'POST /oidc/token', times: 1, drop: 'after' });
    expect((await backend.requestToken()).status).toBe(503);
    await expect(backend.requestToken()).rejects.toThrow();
    expect((await backend.requestToken()).status).toBe(200);
  });

  it('make the Management API reject used tokens or all tokens', async () => {
    await getAlice();
    backend.logto.faults.rejectTokens('used');
    const rejected = await getAlice();
    expect([rejected.status, rejected.body['code']]).toEqual([401, 'auth.unauthorized']);
    await backend.renewToken();
    expect((await getAlice()).status).toBe(200);
    backend.logto.faults.rejectTokens('all');
    await backend.renewToken();
    expect((await getAlice()).status).toBe(401);
  });

  it('fail message sends, remove connectors and disable the breached-password service', async () => {
    const send = () => backend.call('POST', '/verification-codes', { email: 'new@example.com' });
    backend.logto.faults.failSends(1);
    expect((await send()).body['code']).toBe('connector.general');
    expect(backend.logto.lastCode('new@example.com')).toBeUndefined();
    backend.logto.faults.connectorsRemoved.add('email');
    expect((await send()).body['code']).toBe('connector.not_found');
    const connectors = (await backend.call('GET', '/connectors')).body as unknown as { type: string }[];
    expect(connectors.map(({ type }) => type)).toEqual(['Sms']);
    backend.logto.faults.connectorsRemoved.clear();
    expect((await send()).status).toBe(204);

    const check = () =>
      backend.call('POST', '/sign-in-exp/default/check-password', { password: 'Kx7!vQ2#mZp9', userId: ALICE });
    expect((await check()).body).toEqual({ result: true });
    backend.logto.faults.breachedPasswordServiceDown = true;
    const { status, body } = await check();
    expect([status, body['data'], body['issues']]).toEqual([400, { message: 'fetch failed' }, undefined]);
  });

  it('are added and removed over HTTP', async () => {
    const fault = { operation: 'GET /api/users/*', status: 500, rejectTokens: 'all', removeConnectors: ['sms'] };
    expect((await backend.call('POST', '/dev/faults', fault)).status).toBe(204);
    expect((await getAlice()).status).toBe(500);
    expect((await rename('x')).status).toBe(401);
    expect([...backend.logto.faults.connectorsRemoved]).toEqual(['sms']);
    expect((await backend.call('GET', '/dev/faults')).body).toEqual([{ operation: 'GET /api/users/*', status: 500 }]);
    expect((await backend.call('DELETE', '/dev/faults')).status).toBe(204);
    expect((await getAlice()).status).toBe(200);
    const invalid = await backend.call('POST', '/dev/faults', { operation: 'GET /', status: 1000 });
    expect([invalid.status, invalid.body['message']]).toEqual([400, expect.stringContaining('status: ')]);
  });

  it('cannot be changed by other sites', async () => {
    const headers = { 'sec-fetch-site': 'cross-site' };
    const response = await fetch(`${backend.logto.endpoint}/dev/reset`, { method: 'POST', headers });
    expect(response.status).toBe(403);
  });
});

describe('the clock and the call counter', () => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await Backend.start();
  });
  afterAll(() => backend.stop());

  const getAlice = () => backend.call('GET', `/users/${ALICE}`);

  it('count calls by operation', async () => {
    await getAlice();
    backend.logto.calls.reset();
    await getAlice();
    await getAlice();
    await backend.call('PATCH', `/users/${ALICE}`, { name: 'x' });
    expect(backend.logto.calls.count('GET /api/users/:userId')).toBe(2);
    expect(backend.logto.calls.count('* /api/**')).toBe(3);
    const listed = await backend.call('GET', '/dev/calls');
    expect(listed.body).toEqual({ [`GET /api/users/${ALICE}`]: 2, [`PATCH /api/users/${ALICE}`]: 1 });
  });

  it('expire tokens and codes when the clock is advanced, and return to the real time', async () => {
    await backend.call('POST', '/verification-codes', { email: 'old@example.com' });
    await backend.call('POST', '/dev/clock', { advance: 3601 });
    const expired = await backend.call('GET', `/users/${ALICE}`);
    expect([expired.status, (expired.body['data'] as { code: string }).code]).toEqual([401, 'ERR_JWT_EXPIRED']);
    await backend.renewToken();
    expect((await backend.call('GET', `/users/${ALICE}`)).status).toBe(200);
    const verificationCode = backend.logto.lastCode('old@example.com');
    const verification = await backend.call('POST', '/verification-codes/verify', {
      email: 'old@example.com',
      verificationCode,
    });
    expect(verification.body['code']).toBe('verification_code.expired');
    await backend.call('POST', '/dev/clock', {});
    expect(backend.logto.clock.offset).toBe(0);
  });
});
