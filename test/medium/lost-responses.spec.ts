import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Fault } from '../../dev-logto/src/index.js';
import { CHANGES } from './support/changes.js';
import { CrashHarness } from './support/crash-harness.js';

const TIMEOUT_MS = 1_000;
const rejection = { status: 422, body: { code: 'entity.invalid_input', message: 'No.' } };

/** Which of a change's calls to Logto fails, and how. */
const FAILURES: Record<string, [call: 1 | 2 | 3, fault: Omit<Fault, 'operation' | 'times'>]> = {
  'the first call is lost': [1, { drop: 'before' }],
  'the response to the first call is lost': [1, { drop: 'after' }],
  'the response to the second call is lost': [2, { drop: 'after' }],
  'the response to the third call is lost': [3, { drop: 'after' }],
  'the first call takes effect but returns 500': [1, { status: 500, effect: 'after' }],
  'the first call takes effect after its timeout': [1, { latency: TIMEOUT_MS + 500 }],
  'the third call takes effect after its timeout': [3, { latency: TIMEOUT_MS + 500 }],
  'the first call is rejected': [1, rejection],
  'the second call is rejected': [2, rejection],
  'the third call is rejected': [3, rejection],
  'the third call exceeds the rate limit': [3, { status: 429, body: { code: 'request.rate_limited' } }],
  'the second call returns 503': [2, { status: 503, body: 'down' }],
};
/** Logto's routes below `/api/users/:id`, in the order of the calls. */
const ROUTES = ['', '/profile', '/custom-data'];

describe.each(['PGlite', 'PostgreSQL'] as const)('a change to several stores on %s', (database) => {
  let harness: CrashHarness | undefined;
  beforeAll(async () => {
    harness = await CrashHarness.open(database, TIMEOUT_MS);
  }, 120_000);
  afterAll(() => harness?.close());

  it.each(Object.entries(FAILURES))(
    'is applied fully or not at all when %s',
    async (_case, [call, fault]) => {
      if (!harness) return; // PostgreSQL is missing, and the run has reported it.
      const inconsistencies: string[] = [];
      for (const [name, change] of Object.entries(CHANGES)) {
        const attempt = await harness.prepareChange(change);
        const operation = `PATCH /api/users/${attempt.id}${ROUTES[call - 1]}`;
        harness.logto.faults.add({ ...fault, operation, times: 1 });
        const pendingResponse = harness.send(attempt);
        const delayedCall = await harness.awaitCall(operation, attempt, pendingResponse);
        const response = await pendingResponse;
        if (fault.latency) await delayedCall.waitUntilApplied(2 * fault.latency);
        await harness.service.expireLeases();
        const inconsistency = await harness.findInconsistency(attempt, response);
        if (inconsistency) inconsistencies.push(`${name}: ${inconsistency}`);
      }
      expect(inconsistencies).toEqual([]);
    },
    120_000,
  );
});
