import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startStack, uniqueName, type CallOptions, type Stack } from './harness.js';
import type { NewUser, TenantUser } from './logto-tenant.js';

const PASSWORD = 'Str0ng-Passw0rd!x';

let stack: Stack;
let user: TenantUser;
let token: string;

beforeAll(async () => {
  stack = await startStack();
}, 60_000);
afterAll(() => stack?.stop());
beforeEach(() => signUp());

async function signUp(data: NewUser = {}): Promise<void> {
  user = await stack.createUser(data);
  token = await stack.tokenFor(user.username);
}

const get = (headers?: Record<string, string>) => stack.api('GET', '/v1/profile', { token, headers });
const patch = (body: unknown, options: Omit<CallOptions, 'body' | 'token'> & { query?: string } = {}) =>
  stack.api('PATCH', `/v1/profile${options.query ?? ''}`, { token, body, ...options });
const readETag = async () => (await get()).headers.get('etag')!;
const createProof = async () => {
  const { status, body } = await stack.api('POST', '/v1/password/verify', { token, body: { password: PASSWORD } });
  expect(status).toBe(201);
  return body.verificationId as string;
};
/** Lists the ETags that compressing proxies create from one: nginx makes it weak, Apache appends the encoding. */
const listProxyForms = (tag: string) => {
  const withSuffix = ['-gzip', '-br'].map((suffix) => `${tag.slice(0, -1)}${suffix}"`);
  return [`W/${tag}`, ...withSuffix, ...withSuffix.map((form) => `W/${form}`)];
};
/** Lists ETags that resemble one but that no known proxy creates. */
const listOtherForms = (tag: string) => [
  `w/${tag}`,
  tag.slice(1, -1),
  `${tag}-gzip`,
  ...['-zstd', ';gzip', '--gzip', '-gzip-br'].map((suffix) => `${tag.slice(0, -1)}${suffix}"`),
];
const readPointers = (body: { errors: { pointer: string }[] }) => body.errors.map(({ pointer }) => pointer);

describe('GET /v1/profile', () => {
  it('returns all fields in one flat document, with null for unset fields', async () => {
    const { status, body } = await get();
    expect(status).toBe(200);
    expect(body).toMatchObject({ id: user.id, username: user.username, name: null, address: null, preferences: null });
    expect(body).toMatchObject({ shippingAddress: null, taxId: null });
  });

  it('returns 304 when If-None-Match names the current ETag', async () => {
    const tag = await readETag();
    expect(tag).toMatch(/^"\d+-[0-9a-f]{64}"$/);
    for (const known of [tag, `W/${tag}`, `"other", ${tag}`, '*', ...listProxyForms(tag)]) {
      const { status, headers, body } = await get({ 'if-none-match': known });
      expect([status, headers.get('etag'), body]).toEqual([304, tag, '']);
    }
    for (const known of ['"other"', ...listOtherForms(tag)]) {
      expect((await get({ 'if-none-match': known })).status).toBe(200);
    }
    await patch({ name: 'Another' });
    for (const known of [tag, ...listProxyForms(tag)]) expect((await get({ 'if-none-match': known })).status).toBe(200);
  });

  it('reads from Logto if the request contains no-cache', async () => {
    await get();
    await stack.tenant.call('PATCH', `/users/${user.id}`, { name: 'Changed elsewhere' });
    expect((await get({ 'cache-control': 'no-cache' })).body.name).toBe('Changed elsewhere');
  });

  it('returns 403 for a suspended user and 404 for a deleted one, even with a valid token', async () => {
    await stack.tenant.call('PATCH', `/users/${user.id}/is-suspended`, { isSuspended: true });
    for (const response of [
      await get({ 'cache-control': 'no-cache' }),
      await patch({ name: 'A' }),
      await patch({ no: 1 }),
    ]) {
      expect([response.status, response.body.code]).toEqual([403, 'account_suspended']);
    }
    await stack.tenant.call('DELETE', `/users/${user.id}`);
    for (const response of [await get({ 'cache-control': 'no-cache' }), await patch({ name: 'A' })]) {
      expect([response.status, response.body.code]).toEqual([404, 'account_not_found']);
    }
  });
});

describe('PATCH /v1/profile', () => {
  it('changes fields of all stores in one request and returns the new document', async () => {
    const change = {
      name: 'Carol',
      givenName: 'Carol',
      preferences: { theme: 'dark', list: [1, 2] },
      shippingAddress: { locality: 'Dresden', country: 'DE' },
    };
    const { status, body, headers } = await patch(change);
    expect(status).toBe(200);
    expect(body).toMatchObject(change);
    const read = await get();
    expect(read.body).toEqual(body);
    expect(read.headers.get('etag')).toBe(headers.get('etag'));
    const stored = await stack.tenant.user(user.id);
    expect(stored).toMatchObject({ name: 'Carol', profile: { givenName: 'Carol' } });
    expect(stored.customData).toEqual({ preferences: { theme: 'dark', list: [1, 2] } });
  });

  it('merges objects, replaces arrays and clears fields with null', async () => {
    await patch({
      name: 'Carol',
      nickname: 'Caz',
      address: { locality: 'Berlin', country: 'DE' },
      preferences: { a: { b: 1, c: 2 }, list: [1, 2] },
      shippingAddress: { locality: 'Berlin', country: 'DE' },
    });
    const { body } = await patch({
      name: null,
      nickname: null,
      address: { locality: 'Dresden' },
      preferences: { a: { b: null, d: 3 }, list: [3] },
      shippingAddress: { country: null, region: 'Saxony' },
    });
    expect(body).toMatchObject({ name: null, nickname: null, address: { locality: 'Dresden', country: 'DE' } });
    expect(body.preferences).toEqual({ a: { c: 2, d: 3 }, list: [3] });
    expect(body.shippingAddress).toEqual({ locality: 'Berlin', region: 'Saxony' });
    const cleared = await patch({
      address: { locality: null, country: null },
      preferences: null,
      shippingAddress: null,
    });
    expect(cleared.body).toMatchObject({ address: null, preferences: null, shippingAddress: null });
    expect((await stack.tenant.user(user.id)).profile).toEqual({});
  });

  it('changes nothing for {} or for the current values', async () => {
    const change = {
      name: 'Carol',
      preferences: { a: [1] },
      shippingAddress: { country: 'DE' },
      birthdate: '1990-02-28',
    };
    const first = await patch(change);
    for (const repeated of [{}, change, { username: user.username }]) {
      const { status, headers } = await patch(repeated);
      expect([status, headers.get('etag')]).toEqual([200, first.headers.get('etag')]);
    }
  });

  it('accepts the two media types for a patch and no other', async () => {
    for (const type of [
      'application/json',
      'application/merge-patch+json',
      'application/merge-patch+json; charset=utf-8',
    ]) {
      expect((await patch({ name: type }, { headers: { 'content-type': type } })).body.name).toBe(type);
    }
    const { status, body, headers } = await patch('name=a', { headers: { 'content-type': 'text/plain' } });
    expect([status, body.code]).toEqual([415, 'unsupported_media_type']);
    expect(headers.get('accept-patch')).toContain('application/merge-patch+json');
  });

  it('writes nothing and lists each invalid value when a value is invalid', async () => {
    const before = await get();
    const { status, body } = await patch({
      name: 'Carol',
      birthdate: '1990-02-31',
      website: 'javascript:alert(1)',
      preferences: 'dark',
      shippingAddress: { country: 'Germany', planet: 'Earth' },
      nickname: '',
      newsletter: true,
      shoeSize: 42,
      'a/b~c': 1,
    });
    expect([status, body.code]).toEqual([422, 'validation_failed']);
    expect(readPointers(body).sort()).toEqual([
      '/a~1b~0c',
      '/birthdate',
      '/nickname',
      '/preferences',
      '/shippingAddress/country',
      '/shippingAddress/planet',
      '/shoeSize',
      '/website',
    ]);
    expect((await get({ 'cache-control': 'no-cache' })).body).toEqual(before.body);
  });

  it.each<[string, Record<string, unknown>]>([
    ['a name over 128 UTF-16 units, which Logto cannot handle', { name: '😀'.repeat(65) }],
    ['a name with control characters', { name: 'a\u0007' }],
    ['a script as an avatar', { avatar: 'javascript:alert(1)' }],
    ['an avatar with a leading space', { avatar: ' https://example.com/a.png' }],
    ['an avatar over 2,048 characters', { avatar: `https://example.com/${'a'.repeat(2048)}` }],
    ['an unknown time zone', { zoneinfo: 'Mars/Olympus' }],
    ['a time zone in another letter case', { zoneinfo: 'EUROPE/KYIV' }],
    ['a word that is no language', { locale: 'english' }],
    ['a date that does not exist', { birthdate: '2023-02-29' }],
    ['a birthdate in the future', { birthdate: '9999' }],
    ['a name with no visible character', { name: '\u200D\u3164' }],
    ['an address with an unknown member', { address: { planet: 'Earth' } }],
    ['a number as text', { nickname: 1 }],
  ])('rejects %s', async (_what, change) => {
    const { status, body } = await patch(change);
    expect([status, body.code]).toEqual([422, 'validation_failed']);
    expect(readPointers(body)[0]).toMatch(`/${Object.keys(change)[0]}`);
  });

  it('returns 403 for read-only fields before it checks values', async () => {
    const { status, body } = await patch({ id: 'x', plan: 'pro', name: 1, nonsense: 1 });
    expect([status, body.code]).toEqual([403, 'field_not_writable']);
    expect(readPointers(body)).toEqual(['/id', '/plan']);
  });

  it('accepts a complete document whose read-only fields are unchanged', async () => {
    await stack.tenant.call('PATCH', `/users/${user.id}/custom-data`, { customData: { plan: 'pro' } });
    const read = await get();
    const { status, headers } = await patch(read.body);
    expect([status, headers.get('etag')]).toEqual([200, read.headers.get('etag')]);
    expect((await patch({ ...read.body, plan: 'free' })).body.code).toBe('field_not_writable');
    expect((await patch({ plan: null })).body.code).toBe('field_not_writable');
  });

  it.each<[string, unknown, number, string]>([
    ['malformed JSON', '{"name":', 400, 'malformed_request'],
    ['an empty body', '', 400, 'malformed_request'],
    ['text with NUL', { name: 'a\u0000' }, 400, 'malformed_request'],
    ['text with a lone surrogate', '{"name":"\\ud800"}', 400, 'malformed_request'],
    ['an object with __proto__', '{"preferences":{"__proto__":{"a":1}}}', 400, 'malformed_request'],
    ['17 levels of objects', `{"preferences":${'{"a":'.repeat(16)}1${'}'.repeat(16)}}`, 400, 'malformed_request'],
    ['an array', [], 422, 'validation_failed'],
    ['null', 'null', 422, 'validation_failed'],
    ['text', '"name"', 422, 'validation_failed'],
    ['more than 1 MiB', { preferences: { a: 'a'.repeat(1_048_576) } }, 413, 'payload_too_large'],
  ])('rejects this body: %s', async (_what, body, status, code) => {
    const response = await patch(body);
    expect([response.status, response.body.code]).toEqual([status, code]);
  });

  it('keeps custom data that other programs wrote', async () => {
    await stack.tenant.call('PATCH', `/users/${user.id}/custom-data`, {
      customData: { theirs: { a: 1 }, plan: 'pro' },
    });
    const { body } = await patch({ preferences: { theme: 'dark' }, newsletter: true });
    expect(body).toMatchObject({ plan: 'pro', newsletter: true });
    expect(body).not.toHaveProperty('theirs');
    await patch({ newsletter: null });
    expect((await stack.tenant.user(user.id)).customData).toEqual({
      theirs: { a: 1 },
      plan: 'pro',
      preferences: { theme: 'dark' },
      newsletter: null,
    });
    expect((await get()).body.newsletter).toBeNull();
  });

  it('rejects a change that exceeds the size of custom data that Logto can store', async () => {
    await stack.tenant.call('PATCH', `/users/${user.id}/custom-data`, { customData: { theirs: 'a'.repeat(700_000) } });
    const { status, body } = await patch({ preferences: { a: 'a'.repeat(230_000) } });
    expect([status, body.code, readPointers(body)]).toEqual([422, 'validation_failed', ['/preferences']]);
  });
});

describe('values that another program stored against the rules', () => {
  const preferences = { a: 'a'.repeat(200_000), b: 'b'.repeat(100_000) };
  const address = { country: 'x'.repeat(129), locality: 'Berlin' };
  const store = async () => {
    await stack.tenant.call('PATCH', `/users/${user.id}`, {
      profile: { address, zoneinfo: 'Mars', locale: 'english' },
    });
    await stack.tenant.call('PATCH', `/users/${user.id}/custom-data`, { customData: { preferences } });
  };

  it('can be sent back with the whole document', async () => {
    await store();
    const { body } = await get({ 'cache-control': 'no-cache' });
    expect(body).toMatchObject({ address, zoneinfo: 'Mars', preferences });
    const saved = await patch({ ...body, name: 'Carol' });
    expect([saved.status, saved.body]).toEqual([200, { ...body, name: 'Carol' }]);
  });

  it('do not prevent a merge beside them', async () => {
    await store();
    expect((await patch({ address: { locality: 'Dresden' } })).body.address).toEqual({
      ...address,
      locality: 'Dresden',
    });
    const { status, body } = await patch({ address: { country: 'y'.repeat(129) } });
    expect([status, readPointers(body)]).toEqual([422, ['/address/country']]);
  });

  it('can shrink, but not grow, if they are too large', async () => {
    await store();
    expect((await patch({ preferences: { c: 1 } })).status).toBe(422);
    const smaller = await patch({ preferences: { b: 'b'.repeat(90_000) } });
    expect([smaller.status, smaller.body.preferences.b.length]).toEqual([200, 90_000]);
    await stack.tenant.call('PATCH', `/users/${user.id}/custom-data`, { customData: { theirs: 'a'.repeat(650_000) } });
    expect((await patch({ newsletter: true })).status).toBe(422);
    expect((await patch({ preferences: { b: null } })).status).toBe(200);
  });
});

describe('If-Match', () => {
  it('accepts the current ETag and returns 412 for a stale or malformed one', async () => {
    const oldTag = await readETag();
    const { headers } = await patch({ name: 'Carol' }, { headers: { 'if-match': oldTag } });
    const tag = headers.get('etag')!;
    for (const stale of [
      oldTag,
      ...listProxyForms(oldTag),
      ...listOtherForms(tag),
      '"other"',
      'nonsense',
      '',
      `*, ${tag}`,
    ]) {
      const { status, body } = await patch({ name: 'Dora' }, { headers: { 'if-match': stale } });
      expect([stale, status, body.code]).toEqual([stale, 412, 'precondition_failed']);
    }
    for (const current of [`"other", ${tag}`, ` ,${tag},`, '*']) {
      expect((await patch({}, { headers: { 'if-match': current } })).status).toBe(200);
    }
    expect((await get()).body.name).toBe('Carol');
  });

  it.each(['/v1/profile', '/v1/custom-data'])(
    'accepts every form of the current ETag that a compressing proxy creates: %s',
    async (route) => {
      const change = (body: object, tag: string) =>
        stack.api('PATCH', route, { token, body, headers: { 'if-match': tag } });
      for (const form of [0, 1, 2, 3, 4]) {
        const tag = await readETag();
        expect((await change({ newsletter: form % 2 === 0 }, listProxyForms(tag)[form]!)).status).toBe(200);
        expect((await get()).body.newsletter).toBe(form % 2 === 0);
        const stale = await change({ newsletter: null }, listProxyForms(tag)[form]!);
        expect([stale.status, stale.body.code]).toEqual([412, 'precondition_failed']);
      }
      for (const form of listOtherForms(await readETag()))
        expect((await change({ newsletter: null }, form)).status).toBe(412);
    },
  );

  it('treats several header lines as one list', async () => {
    const sendLines = async (...values: string[]) => {
      const request = httpRequest(`${stack.url}/v1/profile`, {
        method: 'PATCH',
        agent: false,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      });
      request.setHeader('if-match', values);
      request.end('{}');
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      response.resume();
      return response.statusCode;
    };
    expect(await sendLines('"other"', await readETag())).toBe(200);
    expect(await sendLines('"other"', '"another"')).toBe(412);
    expect(await sendLines('*', await readETag())).toBe(412);
  });

  it('returns 412 after a change in any store, even by another program', async () => {
    const tags = new Set<string>();
    for (const change of [
      { name: 'A' },
      { birthdate: '1990' },
      { preferences: { a: 1 } },
      { shippingAddress: { country: 'DE' } },
    ]) {
      tags.add(await readETag());
      await patch(change);
    }
    const lastTag = await readETag();
    expect(tags.add(lastTag).size).toBe(5);
    await stack.tenant.call('PATCH', `/users/${user.id}`, { name: 'Changed elsewhere' });
    const { status } = await patch({ name: 'B' }, { headers: { 'if-match': lastTag } });
    expect(status).toBe(412);
  });

  it('is checked after validation and before proofs', async () => {
    const headers = { 'if-match': '"stale"' };
    expect((await patch({ name: 1 }, { headers })).status).toBe(422);
    expect((await patch({ username: uniqueName() }, { headers })).status).toBe(412);
  });

  it('accepts one of 20 concurrent writers with the same ETag', async () => {
    const headers = { 'if-match': await readETag() };
    const writers = Array.from({ length: 20 }, (_, index) => patch({ name: `Writer ${index}` }, { headers }));
    const statuses = (await Promise.all(writers)).map(({ status }) => status).sort();
    expect(statuses).toEqual([200, ...Array<number>(19).fill(412)]);
  });
});

describe('a dry run', () => {
  it('returns the resulting document and writes nothing', async () => {
    const before = await get();
    const change = { name: 'Carol', preferences: { a: 1 }, shippingAddress: { country: 'DE' } };
    const { status, body, headers } = await patch(change, { query: '?dryRun=true' });
    expect([status, headers.get('etag')]).toEqual([200, null]);
    expect(body).toMatchObject(change);
    expect((await get({ 'cache-control': 'no-cache' })).body).toEqual(before.body);
  });

  it('fails as the change would', async () => {
    const query = '?dryRun=true';
    expect((await patch({ name: 1 }, { query })).status).toBe(422);
    expect((await patch({ plan: 'pro' }, { query })).status).toBe(403);
    expect((await patch({ username: uniqueName() }, { query })).body.code).toBe('step_up_required');
    expect((await patch({ name: 'A' }, { query, headers: { 'if-match': '"stale"' } })).status).toBe(412);
  });

  it('returns 422 and changes nothing when dryRun is neither true nor false', async () => {
    const before = await get();
    for (const query of ['?dryRun', '?dryRun=maybe', '?dryRun=true&dryRun=true', '?dryRun[]=true', '?dryRun[0]=true']) {
      const { status, body } = await patch({ name: 'Carol' }, { query });
      expect([status, body.errors]).toMatchObject([422, [{ pointer: 'query:dryRun' }]]);
    }
    expect((await get({ 'cache-control': 'no-cache' })).body).toEqual(before.body);
  });

  it('does not consume the proof', async () => {
    await signUp({ password: PASSWORD });
    const headers = { 'verification-id': await createProof() };
    const change = { username: uniqueName() };
    expect((await patch(change, { headers, query: '?dryRun=true' })).status).toBe(200);
    expect((await patch(change, { headers })).status).toBe(200);
  });
});

describe('an idempotency key', () => {
  it('prevents a second application of a change and returns the current document', async () => {
    const headers = { 'idempotency-key': uniqueName() };
    await patch({ name: 'Carol' }, { headers });
    await patch({ name: 'Dora' });
    const { status, body } = await patch({ name: 'Carol' }, { headers });
    expect([status, body.name]).toEqual([200, 'Dora']);
    expect((await patch({ name: 'Carol' }, { headers: { ...headers, 'if-match': '"stale"' } })).status).toBe(200);
  });

  it('returns 409 when it is used for another change', async () => {
    const headers = { 'idempotency-key': uniqueName() };
    await patch({ name: 'Carol', nickname: 'Caz' }, { headers });
    expect((await patch({ nickname: 'Caz', name: 'Carol' }, { headers })).status).toBe(200);
    const { status, body } = await patch({ name: 'Dora' }, { headers });
    expect([status, body.code]).toEqual([409, 'idempotency_conflict']);
  });

  it('can be used again after a rejection or a dry run, and by other users', async () => {
    const headers = { 'idempotency-key': uniqueName() };
    expect((await patch({ name: 1 }, { headers })).status).toBe(422);
    expect((await patch({ name: 'A' }, { headers: { ...headers, 'if-match': '"stale"' } })).status).toBe(412);
    expect((await patch({ name: 'B' }, { headers, query: '?dryRun=true' })).status).toBe(200);
    expect((await patch({ name: 'Carol' }, { headers })).body.name).toBe('Carol');
    await signUp();
    expect((await patch({ name: 'Dora' }, { headers })).body.name).toBe('Dora');
  });

  it('has between 1 and 255 characters', async () => {
    for (const key of ['', 'k'.repeat(256)]) {
      const { status, body } = await patch({ name: 'A' }, { headers: { 'idempotency-key': key } });
      expect([status, readPointers(body)]).toEqual([422, ['header:Idempotency-Key']]);
    }
    expect((await patch({ name: 'A' }, { headers: { 'idempotency-key': 'k'.repeat(255) } })).status).toBe(200);
  });

  it('applies a change once when it is sent ten times concurrently', async () => {
    await signUp({ password: PASSWORD });
    const headers = { 'idempotency-key': uniqueName(), 'verification-id': await createProof() };
    const change = { username: uniqueName() };
    const responses = await Promise.all(Array.from({ length: 10 }, () => patch(change, { headers })));
    expect(responses.map(({ status }) => status)).toEqual(Array(10).fill(200));
  });
});

describe('the description of the profile', () => {
  it('contains the schema of every readable field in the requested language', async () => {
    const { body } = await stack.api('GET', '/v1/profile/schema', {
      token,
      headers: { 'accept-language': 'de-AT, en;q=0.5' },
    });
    expect(body).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      properties: { givenName: { title: 'Vorname' }, taxId: { 'x-sensitive': true } },
    });
    expect(body.properties).toMatchObject({ id: { readOnly: true }, plan: { title: 'Tarif', readOnly: true } });
  });

  it('contains the capabilities of each field and the proofs that the user can give', async () => {
    await signUp({ password: PASSWORD, primaryEmail: `${uniqueName()}@example.com` });
    const { body } = await stack.api('GET', '/v1/profile/capabilities', { token });
    expect(body.fields).toMatchObject({
      name: { readable: true, writable: true, proof: 'none' },
      primaryEmail: { readable: true, writable: true, proof: 'identity-and-address' },
      plan: { readable: true, writable: false, proof: 'none' },
      taxId: { readable: true, writable: true, proof: 'identity' },
    });
    expect(body.proofs).toEqual(['password', 'email', 'signIn']);
  });
});

describe.each(['/v1/profile', '/v1/custom-data'])('the headers and the query of %s', (route) => {
  const call = (method: string, options: Omit<CallOptions, 'token'> & { query?: string } = {}) =>
    stack.api(method, `${route}${options.query ?? ''}`, { token, ...options });
  const change = (body: object, headers: Record<string, string> = {}, query?: string) =>
    call('PATCH', { body, headers, query });
  const readDocument = async () => (await call('GET', { headers: { 'cache-control': 'no-cache' } })).body as object;

  it('return the ETag of the profile, and 304 for a current one', async () => {
    const tag = await readETag();
    for (const method of ['GET', 'HEAD']) {
      const read = await call(method);
      expect([read.status, read.headers.get('etag')]).toEqual([200, tag]);
      const unchanged = await call(method, { headers: { 'if-none-match': tag } });
      expect([unchanged.status, unchanged.headers.get('etag'), unchanged.body]).toEqual([304, tag, '']);
      expect(unchanged.headers.get('content-length')).toBeNull();
    }
    expect((await change({ newsletter: true })).headers.get('etag')).toBe(await readETag());
  });

  it('give a response to HEAD the length of the response to GET', async () => {
    const { headers } = await call('HEAD');
    expect(Number(headers.get('content-length'))).toBe(JSON.stringify((await call('GET')).body).length);
  });

  it('prevent a change of another version than the one in If-Match', async () => {
    const tag = await readETag();
    expect((await change({ newsletter: true }, { 'if-match': '"other"' })).body.code).toBe('precondition_failed');
    expect(await readDocument()).toMatchObject({ newsletter: null });
    expect((await change({ newsletter: true }, { 'if-match': tag })).status).toBe(200);
    expect((await change({ newsletter: false }, { 'if-match': tag })).status).toBe(412);
    expect(await readDocument()).toMatchObject({ newsletter: true });
  });

  it('prevent every change if If-None-Match is * or the current ETag', async () => {
    const tag = await readETag();
    for (const known of ['*', tag, `"other", ${tag}`, `W/${tag}`]) {
      for (const query of ['', '?dryRun=true']) {
        const { status, body } = await change({ newsletter: true }, { 'if-none-match': known }, query);
        expect([status, body.code]).toEqual([412, 'precondition_failed']);
        expect(body.detail).toContain('If-None-Match');
      }
    }
    expect(await readDocument()).toMatchObject({ newsletter: null });
    expect((await change({ newsletter: true }, { 'if-none-match': '"other"' })).body.newsletter).toBe(true);
  });

  it('make a dry run return the resulting document and write nothing', async () => {
    const before = await readDocument();
    const patched = { newsletter: true, preferences: { a: 1 } };
    const { status, headers, body } = await change(patched, {}, '?dryRun=true');
    expect([status, headers.get('etag'), body]).toEqual([200, null, { ...before, ...patched }]);
    expect(await readDocument()).toEqual(before);
    expect((await change(patched, { 'if-match': '"stale"' }, '?dryRun=true')).status).toBe(412);
    expect((await change({ newsletter: 1 }, {}, '?dryRun=true')).status).toBe(422);
    const unclear = await change(patched, {}, '?dryRun=yes');
    expect([unclear.status, unclear.body.errors]).toMatchObject([422, [{ pointer: 'query:dryRun' }]]);
    expect(await readDocument()).toEqual(before);
  });

  it('apply a change with the same Idempotency-Key once', async () => {
    const headers = { 'idempotency-key': uniqueName() };
    await change({ newsletter: true }, headers);
    await change({ newsletter: false });
    const replay = await change({ newsletter: true }, headers);
    expect([replay.status, replay.body.newsletter]).toEqual([200, false]);
    const other = await change({ newsletter: null }, headers);
    expect([other.status, other.body.code]).toEqual([409, 'idempotency_conflict']);
  });
});

describe.each(['/v1/profile', '/v1/custom-data'])('numbers in a patch of %s', (route) => {
  const change = (body: unknown) => stack.api('PATCH', route, { token, body });

  it('are rejected if they would be changed, and nothing is written', async () => {
    for (const literal of ['9007199254740993', '-1e400', '1e-400', '18446744073709551615']) {
      const { status, body } = await change(`{"newsletter":true,"preferences":{"list":[1,${literal}]}}`);
      expect([status, body.code, readPointers(body)]).toEqual([400, 'malformed_request', ['/preferences/list/1']]);
    }
    expect((await get()).body).toMatchObject({ newsletter: null, preferences: null });
  });

  it('are accepted as another program stored them, and kept by a merge', async () => {
    const preferences = { id: 1234567890123456800, big: 2 ** 60, tiny: 5e-324, huge: 1.5e300, ratio: 0.1 + 0.2 };
    await stack.tenant.call('PATCH', `/users/${user.id}/custom-data`, { customData: { preferences } });
    const read = await get({ 'cache-control': 'no-cache' });
    expect(read.body.preferences).toEqual(preferences);
    const unchanged = await change({ preferences });
    expect([unchanged.status, unchanged.headers.get('etag')]).toEqual([200, read.headers.get('etag')]);
    const merged = await change({ preferences: { more: 1 } });
    expect([merged.status, merged.body.preferences]).toEqual([200, { ...preferences, more: 1 }]);
  });
});

describe('/v1/custom-data', () => {
  const callCustomData = (method: string, body?: unknown) => stack.api(method, '/v1/custom-data', { token, body });

  it('reads and patches the profile fields in custom data', async () => {
    await stack.tenant.call('PATCH', `/users/${user.id}/custom-data`, { customData: { theirs: 1, plan: 'pro' } });
    const { status, body } = await callCustomData('PATCH', { preferences: { a: { b: 1, c: 2 } } });
    expect([status, body]).toEqual([200, { preferences: { a: { b: 1, c: 2 } }, newsletter: null, plan: 'pro' }]);
    expect((await callCustomData('PATCH', { preferences: { a: { b: null } } })).body.preferences).toEqual({
      a: { c: 2 },
    });
    expect((await callCustomData('GET')).body).toEqual({ preferences: { a: { c: 2 } }, newsletter: null, plan: 'pro' });
    expect((await stack.tenant.user(user.id)).customData).toMatchObject({ theirs: 1 });
  });

  it('rejects keys that are not in the catalogue', async () => {
    for (const key of ['theirs', 'name', 'shippingAddress', 'constructor']) {
      const { status, body } = await callCustomData('PATCH', { [key]: 'x' });
      expect([status, body.code, readPointers(body)]).toEqual([422, 'validation_failed', [`/${key}`]]);
    }
    expect((await callCustomData('PATCH', { plan: 'x' })).body.code).toBe('field_not_writable');
    expect((await stack.tenant.user(user.id)).customData).toEqual({});
  });

  it('keeps all of 50 concurrent patches of different keys in one field', async () => {
    const names = Array.from({ length: 50 }, (_, index) => `key${index}`);
    const responses = await Promise.all(
      names.map((name) => callCustomData('PATCH', { preferences: { [name]: name } })),
    );
    expect(responses.map(({ status }) => status)).toEqual(Array(50).fill(200));
    const { body } = await callCustomData('GET');
    expect(body.preferences).toEqual(Object.fromEntries(names.map((name) => [name, name])));
  });
});
