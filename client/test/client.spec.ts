import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  createProfileClient,
  isProblem,
  ProblemError,
  type ProfileClientOptions,
  type StepUpRequest,
} from '../src/index.js';
import { createProblemResponse, startFakeService } from './fake-service.js';

type Service = Awaited<ReturnType<typeof startFakeService>>;
let service: Service;
beforeAll(async () => {
  service = await startFakeService();
});
afterAll(() => service.stop());

const createClient = (options: Partial<ProfileClientOptions> = {}) =>
  createProfileClient({ baseUrl: service.baseUrl, getAccessToken: () => 'token-1', ...options });
const catchError = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => Promise.reject(new Error('expected the call to fail')),
    (error: unknown) => error,
  );
const stepUpResponse = createProblemResponse(401, 'step_up_required', {
  proofs: ['password', 'signIn'],
  required: ['identity'],
});

describe('every request', () => {
  it('sends the access token and the language', async () => {
    service.respondWith(() => ({ status: 200, body: { hasPassword: true } }));
    const { data } = await createClient({ language: () => 'de' }).GET('/v1/password');
    expect(data.hasPassword).toBe(true);
    expect(service.received[0]).toMatchObject({
      method: 'GET',
      path: '/v1/password',
      headers: { authorization: 'Bearer token-1', 'accept-language': 'de' },
    });
  });

  it('renews the token once if the service rejects it', async () => {
    service.respondWith(({ headers }) =>
      headers.authorization === 'Bearer new'
        ? { status: 200, body: { hasPassword: true } }
        : createProblemResponse(401, 'invalid_token'),
    );
    const getAccessToken = jest.fn(({ rejected }: { rejected: boolean }) => (rejected ? 'new' : 'old'));
    await createClient({ getAccessToken }).GET('/v1/password');
    expect(getAccessToken.mock.calls).toEqual([[{ rejected: false }], [{ rejected: true }]]);
  });

  it('renews a revoked token after Retry-After, once for all requests', async () => {
    let renewedAt = 0;
    const renew = () => {
      renewedAt = performance.now();
      return 'new';
    };
    const getAccessToken = jest.fn(({ rejected }: { rejected: boolean }) => (rejected ? renew() : 'old'));
    service.respondWith(({ headers }) =>
      headers.authorization === 'Bearer new'
        ? { status: 200, body: { hasPassword: true } }
        : createProblemResponse(401, 'invalid_token', {}, { 'Retry-After': '1' }),
    );
    const startedAt = performance.now();
    const api = createClient({ getAccessToken });
    await Promise.all([api.GET('/v1/password'), api.GET('/v1/password'), api.GET('/v1/password')]);
    expect(renewedAt - startedAt).toBeGreaterThanOrEqual(990);
    expect(getAccessToken.mock.calls.filter(([{ rejected }]) => rejected)).toHaveLength(1);
  });

  it('renews the token a second time if the new one is also revoked, then fails', async () => {
    let tokenCount = 0;
    service.respondWith(() => createProblemResponse(401, 'invalid_token', {}, { 'Retry-After': '0' }));
    const api = createClient({ getAccessToken: () => `token-${++tokenCount}` });
    expect(await catchError(api.GET('/v1/password'))).toMatchObject({ code: 'invalid_token' });
    expect(service.received).toHaveLength(3);
  });

  it('renews the token again after a failed renewal', async () => {
    const getAccessToken = jest
      .fn<ProfileClientOptions['getAccessToken']>()
      .mockReturnValueOnce('old')
      .mockRejectedValueOnce(new Error('offline'))
      .mockReturnValueOnce('old')
      .mockReturnValueOnce('new');
    service.respondWith(({ headers }) =>
      headers.authorization === 'Bearer new'
        ? { status: 200, body: { hasPassword: true } }
        : createProblemResponse(401, 'invalid_token'),
    );
    const api = createClient({ getAccessToken });
    expect(await catchError(api.GET('/v1/password'))).toMatchObject({ message: 'offline' });
    expect((await api.GET('/v1/password')).data.hasPassword).toBe(true);
  });

  it('fails if the service rejects the new token', async () => {
    service.respondWith(() => createProblemResponse(401, 'invalid_token'));
    expect(await catchError(createClient().GET('/v1/password'))).toMatchObject({ code: 'invalid_token' });
    expect(service.received).toHaveLength(2);
  });

  it('sends the ID token hint only with requests that list or end sessions', async () => {
    service.respondWith(() => ({ status: 200, body: { sessions: [] } }));
    const api = createClient({ getIdToken: () => 'id-token' });
    await api.GET('/v1/password');
    await api.PUT('/v1/password', { body: { newPassword: 'x' } });
    await api.GET('/v1/sessions');
    expect(service.received.map(({ headers }) => headers['id-token-hint'])).toEqual([
      undefined,
      'id-token',
      'id-token',
    ]);
  });
});

describe('a failed request', () => {
  it('throws a ProblemError with the code, field errors, request ID, and retry delay', async () => {
    const errors = [{ pointer: '/name', code: 'max_length', detail: 'Too long.' }];
    service.respondWith(() =>
      createProblemResponse(422, 'validation_failed', { detail: 'One value.', errors }, { 'Retry-After': '7' }),
    );
    const error = await catchError(createClient().updateProfile({ name: 'x' }));
    expect(error).toBeInstanceOf(ProblemError);
    expect(error).toMatchObject({
      code: 'validation_failed', status: 422, title: 'Title of validation_failed', detail: 'One value.',
      message: 'One value.', errors, requestId: 'r-1', retryAfter: 7,
    }); // prettier-ignore
    expect(isProblem(error)).toBe(true);
    expect(isProblem(error, 'validation_failed', 'invalid_code')).toBe(true);
    expect(isProblem(error, 'invalid_code')).toBe(false);
  });

  it.each([
    ['an HTML page', '<h1>Bad gateway</h1>'],
    ['an empty body', undefined],
    ['JSON without a code', { message: 'no' }],
  ])('reports %s as unexpected_response', async (_what, body) => {
    service.respondWith(() => ({ status: 502, ...(body !== undefined && { body }) }));
    expect(await catchError(createClient().GET('/v1/password'))).toMatchObject({
      code: 'unexpected_response',
      status: 502,
      errors: [],
    });
  });

  it('reports whether the outcome of a change is unknown', async () => {
    service.respondWith(() => createProblemResponse(503, 'upstream_unavailable', { outcome: 'unknown' }));
    expect(await catchError(createClient().updateProfile({ name: 'x' }))).toMatchObject({ outcome: 'unknown' });
    service.respondWith(() => createProblemResponse(503, 'upstream_unavailable'));
    expect(await catchError(createClient().updateProfile({ name: 'x' }))).toMatchObject({ outcome: undefined });
  });

  it('does not let problem members overwrite Error properties', async () => {
    service.respondWith(() =>
      createProblemResponse(422, 'invalid_code', { name: 'Evil', stack: 'x', message: 'y', retryAfter: 1 }),
    );
    const error = (await catchError(createClient().GET('/v1/password'))) as ProblemError;
    expect(error).toMatchObject({ name: 'ProblemError', code: 'invalid_code', message: 'Title of invalid_code' });
    expect(error.retryAfter).toBeUndefined();
    expect(error.stack).toContain('ProblemError');
  });

  it('throws a TypeError when the connection is lost', async () => {
    service.respondWith(() => ({ status: 0, drop: true }));
    expect(await catchError(createClient().GET('/v1/password'))).toMatchObject({ name: 'TypeError' });
  });
});

describe('readProfile and updateProfile', () => {
  const profile = { id: 'u1', name: 'Alice' };

  it('returns the cached document when it has not changed', async () => {
    service.respondWith(({ headers }) =>
      headers['if-none-match'] === '"1-a"'
        ? { status: 304 }
        : { status: 200, body: profile, headers: { ETag: '"1-a"' } },
    );
    const api = createClient();
    const first = await api.readProfile();
    expect(first).toEqual({ profile, etag: '"1-a"' });
    expect(await api.readProfile()).toEqual(first);
    expect(service.received.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, '"1-a"']);
    expect(service.received.map(({ headers }) => headers['cache-control'])).toEqual(['max-age=0', 'max-age=0']);
  });

  it('sends no-cache when a fresh read is requested', async () => {
    service.respondWith(() => ({ status: 200, body: profile, headers: { ETag: '"1-a"' } }));
    await createClient().readProfile({ fresh: true });
    expect(service.received[0]!.headers['cache-control']).toBe('no-cache');
  });

  it('sends the last ETag with a merge patch and stores the new one', async () => {
    let version = 1;
    service.respondWith(({ method }) => ({
      status: 200, body: profile, headers: { ETag: `"${method === 'PATCH' ? ++version : version}-a"` },
    })); // prettier-ignore
    const api = createClient();
    await api.readProfile();
    expect((await api.updateProfile({ name: 'B' })).etag).toBe('"2-a"');
    await api.updateProfile({ name: null });
    expect(service.received.slice(1)).toMatchObject([
      { method: 'PATCH', path: '/v1/profile', body: { name: 'B' }, headers: { 'if-match': '"1-a"', 'content-type': 'application/merge-patch+json' } },
      { body: { name: null }, headers: { 'if-match': '"2-a"' } },
    ]); // prettier-ignore
    const keys = service.received.map(({ headers }) => headers['idempotency-key']);
    expect(keys[1]).toMatch(/^[0-9a-f]{32}$/);
    expect(keys[2]).not.toBe(keys[1]);
  });

  it.each(['W/"1-a"', '"1-a-gzip"', 'W/"1-a-br"'])('sends the ETag %s unchanged', async (tag) => {
    service.respondWith(({ headers }) =>
      headers['if-none-match'] ? { status: 304 } : { status: 200, body: profile, headers: { ETag: tag } },
    );
    const api = createClient();
    expect((await api.readProfile()).etag).toBe(tag);
    expect((await api.readProfile()).etag).toBe(tag);
    expect((await api.updateProfile({ name: 'B' })).etag).toBe(tag);
    await api.updateProfile({ name: 'C' });
    const conditions = service.received.map(({ headers }) => headers['if-none-match'] ?? headers['if-match']);
    expect(conditions).toEqual([undefined, tag, tag, tag]);
  });

  it('keeps an ETag and a document for each user', async () => {
    const tokenOf = (sub: string) => `e30.${Buffer.from(JSON.stringify({ sub })).toString('base64url')}.sig`;
    let token = tokenOf('alice');
    service.respondWith(({ headers }) => {
      const isAlice = headers.authorization === `Bearer ${tokenOf('alice')}`;
      const [etag, id] = isAlice ? ['"1-a"', 'alice'] : ['"1-b"', 'bob~ÿ'];
      if (headers['if-none-match'] === etag) return { status: 304 };
      return { status: 200, body: { id }, headers: { ETag: etag! } };
    });
    const api = createClient({ getAccessToken: () => token });
    await api.readProfile();
    token = tokenOf('bob~ÿ');
    expect((await api.readProfile()).profile.id).toBe('bob~ÿ');
    await api.updateProfile({ name: 'B' });
    token = tokenOf('alice');
    expect((await api.readProfile()).profile.id).toBe('alice');
    await api.updateProfile({ name: 'A' });
    expect(service.received.map(({ headers }) => headers['if-none-match'] ?? headers['if-match'])).toEqual([
      undefined, undefined, '"1-b"', '"1-a"', '"1-a"',
    ]); // prettier-ignore
  });

  it('keeps the documents of a bounded number of users', async () => {
    let count = 0;
    const api = createClient({
      getAccessToken: () => `e30.${Buffer.from(JSON.stringify({ sub: `user-${count}` })).toString('base64url')}.sig`,
    });
    service.respondWith(() => ({ status: 200, body: profile, headers: { ETag: '"1-a"' } }));
    for (; count < 101; count++) await api.readProfile();
    count = 0;
    await api.readProfile();
    count = 100;
    await api.readProfile();
    expect(service.received.slice(-2).map(({ headers }) => headers['if-none-match'])).toEqual([undefined, '"1-a"']);
  });

  it('sends a change again with the version that it is based on', async () => {
    service.respondWith(({ headers, method }) => {
      if (method === 'GET') return { status: 200, body: profile, headers: { ETag: `"${service.received.length}-a"` } };
      return headers['verification-id'] ? { status: 200, body: profile } : stepUpResponse;
    });
    const api = createClient({
      prove: async () => {
        await api.readProfile();
        return ['id-1'];
      },
    });
    await api.readProfile();
    await api.updateProfile({ name: 'x' });
    expect(service.received.map(({ headers }) => headers['if-match'])).toEqual([
      undefined,
      '"1-a"',
      undefined,
      '"1-a"',
    ]);
  });

  it('sends the given ETag, or none for null', async () => {
    service.respondWith(() => ({ status: 200, body: profile }));
    const api = createClient();
    await api.updateProfile({}, { etag: '"9-z"' });
    await api.updateProfile({}, { etag: null });
    expect(service.received.map(({ headers }) => headers['if-match'])).toEqual(['"9-z"', undefined]);
  });

  it('sends no idempotency key for a dry run and does not cache its response', async () => {
    service.respondWith(() => ({ status: 200, body: { ...profile, name: 'Not stored' }, headers: { ETag: '"dry"' } }));
    const api = createClient();
    await api.updateProfile({ name: 'x' }, { dryRun: true });
    await api.readProfile();
    expect(service.received[0]).toMatchObject({ path: '/v1/profile?dryRun=true' });
    expect(service.received[0]!.headers['idempotency-key']).toBeUndefined();
    expect(service.received[1]!.headers['if-none-match']).toBeUndefined();
  });

  it('sends a different idempotency key for each change where crypto is missing', async () => {
    service.respondWith(() => ({ status: 200, body: profile }));
    const crypto = Object.getOwnPropertyDescriptor(globalThis, 'crypto')!;
    Reflect.deleteProperty(globalThis, 'crypto');
    try {
      const api = createClient();
      await api.updateProfile({ name: 'x' });
      await api.updateProfile({ name: 'y' });
    } finally {
      Object.defineProperty(globalThis, 'crypto', crypto);
    }
    const [first, second] = service.received.map(({ headers }) => headers['idempotency-key']);
    expect(first).toMatch(/^[0-9a-f]{32}$/);
    expect(second).toMatch(/^[0-9a-f]{32}$/);
    expect(second).not.toBe(first);
  });

  it.each<[string, (fail: () => never) => Partial<ProfileClientOptions>]>([
    ['getAccessToken', (fail) => ({ getAccessToken: fail })],
    ['language', (fail) => ({ language: fail })],
    ['the URL', () => ({ baseUrl: 'no URL' })],
  ])('does not take a TypeError from %s for a lost connection', async (_what, optionsFor) => {
    const calls = jest.fn(() => {
      throw new TypeError('undefined is not a function');
    });
    let attempts = 0;
    const getAccessToken = () => `token-${++attempts}`;
    const api = createClient({ getAccessToken, ...optionsFor(calls as () => never) });
    expect(await catchError(api.updateProfile({ name: 'x' }))).toMatchObject({ name: 'TypeError' });
    expect(Math.max(calls.mock.calls.length, attempts)).toBe(1);
  });

  it.each([
    ['is lost', { status: 0, drop: true }],
    ['ends early', { status: 200, body: { ...profile }, headers: { 'Content-Length': '1000' }, drop: true }],
  ])('sends a change again with the same idempotency key if the response %s', async (_what, lost) => {
    service.respondWith((_request, count) => (count === 1 ? lost : { status: 200, body: profile }));
    await createClient().updateProfile({ name: 'x' });
    const [first, second] = service.received.map(({ headers }) => headers['idempotency-key']);
    expect(first).toBeDefined();
    expect(second).toBe(first);
  });
});

describe('a request that needs a proof', () => {
  it('asks for a proof and sends the original request again with it', async () => {
    service.respondWith(({ headers }) =>
      headers['verification-id'] ? { status: 200, body: { id: 'u1' } } : stepUpResponse,
    );
    const prove = jest.fn((_request: StepUpRequest) => Promise.resolve(['id-1', 'id-2']));
    await createClient({ prove }).updateProfile({ primaryEmail: 'new@example.com' }, { etag: '"1"' });
    expect(prove.mock.calls).toEqual([
      [
        {
          method: 'patch', path: '/v1/profile', body: { primaryEmail: 'new@example.com' },
          proofs: ['password', 'signIn'], required: ['identity'], attempt: 1,
        }, // prettier-ignore
      ],
    ]);
    const [first, second] = service.received;
    expect(second).toMatchObject({
      body: first!.body,
      headers: { 'verification-id': 'id-1, id-2', 'if-match': '"1"' },
    });
    expect(second!.headers['idempotency-key']).toBe(first!.headers['idempotency-key']);
  });

  it('fails with step_up_required if the user cancels', async () => {
    service.respondWith(() => stepUpResponse);
    const error = await catchError(
      createClient({ prove: () => Promise.resolve(undefined) }).POST('/v1/password/verify', {
        body: { password: 'x' },
      }),
    );
    expect(isProblem(error, 'step_up_required') && error.proofs).toEqual(['password', 'signIn']);
    expect(service.received).toHaveLength(1);
  });

  it('fails with step_up_required without a prove callback', async () => {
    service.respondWith(() => stepUpResponse);
    expect(await catchError(createClient().updateProfile({}))).toMatchObject({ code: 'step_up_required' });
  });

  it('asks again if the service rejects a proof, up to three times', async () => {
    service.respondWith(() => stepUpResponse);
    const prove = jest.fn(({ attempt }: StepUpRequest) => Promise.resolve([`proof-${attempt}`]));
    expect(await catchError(createClient({ prove }).updateProfile({}))).toMatchObject({ code: 'step_up_required' });
    expect(prove.mock.calls.map(([{ attempt }]) => attempt)).toEqual([1, 2, 3]);
    expect(service.received.map(({ headers }) => headers['verification-id'])).toEqual([
      undefined, 'proof-1', 'proof-2', 'proof-3',
    ]); // prettier-ignore
  });

  it('rethrows an error from the prove callback', async () => {
    service.respondWith(() => stepUpResponse);
    const error = new Error('dialog closed');
    expect(await catchError(createClient({ prove: () => Promise.reject(error) }).updateProfile({}))).toBe(error);
  });
});
