import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ALICE, BOB, Backend } from './backend.js';

describe('the Management API beyond the recordings', () => {
  let backend: Backend;
  let raceWindow: () => Promise<void>;
  beforeAll(async () => {
    backend = await Backend.start({ raceWindow: () => raceWindow() });
  });
  beforeEach(async () => {
    raceWindow = () => Promise.resolve();
    await backend.logto.reset();
  });
  afterAll(() => backend.stop());

  /** Creates a race window that ends for all requests once `count` requests have reached it. */
  const createBarrier = (count: number) => {
    let open!: () => void;
    const opened = new Promise<void>((resolve) => (open = resolve));
    return () => {
      count -= 1;
      if (count === 0) open();
      return opened;
    };
  };
  const callTwice = <Response>(call: () => Promise<Response>): Promise<Response[]> => Promise.all([call(), call()]);
  const findUsernames = async (query: string) => {
    const { body } = await backend.call('GET', `/users?${query}`);
    return (body as unknown as { username: string }[]).map(({ username }) => username);
  };

  it.each([
    ['{"name" 1}', 'position 8 (line 1 column 9)'],
    ['{"name": "a",\n}', 'position 14 (line 2 column 1)'],
    ['{\r"name": "a",\r\n"avatar" 2}', 'position 25 (line 3 column 10)'],
  ])('reports the line and column of the error in %j', async (body, position) => {
    const response = await backend.send('PATCH', `/users/${ALICE}`, body);
    const message = response.body['message'] as string;
    expect([response.status, message.slice(-position.length)]).toEqual([400, position]);
  });

  it('accepts a code in two concurrent requests', async () => {
    const email = 'twice@example.com';
    await backend.call('POST', '/verification-codes', { email });
    const verificationCode = backend.logto.lastCode(email);
    const verify = () => backend.call('POST', '/verification-codes/verify', { email, verificationCode });
    raceWindow = createBarrier(2);
    expect((await callTwice(verify)).map(({ status }) => status)).toEqual([204, 204]);
    expect((await verify()).body['code']).toBe('verification_code.not_found');
  });

  it('checks more codes than the attempt limit in concurrent requests, and enforces the limit afterwards', async () => {
    const email = 'guess@example.com';
    await backend.call('POST', '/verification-codes', { email });
    const correctCode = backend.logto.lastCode(email)!;
    const wrongCode = correctCode === '000000' ? '000001' : '000000';
    const verify = (verificationCode: string) =>
      backend.call('POST', '/verification-codes/verify', { email, verificationCode });
    raceWindow = createBarrier(40);
    const responses = await Promise.all(Array.from({ length: 40 }, () => verify(wrongCode)));
    const mismatchCount = responses.filter(({ body }) => body['code'] === 'verification_code.code_mismatch').length;
    expect(mismatchCount).toBe(40);
    expect((await verify(correctCode)).body['code']).toBe('verification_code.exceed_max_try');
  });

  it('accepts emails that differ only by case in concurrent requests, but not identical ones', async () => {
    const setEmail = (id: string, primaryEmail: string) => backend.call('PATCH', `/users/${id}`, { primaryEmail });
    raceWindow = createBarrier(2);
    const differentCase = await Promise.all([setEmail(ALICE, 'race@example.com'), setEmail(BOB, 'Race@example.com')]);
    expect(differentCase.map(({ status }) => status)).toEqual([200, 200]);
    raceWindow = createBarrier(2);
    const identical = await Promise.all([setEmail(ALICE, 'same@example.com'), setEmail(BOB, 'same@example.com')]);
    expect(identical.map(({ status }) => status).sort()).toEqual([200, 422]);
  });

  it('keeps the keys of all concurrent custom-data patches', async () => {
    const keys = Array.from({ length: 20 }, (_, index) => `k${index}`);
    const patch = (key: string) => backend.call('PATCH', `/users/${BOB}/custom-data`, { customData: { [key]: 1 } });
    await Promise.all(keys.map(patch));
    expect(Object.keys(backend.logto.tenant.users.get(BOB)!.customData).sort()).toEqual(keys.sort());
  });

  it('responds to other calls while a password is hashed at the cost of a real Logto', async () => {
    const slowBackend = await Backend.start({ passwordCost: { memoryCost: 4096, timeCost: 256 } });
    try {
      let verified = false;
      const verify = slowBackend
        .call('POST', `/users/${ALICE}/password/verify`, { password: 'wrong' })
        .then(() => (verified = true));
      await slowBackend.call('GET', `/users/${ALICE}`);
      expect(verified).toBe(false);
      await verify;
    } finally {
      await slowBackend.stop();
    }
  });

  it('finds users by a pattern in any field or by an exact value in one field', async () => {
    expect(await findUsernames('search=%25lic%25')).toEqual(['alice']);
    expect(await findUsernames('search.username=bob&mode.username=exact')).toEqual(['bob']);
    expect(await findUsernames('search.username=BOB&mode.username=exact')).toEqual([]);
    expect(await findUsernames('search.primaryEmail=%25@example.com')).toEqual(['alice']);
    expect(await findUsernames('page_size=1&page=2')).toHaveLength(1);
  });

  it('rejects breached passwords by the default policy without a network request', async () => {
    const { body } = await backend.call('POST', '/sign-in-exp/default/check-password', {
      password: 'password1',
      userId: BOB,
    });
    expect(body['issues']).toContainEqual({ code: 'password_rejected.pwned' });
  });

  it('finds the latest code of an address in any notation', async () => {
    await backend.call('POST', '/verification-codes', { phone: '4407700900123' });
    await backend.call('POST', '/verification-codes', { email: 'Some.One@EXAMPLE.com' });
    expect(backend.logto.lastCode('+44 7700 900123')).toMatch(/^\d{6}$/);
    expect(backend.logto.lastCode(' Some.One@example.com ')).toMatch(/^\d{6}$/);
    expect((await backend.call('GET', '/dev/codes?address=none@example.com')).status).toBe(404);
  });

  it('issues tokens over HTTP for a user identified by email', async () => {
    const { body } = await backend.call('POST', '/dev/token', { user: 'alice@example.com', client: 'profile-page' });
    const claims = JSON.parse(Buffer.from(String(body['token']).split('.')[1]!, 'base64url').toString()) as object;
    expect(claims).toMatchObject({ sub: ALICE, client_id: 'profile-page', aud: 'https://profile.example/api' });
    expect((await backend.call('POST', '/dev/token', { user: 'nobody' })).status).toBe(404);
  });
});

describe('webhooks', () => {
  let backend: Backend;
  let listener: Server;
  const receivedUrls: string[] = [];
  let status = 200;
  beforeAll(async () => {
    backend = await Backend.start();
    listener = createServer((request, response) => {
      request.resume().on('end', () => {
        receivedUrls.push(request.url!);
        response.writeHead(status).end();
      });
    });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/`;
    await backend.call('POST', '/hooks', { events: ['User.Data.Updated'], config: { url, retries: 3 } });
  });
  afterAll(async () => {
    await backend.stop();
    listener.closeAllConnections();
    await new Promise((resolve) => listener.close(resolve));
  });

  it('are sent once even if the listener fails, and are not sent for rejected calls', async () => {
    status = 500;
    await backend.call('PATCH', `/users/${ALICE}`, { name: 'Changed' });
    await backend.call('PATCH', `/users/${ALICE}`, { primaryEmail: 'nope' });
    await backend.call('PUT', `/users/${ALICE}/identities/github`, { userId: 'gh' });
    await backend.logto.webhooks.settled();
    expect(receivedUrls).toEqual(['/']);
  });
});
