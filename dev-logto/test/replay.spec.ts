import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { excluded } from './replay/excluded.js';
import { recordings, type Recording } from './replay/recordings.js';
import { reordered, stepsBefore, generatedBodies } from './replay/scenario.js';
import { World, type ReceivedResponse } from './replay/world.js';

const MIN_COMPARED = 350;
const isExcluded = (name: string): boolean => excluded.some(([start]) => name.startsWith(start));
const compared = recordings.filter(({ name }) => !isExcluded(name));

/** Headers that differ between runs. The ETag is compared only if the body is identical. */
const IGNORED = new Set(['date', 'etag', 'logto-core-request-id']);

describe('replay of recordings of a real Logto', () => {
  const world = new World();
  beforeAll(() => world.start());
  afterAll(() => world.stop());

  it.each(recordings.map((recording) => [recording.name, recording] as const))('%s', async (name, recording) => {
    await stepsBefore[name]?.(world);
    if (isExcluded(name)) return;
    const found = name.startsWith('received: ')
      ? await differencesOfReceived(world, recording)
      : differences(world, recording, await world.send(recording, generatedBodies[name]?.()));
    expect(found).toEqual([]);
  });

  it(`compares at least ${MIN_COMPARED} recordings and has no obsolete steps or exclusions`, () => {
    const reasons = excluded.map(([start, reason]) => `  excluded: ${start} … (${reason})`);
    console.log([`${compared.length} of ${recordings.length} recordings compared`, ...reasons].join('\n'));
    expect(compared.length).toBeGreaterThanOrEqual(MIN_COMPARED);
    const names = recordings.map(({ name }) => name);
    expect(Object.keys({ ...stepsBefore, ...generatedBodies }).filter((name) => !names.includes(name))).toEqual([]);
    expect(excluded.filter(([start]) => !names.some((name) => name.startsWith(start)))).toEqual([]);
  });
});

function differences(
  { comparison }: World,
  { name, request, response }: Recording,
  received: ReceivedResponse,
): string[] {
  const { status, headers = {}, body } = response;
  const found: string[] = [];
  if (received.status !== status) {
    found.push(`status ${received.status} instead of ${status}: ${received.text.slice(0, 300)}`);
  }
  for (const [header, value] of Object.entries(headers)) {
    if (!IGNORED.has(header)) found.push(...comparison.differences(value, received.headers.get(header), header));
  }
  if (found.length > 0) return found;
  const cut = typeof body === 'string' && /\(cut in this file, (\d+) bytes\)/.exec(body);
  if (cut) return comparison.differences(Number(cut[1]), Buffer.byteLength(received.text), 'bytes');
  // Bodies of redirects were not recorded. Pages are compared by their forms only.
  if (status === 303 && body === null) return found;
  if (headers['content-type']?.startsWith('text/html'))
    return comparison.differences(parseForm(body), parseForm(received.text));
  const isJson = received.headers.get('content-type')?.includes('json');
  const actual: unknown = isJson ? JSON.parse(received.text) : received.text === '' ? null : received.text;
  const recorded = reordered[name]?.(body as { grants: unknown[] }) ?? body;
  found.push(...comparison.differences(recorded, actual));
  if (request.path.startsWith('/api') && headers['etag'] && JSON.stringify(body) === received.text) {
    found.push(...comparison.differences(headers['etag'], received.headers.get('etag'), 'etag'));
  }
  return found;
}

/** Returns the action and fields of a page's forms, or the target of a redirect page. */
const parseForm = (html: unknown): unknown[] =>
  [...String(html).matchAll(/(?:action|name|value)="([^"]*)"|Redirecting to (.*)\./g)].map(
    ([, value, target]) => value ?? target,
  );

/** Compares a request that Logto sent: a signed webhook or a back-channel logout. */
async function differencesOfReceived(world: World, { request }: Recording): Promise<string[]> {
  await world.logto.webhooks.settled();
  const index = world.received.findIndex(({ path }) => path === request.path);
  const [received] = index === -1 ? [] : world.received.splice(index, 1);
  if (!received) return ['no request was received'];
  const { comparison } = world;
  const found = comparison.differences(request.path, received.path, 'path');
  for (const name of ['content-type', 'user-agent', 'x-own-header']) {
    found.push(...comparison.differences(request.headers?.[name], received.headers[name], name));
  }
  if (typeof request.body !== 'string' || !request.body.startsWith('{')) {
    return [...found, ...comparison.differences(request.body, received.body.replace(/=.+/, '=<logout token>'))];
  }
  const body = JSON.parse(received.body) as { hookId: string };
  const { signingKey } = world.logto.tenant.hooks.get(body.hookId)!;
  const signature = createHmac('sha256', signingKey).update(received.body).digest('hex');
  found.push(...comparison.differences(signature, received.headers['logto-signature-sha-256'], 'signature'));
  return [...found, ...comparison.differences(JSON.parse(request.body), body)];
}
