import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CrashPoint } from '../../src/domain/changes/crash-points.js';
import { CHANGES } from './support/changes.js';
import { CrashHarness, OLD_PASSWORD } from './support/crash-harness.js';

/** When the process is killed: at the nth hit of a crash point, or while the nth call waits for Logto's response (`call`). */
const KILL_MOMENTS: readonly (readonly [step: CrashPoint | 'call', nth: number])[] = [
  ['leaseAcquired', 1],
  ['userRead', 1],
  ['pendingWritten', 1],
  ['beforeCall', 1],
  ['call', 1],
  ['afterCall', 1],
  ['beforeCall', 2],
  ['call', 2],
  ['afterCall', 2],
  ['beforeCall', 3],
  ['call', 3],
  ['afterCall', 3],
  ['beforeFinish', 1],
  ['finished', 1],
];

/** Logto's routes below `/api/users/:id`, in the order of the calls. Not every change calls all of them. */
const ROUTES = ['', '/profile', '/custom-data'];

const NEW_PASSWORD = 'an0ther-G00d!one';

/** How long Logto waits before it handles a call. The process is killed in the meantime. */
const LATENCY_MS = 3_000;

/**
 * How many of the 84 changes must be interrupted. The others complete before the kill, because they make fewer calls or because the
 * machine is busy.
 */
const MIN_INTERRUPTED = 30;

const RECOVERED_BY = ['the next reader', 'the next writer', 'the background job'] as const;

describe.each(['PGlite', 'PostgreSQL'] as const)('a service on %s that is killed with SIGKILL', (database) => {
  let harness: CrashHarness | undefined;
  beforeAll(async () => {
    harness = await CrashHarness.open(database, 60_000);
  }, 120_000);
  afterAll(() => harness?.close());

  // One kill interrupts all changes, each at its own moment. The result of each change is checked separately.
  it.each(RECOVERED_BY)(
    'applies each change fully or not at all, and loses no acknowledged change: recovery by %s',
    async (recovery) => {
      if (!harness) return; // PostgreSQL is missing, and the run has reported it.
      const { service, logto } = harness;
      const preparedChanges = Object.entries(CHANGES).flatMap(([name, change]) =>
        KILL_MOMENTS.map(async ([step, nth]) => ({
          name: `${name}, ${step} ${nth}`,
          ...{ step, nth },
          attempt: await harness!.prepareChange(change),
        })),
      );
      const sentChanges = await Promise.all(
        (await Promise.all(preparedChanges)).map(async ({ name, step, nth, attempt }) => {
          const call = `PATCH /api/users/${attempt.id}${ROUTES[nth - 1]}`;
          if (step === 'call') logto.faults.add({ operation: call, times: 1, latency: LATENCY_MS });
          const stopped = step === 'call' ? undefined : (await service.stopAt(attempt.id, step, nth)).stopped;
          const response = harness!.send(attempt);
          const delayedCall = stopped ? undefined : await harness!.awaitCall(call, attempt, response);
          await Promise.race([response, stopped ?? delayedCall]);
          return { name, attempt, response, delayedCall };
        }),
      );
      await service.kill();
      await Promise.all(sentChanges.map(({ delayedCall }) => delayedCall?.waitUntilApplied(2 * LATENCY_MS)));
      await harness.start();

      await harness.service.expireLeases();
      if (recovery === 'the background job')
        while (await harness.hasPendingChange()) await harness.service.recoverAbandoned();
      const inconsistencies = await Promise.all(
        sentChanges.map(async ({ name, attempt, response }) => {
          if (recovery === 'the next writer') await harness!.send({ ...attempt, patch: {}, headers: {} });
          const inconsistency = await harness!.findInconsistency(attempt, await response);
          return inconsistency && `${name}: ${inconsistency}`;
        }),
      );
      expect(inconsistencies.filter(Boolean)).toEqual([]);
      const responses = await Promise.all(sentChanges.map(({ response }) => response));
      const interrupted = responses.filter((response) => !response);
      expect(interrupted.length).toBeGreaterThanOrEqual(MIN_INTERRUPTED);
    },
    180_000,
  );

  it.each(['pendingWritten', 'beforeCall', 'afterCall', 'beforeFinish'] as const)(
    'revokes the proofs of an old password after a crash during its change: %s',
    async (step) => {
      if (!harness) return;
      const { id, token } = await harness.prepareChange(() => ({}));
      const verifyPassword = (password: string) =>
        harness!.service.request('POST', '/v1/password/verify', token, { body: { password } });
      const oldProof = await verifyPassword(OLD_PASSWORD);
      const { stopped } = await harness.service.stopAt(id, step, 1);
      const body = { newPassword: NEW_PASSWORD, currentPassword: OLD_PASSWORD };
      const change = harness.service.request('PUT', '/v1/password', token, { body });
      await stopped;
      await harness.service.kill();
      expect(await change).toBeUndefined();
      await harness.start();
      await harness.service.expireLeases();

      const headers = { 'verification-id': oldProof!.body.verificationId as string };
      const rejected = await harness.service.request('PATCH', '/v1/profile', token, {
        headers,
        body: { taxId: 'DE123456789' },
      });
      expect(rejected?.body.code).toBe('step_up_required');
      const isChanged = step === 'afterCall' || step === 'beforeFinish';
      expect((await verifyPassword(isChanged ? NEW_PASSWORD : OLD_PASSWORD))?.status).toBe(201);
    },
    180_000,
  );
});
