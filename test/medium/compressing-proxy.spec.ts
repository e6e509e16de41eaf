import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createProfileClient, type ProfileClient } from '../../client/src/index.js';
import { startStack, type Stack } from '../e2e/harness.js';
import { hasNginx, startCompressingNginx } from './support/nginx.js';

(hasNginx() ? describe : describe.skip)('the typed client behind an nginx that compresses responses', () => {
  let stack: Stack;
  let nginx: Awaited<ReturnType<typeof startCompressingNginx>>;
  let api: ProfileClient;
  let responses: Response[];
  let sentETags: (string | null)[];

  beforeAll(async () => {
    stack = await startStack();
    nginx = await startCompressingNginx(stack.url);
  }, 60_000);
  afterAll(async () => {
    await nginx?.stop();
    await stack?.stop();
  });
  beforeEach(async () => {
    const token = await stack.tokenFor((await stack.createUser({ name: 'Alice' })).username);
    [responses, sentETags] = [[], []];
    api = createProfileClient({
      baseUrl: nginx.url,
      getAccessToken: () => token,
      fetch: async (request) => {
        sentETags.push(request.headers.get('if-match') ?? request.headers.get('if-none-match'));
        const response = await fetch(request);
        responses.push(response);
        return response;
      },
    });
  });

  const listStatuses = () => responses.map(({ status }) => status);

  it('receives a weak ETag and can save repeatedly with it', async () => {
    const read = await api.readProfile();
    expect(responses[0]!.headers.get('content-encoding')).toBe('gzip');
    expect(read.etag).toMatch(/^W\/"\d+-[0-9a-f]{64}"$/);
    const first = await api.updateProfile({ name: 'Bob' });
    const second = await api.updateProfile({ name: 'Carol', newsletter: true });
    expect([first.profile.name, second.profile.name, second.profile.newsletter]).toEqual(['Bob', 'Carol', true]);
    expect(listStatuses()).toEqual([200, 200, 200]);
    expect(first.etag).toMatch(/^W\//);
    expect(sentETags).toEqual([null, read.etag, first.etag]);
  });

  it('receives 412 for a stale ETag', async () => {
    const read = await api.readProfile();
    await api.updateProfile({ name: 'Bob' });
    await expect(api.updateProfile({ name: 'Carol' }, { etag: read.etag! })).rejects.toMatchObject({
      code: 'precondition_failed',
      status: 412,
    });
    expect((await api.readProfile()).profile.name).toBe('Bob');
  });

  it('saves custom data with the ETag of the profile', async () => {
    const { etag } = await api.readProfile();
    const headers = { 'If-Match': etag! };
    const { data } = await api.PATCH('/v1/custom-data', { headers, body: { newsletter: true } });
    expect(data.newsletter).toBe(true);
    await expect(api.PATCH('/v1/custom-data', { headers, body: { newsletter: false } })).rejects.toMatchObject({
      code: 'precondition_failed',
    });
  });

  it('receives 304 for a document that it already has', async () => {
    const read = await api.readProfile();
    expect(await api.readProfile()).toEqual(read);
    expect([listStatuses(), sentETags]).toEqual([
      [200, 304],
      [null, read.etag],
    ]);
  });
});
