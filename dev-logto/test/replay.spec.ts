import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { leftOut } from './replay/left-out.js';
import { recordings, type Recording } from './replay/recordings.js';
import { arranged, before, bodies } from './replay/scenario.js';
import { World, type Answer } from './replay/world.js';

const LEAST = 350;
const skipped = (name: string): boolean => leftOut.some(([start]) => name.startsWith(start));
const compared = recordings.filter(({ name }) => !skipped(name));

/** Headers that differ from run to run; the ETag is compared where the body is the same to the letter. */
const IGNORED = new Set(['date', 'etag', 'logto-core-request-id']);

describe(`replay of what a real Logto answered`, () => {
  const world = new World();
  beforeAll(() => world.start());
  afterAll(() => world.stop());

  it.each(recordings.map((recording) => [recording.name, recording] as const))('%s', async (name, recording) => {
    await before[name]?.(world);
    if (skipped(name)) return;
    const found = name.startsWith('received: ')
      ? await differencesOfReceived(world, recording)
      : differences(world, recording, await world.send(recording, bodies[name]?.()));
    expect(found).toEqual([]);
  });

  it(`compares at least ${LEAST} recordings and knows all that it leaves out`, () => {
    const reasons = leftOut.map(([start, reason]) => `  not: ${start} … (${reason})`);
    console.log([`${compared.length} of ${recordings.length} recordings compared`, ...reasons].join('\n'));
    expect(compared.length).toBeGreaterThanOrEqual(LEAST);
    const names = recordings.map(({ name }) => name);
    expect(Object.keys({ ...before, ...bodies }).filter((name) => !names.includes(name))).toEqual([]);
    expect(leftOut.filter(([start]) => !names.some((name) => name.startsWith(start)))).toEqual([]);
  });
});

function differences({ comparison }: World, { name, request, response }: Recording, answer: Answer): string[] {
  const { status, headers = {}, body } = response;
  const found: string[] = [];
  if (answer.status !== status) {
    found.push(`status ${answer.status} instead of ${status}: ${answer.text.slice(0, 300)}`);
  }
  for (const [header, value] of Object.entries(headers)) {
    if (!IGNORED.has(header)) found.push(...comparison.differences(value, answer.headers.get(header), header));
  }
  if (found.length > 0) return found;
  const cut = typeof body === 'string' && /\(cut in this file, (\d+) bytes\)/.exec(body);
  if (cut) return comparison.differences(Number(cut[1]), Buffer.byteLength(answer.text), 'bytes');
  // The recorder kept no text of a redirect, and pages are compared by the form that they send on.
  if (status === 303 && body === null) return found;
  if (headers['content-type']?.startsWith('text/html')) return comparison.differences(form(body), form(answer.text));
  const isJson = answer.headers.get('content-type')?.includes('json');
  const actual: unknown = isJson ? JSON.parse(answer.text) : answer.text === '' ? null : answer.text;
  const recorded = arranged[name]?.(body as { grants: unknown[] }) ?? body;
  found.push(...comparison.differences(recorded, actual));
  if (request.path.startsWith('/api') && headers['etag'] && JSON.stringify(body) === answer.text) {
    found.push(...comparison.differences(headers['etag'], answer.headers.get('etag'), 'etag'));
  }
  return found;
}

/** Where a page's form goes and what it sends, or where a page leads. */
const form = (html: unknown): unknown[] =>
  [...String(html).matchAll(/(?:action|name|value)="([^"]*)"|Redirecting to (.*)\./g)].map(
    ([, value, target]) => value ?? target,
  );

/** A request that Logto sent: a webhook with its signature, or a back-channel logout. */
async function differencesOfReceived(world: World, { request }: Recording): Promise<string[]> {
  await world.logto.webhooks.settled();
  const index = world.received.findIndex(({ path }) => path === request.path);
  const [received] = index === -1 ? [] : world.received.splice(index, 1);
  if (!received) return ['nothing was received'];
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
