import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { excludedRecordings } from './replay/excluded-recordings.js';
import { recordings, type Recording } from './replay/recordings.js';
import { sortRecordedLists, stepsBeforeRecording, generatedBodies } from './replay/scenario.js';
import { ReplayContext, type ReceivedResponse } from './replay/replay-context.js';

const MIN_COMPARED = 350;
const isExcluded = (name: string): boolean => excludedRecordings.some(([prefix]) => name.startsWith(prefix));
const comparedRecordings = recordings.filter(({ name }) => !isExcluded(name));

/** Headers that differ between runs. The ETag is compared only if the body is identical. */
const IGNORED_HEADERS = new Set(['date', 'etag', 'logto-core-request-id']);

describe('replay of recordings of a real Logto', () => {
  const context = new ReplayContext();
  beforeAll(() => context.start());
  afterAll(() => context.stop());

  it.each(recordings.map((recording) => [recording.name, recording] as const))('%s', async (name, recording) => {
    await stepsBeforeRecording[name]?.(context);
    if (isExcluded(name)) return;
    const differences = name.startsWith('received: ')
      ? await compareReceivedRequest(context, recording)
      : compareResponse(context, recording, await context.send(recording, generatedBodies[name]?.()));
    expect(differences).toEqual([]);
  });

  it(`compares at least ${MIN_COMPARED} recordings, without obsolete steps or exclusions`, () => {
    const reasons = excludedRecordings.map(([prefix, reason]) => `  excluded: ${prefix} … (${reason})`);
    console.log([`${comparedRecordings.length} of ${recordings.length} recordings compared`, ...reasons].join('\n'));
    expect(comparedRecordings.length).toBeGreaterThanOrEqual(MIN_COMPARED);
    const names = recordings.map(({ name }) => name);
    expect(
      Object.keys({ ...stepsBeforeRecording, ...generatedBodies }).filter((name) => !names.includes(name)),
    ).toEqual([]);
    expect(excludedRecordings.filter(([prefix]) => !names.some((name) => name.startsWith(prefix)))).toEqual([]);
  });
});

/** Describes each difference between a recorded response and the received one. */
function compareResponse(
  { comparison }: ReplayContext,
  { name, request, response }: Recording,
  received: ReceivedResponse,
): string[] {
  const { status, headers = {}, body } = response;
  const differences: string[] = [];
  if (received.status !== status) {
    differences.push(`status ${received.status} instead of ${status}: ${received.text.slice(0, 300)}`);
  }
  for (const [header, value] of Object.entries(headers)) {
    if (!IGNORED_HEADERS.has(header))
      differences.push(...comparison.findDifferences(value, received.headers.get(header), header));
  }
  if (differences.length > 0) return differences;
  const omission = typeof body === 'string' && /\(cut in this file, (\d+) bytes\)/.exec(body);
  if (omission) return comparison.findDifferences(Number(omission[1]), Buffer.byteLength(received.text), 'bytes');
  // The bodies of redirects were not recorded. Of a page, only the forms are compared.
  if (status === 303 && body === null) return differences;
  if (headers['content-type']?.startsWith('text/html'))
    return comparison.findDifferences(parseForms(body), parseForms(received.text));
  const isJson = received.headers.get('content-type')?.includes('json');
  const actual: unknown = isJson ? JSON.parse(received.text) : received.text === '' ? null : received.text;
  const recorded = sortRecordedLists[name]?.(body as { grants: unknown[] }) ?? body;
  differences.push(...comparison.findDifferences(recorded, actual));
  if (request.path.startsWith('/api') && headers['etag'] && JSON.stringify(body) === received.text) {
    differences.push(...comparison.findDifferences(headers['etag'], received.headers.get('etag'), 'etag'));
  }
  return differences;
}

/** Returns the action and fields of a page's forms, or the target of a redirect page. */
const parseForms = (html: unknown): unknown[] =>
  [...String(html).matchAll(/(?:action|name|value)="([^"]*)"|Redirecting to (.*)\./g)].map(
    ([, value, target]) => value ?? target,
  );

/** Compares a request that dev-logto sent: a signed webhook or a back-channel logout. */
async function compareReceivedRequest(context: ReplayContext, { request }: Recording): Promise<string[]> {
  await context.logto.webhooks.settled();
  const index = context.received.findIndex(({ path }) => path === request.path);
  const [received] = index === -1 ? [] : context.received.splice(index, 1);
  if (!received) return ['no request was received'];
  const { comparison } = context;
  const differences = comparison.findDifferences(request.path, received.path, 'path');
  for (const name of ['content-type', 'user-agent', 'x-own-header']) {
    differences.push(...comparison.findDifferences(request.headers?.[name], received.headers[name], name));
  }
  if (typeof request.body !== 'string' || !request.body.startsWith('{')) {
    return [
      ...differences,
      ...comparison.findDifferences(request.body, received.body.replace(/=.+/, '=<logout token>')),
    ];
  }
  const body = JSON.parse(received.body) as { hookId: string };
  const { signingKey } = context.logto.tenant.hooks.get(body.hookId)!;
  const signature = createHmac('sha256', signingKey).update(received.body).digest('hex');
  differences.push(...comparison.findDifferences(signature, received.headers['logto-signature-sha-256'], 'signature'));
  return [...differences, ...comparison.findDifferences(JSON.parse(request.body), body)];
}
