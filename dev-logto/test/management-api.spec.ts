import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ALICE, BOB, Backend } from './client.js';

describe('the Management API, beyond the recordings', () => {
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

  /** A window that lets nobody out before so many are in. */
  const windowFor = (count: number) => {
    let open!: () => void;
    const opened = new Promise<void>((resolve) => (open = resolve));
    return () => {
      count -= 1;
      if (count === 0) open();
      return opened;
    };
  };
  const both = <Answer>(call: () => Promise<Answer>): Promise<Answer[]> => Promise.all([call(), call()]);
  const users = async (query: string) => {
    const { body } = await backend.call('GET', `/users?${query}`);
    return (body as unknown as { username: string }[]).map(({ username }) => username);
  };

  it('lets one code pass twice when it is checked twice at once', async () => {
    const email = 'twice@example.com';
    await backend.call('POST', '/verification-codes', { email });
    const verificationCode = backend.logto.lastCode(email);
    const verify = () => backend.call('POST', '/verification-codes/verify', { email, verificationCode });
    raceWindow = windowFor(2);
    expect((await both(verify)).map(({ status }) => status)).toEqual([204, 204]);
    expect((await verify()).body['code']).toBe('verification_code.not_found');
  });

  it('compares more wrong codes than its limit when they come at once, and none after that', async () => {
    const email = 'guess@example.com';
    await backend.call('POST', '/verification-codes', { email });
    const right = backend.logto.lastCode(email)!;
    const wrong = right === '000000' ? '000001' : '000000';
    const verify = (verificationCode: string) =>
      backend.call('POST', '/verification-codes/verify', { email, verificationCode });
    raceWindow = windowFor(40);
    const answers = await Promise.all(Array.from({ length: 40 }, () => verify(wrong)));
    const compared = answers.filter(({ body }) => body['code'] === 'verification_code.code_mismatch').length;
    expect(compared).toBe(40);
    expect((await verify(right)).body['code']).toBe('verification_code.exceed_max_try');
  });

  it('lets two users take one email in two cases at once, but never the very same', async () => {
    const take = (id: string, primaryEmail: string) => backend.call('PATCH', `/users/${id}`, { primaryEmail });
    raceWindow = windowFor(2);
    const cases = await Promise.all([take(ALICE, 'race@example.com'), take(BOB, 'Race@example.com')]);
    expect(cases.map(({ status }) => status)).toEqual([200, 200]);
    raceWindow = windowFor(2);
    const same = await Promise.all([take(ALICE, 'same@example.com'), take(BOB, 'same@example.com')]);
    expect(same.map(({ status }) => status).sort()).toEqual([200, 422]);
  });

  it('keeps the keys of all custom-data patches that come at once', async () => {
    const keys = Array.from({ length: 20 }, (_, index) => `k${index}`);
    const patch = (key: string) => backend.call('PATCH', `/users/${BOB}/custom-data`, { customData: { [key]: 1 } });
    await Promise.all(keys.map(patch));
    expect(Object.keys(backend.logto.tenant.users.get(BOB)!.customData).sort()).toEqual(keys.sort());
  });

  it('goes on answering while passwords are hashed at the cost of a real Logto', async () => {
    const real = await Backend.start({ passwordCost: { memoryCost: 4096, timeCost: 256 } });
    try {
      let verified = false;
      const verify = real
        .call('POST', `/users/${ALICE}/password/verify`, { password: 'wrong' })
        .then(() => (verified = true));
      await real.call('GET', `/users/${ALICE}`);
      expect(verified).toBe(false);
      await verify;
    } finally {
      await real.stop();
    }
  });

  it('finds users by a pattern in any field, or exactly in one', async () => {
    expect(await users('search=%25lic%25')).toEqual(['alice']);
    expect(await users('search.username=bob&mode.username=exact')).toEqual(['bob']);
    expect(await users('search.username=BOB&mode.username=exact')).toEqual([]);
    expect(await users('search.primaryEmail=%25@example.com')).toEqual(['alice']);
    expect(await users('page_size=1&page=2')).toHaveLength(1);
  });

  it('refuses breached passwords by the default policy, without asking anyone', async () => {
    const { body } = await backend.call('POST', '/sign-in-exp/default/check-password', {
      password: 'password1',
      userId: BOB,
    });
    expect(body['issues']).toContainEqual({ code: 'password_rejected.pwned' });
  });

  it('finds the latest code of an address in any spelling', async () => {
    await backend.call('POST', '/verification-codes', { phone: '4407700900123' });
    await backend.call('POST', '/verification-codes', { email: 'Some.One@EXAMPLE.com' });
    expect(backend.logto.lastCode('+44 7700 900123')).toMatch(/^\d{6}$/);
    expect(backend.logto.lastCode(' Some.One@example.com ')).toMatch(/^\d{6}$/);
    expect((await backend.call('GET', '/dev/codes?address=none@example.com')).status).toBe(404);
  });

  it('issues tokens by HTTP for a user by any identifier', async () => {
    const { body } = await backend.call('POST', '/dev/token', { user: 'alice@example.com', client: 'profile-page' });
    const claims = JSON.parse(Buffer.from(String(body['token']).split('.')[1]!, 'base64url').toString()) as object;
    expect(claims).toMatchObject({ sub: ALICE, client_id: 'profile-page', aud: 'https://profile.example/api' });
    expect((await backend.call('POST', '/dev/token', { user: 'nobody' })).status).toBe(404);
  });
});

describe('webhooks', () => {
  let backend: Backend;
  let listener: Server;
  const received: string[] = [];
  let status = 200;
  beforeAll(async () => {
    backend = await Backend.start();
    listener = createServer((request, response) => {
      request.resume().on('end', () => {
        received.push(request.url!);
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

  it('are tried once, even when the listener fails, and not sent for refused calls', async () => {
    status = 500;
    await backend.call('PATCH', `/users/${ALICE}`, { name: 'Changed' });
    await backend.call('PATCH', `/users/${ALICE}`, { primaryEmail: 'nope' });
    await backend.call('PUT', `/users/${ALICE}/identities/github`, { userId: 'gh' });
    await backend.logto.webhooks.settled();
    expect(received).toEqual(['/']);
  });
});
