import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Fault } from '../../dev-logto/src/index.js';
import { CHANGES } from './support/changes.js';
import { CrashScene } from './support/crash-scene.js';

const TIMEOUT_MS = 1_000;
const refusal = { status: 422, body: { code: 'entity.invalid_input', message: 'No.' } };

/** What goes wrong with which of a change's calls. */
const ACCIDENTS: Record<string, [call: 1 | 2 | 3, fault: Omit<Fault, 'operation' | 'times'>]> = {
  'the first call is lost': [1, { drop: 'before' }],
  'the answer to the first call is lost': [1, { drop: 'after' }],
  'the answer to the second call is lost': [2, { drop: 'after' }],
  'the answer to the third call is lost': [3, { drop: 'after' }],
  'the first call is answered 500, and made all the same': [1, { status: 500, effect: 'after' }],
  'the first call is made long after it was given up': [1, { latency: TIMEOUT_MS + 500 }],
  'the third call is made long after it was given up': [3, { latency: TIMEOUT_MS + 500 }],
  'the first call is refused': [1, refusal],
  'the second call is refused': [2, refusal],
  'the third call is refused': [3, refusal],
  'the third call comes in too great a hurry': [3, { status: 429, body: { code: 'request.rate_limited' } }],
  'Logto is away for the second call': [2, { status: 503, body: 'down' }],
};
const CALLS = ['', '/profile', '/custom-data'];

describe.each(['PGlite', 'PostgreSQL'] as const)('a change in several stores, on %s', (database) => {
  let scene: CrashScene | undefined;
  beforeAll(async () => {
    scene = await CrashScene.open(database, TIMEOUT_MS);
  }, 120_000);
  afterAll(() => scene?.close());

  it.each(Object.entries(ACCIDENTS))(
    'is whole when %s',
    async (_what, [call, fault]) => {
      if (!scene) return; // Said loudly by createPostgresDatabase.
      const faults: string[] = [];
      for (const [what, change] of Object.entries(CHANGES)) {
        const attempt = await scene.attempt(change);
        const operation = `PATCH /api/users/${attempt.id}${CALLS[call - 1]}`;
        scene.logto.faults.add({ ...fault, operation, times: 1 });
        const sent = scene.send(attempt);
        const late = await scene.lateCall(operation, attempt, sent);
        const answer = await sent;
        if (fault.latency) await late.landed(2 * fault.latency);
        await scene.service.expireLeases();
        const found = await scene.faultOf(attempt, answer);
        if (found) faults.push(`${what}: ${found}`);
      }
      expect(faults).toEqual([]);
    },
    120_000,
  );
});
