import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  createProfileClient,
  isProblem,
  ProblemError,
  type ProfileClientOptions,
  type StepUpRequest,
} from '../src/index.js';
import { problem, startFakeService } from './fake-service.js';

type Service = Awaited<ReturnType<typeof startFakeService>>;
let service: Service;
beforeAll(async () => {
  service = await startFakeService();
});
afterAll(() => service.stop());

const client = (options: Partial<ProfileClientOptions> = {}) =>
  createProfileClient({ baseUrl: service.baseUrl, getAccessToken: () => 'token-1', ...options });
const caught = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => Promise.reject(new Error('was expected to fail')),
    (error: unknown) => error,
  );
const stepUp = problem(401, 'step_up_required', { proofs: ['password', 'signIn'], required: ['identity'] });

describe('tokens and languages', () => {
  it('sends the access token and the language with each request', async () => {
    service.answer(() => ({ status: 200, body: { hasPassword: true } }));
    const { data } = await client({ language: () => 'de' }).GET('/v1/password');
    expect(data.hasPassword).toBe(true);
    expect(service.received[0]).toMatchObject({
      method: 'GET',
      path: '/v1/password',
      headers: { authorization: 'Bearer token-1', 'accept-language': 'de' },
    });
  });

  it('asks for a new token once when the service refuses the one it has', async () => {
    service.answer(({ headers }) =>
      headers.authorization === 'Bearer new'
        ? { status: 200, body: { hasPassword: true } }
        : problem(401, 'invalid_token'),
    );
    const getAccessToken = jest.fn(({ refused }: { refused: boolean }) => (refused ? 'new' : 'old'));
    await client({ getAccessToken }).GET('/v1/password');
    expect(getAccessToken.mock.calls).toEqual([[{ refused: false }], [{ refused: true }]]);
  });

  it('waits as long as the service says before it renews a revoked token, once for all requests', async () => {
    let renewedAt = 0;
    const renew = () => {
      renewedAt = performance.now();
      return 'new';
    };
    const getAccessToken = jest.fn(({ refused }: { refused: boolean }) => (refused ? renew() : 'old'));
    service.answer(({ headers }) =>
      headers.authorization === 'Bearer new'
        ? { status: 200, body: { hasPassword: true } }
        : problem(401, 'invalid_token', {}, { 'Retry-After': '1' }),
    );
    const startedAt = performance.now();
    const api = client({ getAccessToken });
    await Promise.all([api.GET('/v1/password'), api.GET('/v1/password'), api.GET('/v1/password')]);
    expect(renewedAt - startedAt).toBeGreaterThanOrEqual(990);
    expect(getAccessToken.mock.calls.filter(([{ refused }]) => refused)).toHaveLength(1);
  });

  it('renews again when the new token was revoked as well, and gives up after that', async () => {
    let tokens = 0;
    service.answer(() => problem(401, 'invalid_token', {}, { 'Retry-After': '0' }));
    const api = client({ getAccessToken: () => `token-${++tokens}` });
    expect(await caught(api.GET('/v1/password'))).toMatchObject({ code: 'invalid_token' });
    expect(service.received).toHaveLength(3);
  });

  it('tries again when a renewal has failed', async () => {
    const getAccessToken = jest
      .fn<ProfileClientOptions['getAccessToken']>()
      .mockReturnValueOnce('old')
      .mockRejectedValueOnce(new Error('offline'))
      .mockReturnValueOnce('old')
      .mockReturnValueOnce('new');
    service.answer(({ headers }) =>
      headers.authorization === 'Bearer new'
        ? { status: 200, body: { hasPassword: true } }
        : problem(401, 'invalid_token'),
    );
    const api = client({ getAccessToken });
    expect(await caught(api.GET('/v1/password'))).toMatchObject({ message: 'offline' });
    expect((await api.GET('/v1/password')).data.hasPassword).toBe(true);
  });

  it('gives up when the new token is refused too', async () => {
    service.answer(() => problem(401, 'invalid_token'));
    expect(await caught(client().GET('/v1/password'))).toMatchObject({ code: 'invalid_token' });
    expect(service.received).toHaveLength(2);
  });

  it('sends the ID token as a hint only where other sessions are listed or ended', async () => {
    service.answer(() => ({ status: 200, body: { sessions: [] } }));
    const api = client({ getIdToken: () => 'id-token' });
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

describe('problems', () => {
  it('throws a problem answer with its code, field errors, request id and wait', async () => {
    const errors = [{ pointer: '/name', code: 'max_length', detail: 'Too long.' }];
    service.answer(() => problem(422, 'validation_failed', { detail: 'One value.', errors }, { 'Retry-After': '7' }));
    const error = await caught(client().updateProfile({ name: 'x' }));
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
    ['a page of HTML', '<h1>Bad gateway</h1>'],
    ['no body', undefined],
    ['JSON without a code', { message: 'no' }],
  ])('calls %s an unexpected answer', async (_what, body) => {
    service.answer(() => ({ status: 502, ...(body !== undefined && { body }) }));
    expect(await caught(client().GET('/v1/password'))).toMatchObject({
      code: 'unexpected_answer',
      status: 502,
      errors: [],
    });
  });

  it('says when it is not known what became of a change', async () => {
    service.answer(() => problem(503, 'upstream_unavailable', { outcome: 'unknown' }));
    expect(await caught(client().updateProfile({ name: 'x' }))).toMatchObject({ outcome: 'unknown' });
    service.answer(() => problem(503, 'upstream_unavailable'));
    expect(await caught(client().updateProfile({ name: 'x' }))).toMatchObject({ outcome: undefined });
  });

  it('lets a member of a problem never replace what an Error is', async () => {
    service.answer(() => problem(422, 'invalid_code', { name: 'Evil', stack: 'x', message: 'y', retryAfter: 1 }));
    const error = (await caught(client().GET('/v1/password'))) as ProblemError;
    expect(error).toMatchObject({ name: 'ProblemError', code: 'invalid_code', message: 'Title of invalid_code' });
    expect(error.retryAfter).toBeUndefined();
    expect(error.stack).toContain('ProblemError');
  });

  it('passes a lost connection on as a TypeError', async () => {
    service.answer(() => ({ status: 0, drop: true }));
    expect(await caught(client().GET('/v1/password'))).toMatchObject({ name: 'TypeError' });
  });
});

describe('reading and changing the profile', () => {
  const profile = { id: 'u1', name: 'Alice' };

  it('does not fetch an unchanged document again', async () => {
    service.answer(({ headers }) =>
      headers['if-none-match'] === '"1-a"'
        ? { status: 304 }
        : { status: 200, body: profile, headers: { ETag: '"1-a"' } },
    );
    const api = client();
    const first = await api.readProfile();
    expect(first).toEqual({ profile, etag: '"1-a"' });
    expect(await api.readProfile()).toEqual(first);
    expect(service.received.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, '"1-a"']);
    expect(service.received.map(({ headers }) => headers['cache-control'])).toEqual(['max-age=0', 'max-age=0']);
  });

  it('asks the service to look at Logto afresh when told to', async () => {
    service.answer(() => ({ status: 200, body: profile, headers: { ETag: '"1-a"' } }));
    await client().readProfile({ fresh: true });
    expect(service.received[0]!.headers['cache-control']).toBe('no-cache');
  });

  it('sends a merge patch under the version last seen, and remembers the new one', async () => {
    let version = 1;
    service.answer(({ method }) => ({
      status: 200, body: profile, headers: { ETag: `"${method === 'PATCH' ? ++version : version}-a"` },
    })); // prettier-ignore
    const api = client();
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

  it.each(['W/"1-a"', '"1-a-gzip"', 'W/"1-a-br"'])('sends the tag %s back as received', async (tag) => {
    service.answer(({ headers }) =>
      headers['if-none-match'] ? { status: 304 } : { status: 200, body: profile, headers: { ETag: tag } },
    );
    const api = client();
    expect((await api.readProfile()).etag).toBe(tag);
    expect((await api.readProfile()).etag).toBe(tag);
    expect((await api.updateProfile({ name: 'B' })).etag).toBe(tag);
    await api.updateProfile({ name: 'C' });
    const conditions = service.received.map(({ headers }) => headers['if-none-match'] ?? headers['if-match']);
    expect(conditions).toEqual([undefined, tag, tag, tag]);
  });

  it('takes a version of the caller, or none', async () => {
    service.answer(() => ({ status: 200, body: profile }));
    const api = client();
    await api.updateProfile({}, { etag: '"9-z"' });
    await api.updateProfile({}, { etag: null });
    expect(service.received.map(({ headers }) => headers['if-match'])).toEqual(['"9-z"', undefined]);
  });

  it('does a dry run without an idempotency key, and does not take its answer for the stored document', async () => {
    service.answer(() => ({ status: 200, body: { ...profile, name: 'Not stored' }, headers: { ETag: '"dry"' } }));
    const api = client();
    await api.updateProfile({ name: 'x' }, { dryRun: true });
    await api.readProfile();
    expect(service.received[0]).toMatchObject({ path: '/v1/profile?dryRun=true' });
    expect(service.received[0]!.headers['idempotency-key']).toBeUndefined();
    expect(service.received[1]!.headers['if-none-match']).toBeUndefined();
  });

  it('sends a change whose answer got lost again, under the same idempotency key', async () => {
    service.answer((_request, count) => (count === 1 ? { status: 0, drop: true } : { status: 200, body: profile }));
    await client().updateProfile({ name: 'x' });
    const [first, second] = service.received.map(({ headers }) => headers['idempotency-key']);
    expect(first).toBeDefined();
    expect(second).toBe(first);
  });
});

describe('step-up', () => {
  it('asks for a proof, and sends the original request again with it', async () => {
    service.answer(({ headers }) => (headers['verification-id'] ? { status: 200, body: { id: 'u1' } } : stepUp));
    const prove = jest.fn((_request: StepUpRequest) => Promise.resolve(['id-1', 'id-2']));
    await client({ prove }).updateProfile({ primaryEmail: 'new@example.com' }, { etag: '"1"' });
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

  it("fails with the service's problem when the user gives up", async () => {
    service.answer(() => stepUp);
    const error = await caught(
      client({ prove: () => Promise.resolve(undefined) }).POST('/v1/password/verify', { body: { password: 'x' } }),
    );
    expect(isProblem(error, 'step_up_required') && error.proofs).toEqual(['password', 'signIn']);
    expect(service.received).toHaveLength(1);
  });

  it('fails when the page cannot ask at all', async () => {
    service.answer(() => stepUp);
    expect(await caught(client().updateProfile({}))).toMatchObject({ code: 'step_up_required' });
  });

  it('asks again when a proof is not taken, but not for ever', async () => {
    service.answer(() => stepUp);
    const prove = jest.fn(({ attempt }: StepUpRequest) => Promise.resolve([`proof-${attempt}`]));
    expect(await caught(client({ prove }).updateProfile({}))).toMatchObject({ code: 'step_up_required' });
    expect(prove.mock.calls.map(([{ attempt }]) => attempt)).toEqual([1, 2, 3]);
    expect(service.received.map(({ headers }) => headers['verification-id'])).toEqual([
      undefined, 'proof-1', 'proof-2', 'proof-3',
    ]); // prettier-ignore
  });

  it('passes on what the callback throws', async () => {
    service.answer(() => stepUp);
    const error = new Error('dialog closed');
    expect(await caught(client({ prove: () => Promise.reject(error) }).updateProfile({}))).toBe(error);
  });
});
