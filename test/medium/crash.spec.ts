import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CrashPoint } from '../../src/domain/changes/crash-points.js';
import { CHANGES } from './support/changes.js';
import { CrashHarness, OLD_PASSWORD } from './support/crash-harness.js';

/** Where a change is when the process is killed: at the nth hit of a crash point, or (`call`) waiting for Logto's response. */
const MOMENTS: readonly (readonly [step: CrashPoint | 'call', nth: number])[] = [
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

/** Logto's routes in the order in which a change calls them; not every change calls all of them. */
const CALLS = ['', '/profile', '/custom-data'];

const NEW_PASSWORD = 'an0ther-G00d!one';

/** Long enough for the process to be killed before Logto responds. */
const LATENCY_MS = 3_000;

/**
 * At least so many of the 84 changes are interrupted. The others complete first: they make fewer calls, or the process is killed late on a
 * busy machine.
 */
const CRASHES = 30;

const RECOVERIES = ['the next reader', 'the next writer', 'the background job'] as const;

describe.each(['PGlite', 'PostgreSQL'] as const)('a service on %s that is killed with SIGKILL', (database) => {
  let harness: CrashHarness | undefined;
  beforeAll(async () => {
    harness = await CrashHarness.open(database, 60_000);
  }, 120_000);
  afterAll(() => harness?.close());

  // One kill interrupts every change at every moment; each result is checked by itself.
  it.each(RECOVERIES)(
    'applies each change fully or not at all and loses no acknowledged one, after recovery by %s',
    async (recovery) => {
      if (!harness) return; // createPostgresDatabase reports it.
      const { service, logto } = harness;
      const planned = Object.entries(CHANGES).flatMap(([what, change]) =>
        MOMENTS.map(async ([step, nth]) => ({
          what: `${what}, ${step} ${nth}`,
          ...{ step, nth },
          attempt: await harness!.prepareChange(change),
        })),
      );
      const crashes = await Promise.all(
        (await Promise.all(planned)).map(async ({ what, step, nth, attempt }) => {
          const call = `PATCH /api/users/${attempt.id}${CALLS[nth - 1]}`;
          if (step === 'call') logto.faults.add({ operation: call, times: 1, latency: LATENCY_MS });
          const stopped = step === 'call' ? undefined : (await service.stopAt(attempt.id, step, nth)).stopped;
          const response = harness!.send(attempt);
          const late = stopped ? undefined : await harness!.awaitCall(call, attempt, response);
          await Promise.race([response, stopped ?? late]);
          return { what, attempt, response, late };
        }),
      );
      await service.kill();
      await Promise.all(crashes.map(({ late }) => late?.applied(2 * LATENCY_MS)));
      await harness.start();

      await harness.service.expireLeases();
      if (recovery === 'the background job') while (await harness.hasPendingChange()) await harness.service.sweep();
      const faults = await Promise.all(
        crashes.map(async ({ what, attempt, response }) => {
          if (recovery === 'the next writer') await harness!.send({ ...attempt, patch: {}, headers: {} });
          const fault = await harness!.findFault(attempt, await response);
          return fault && `${what}: ${fault}`;
        }),
      );
      expect(faults.filter(Boolean)).toEqual([]);
      const crashed = (await Promise.all(crashes.map(({ response }) => response))).filter((response) => !response);
      expect(crashed.length).toBeGreaterThanOrEqual(CRASHES);
    },
    180_000,
  );

  it.each(['pendingWritten', 'beforeCall', 'afterCall', 'beforeFinish'] as const)(
    'never combines a new password with proofs of the old one, killed at %s',
    async (step) => {
      if (!harness) return;
      const { id, token } = await harness.prepareChange(() => ({}));
      const prove = (password: string) =>
        harness!.service.request('POST', '/v1/password/verify', token, { body: { password } });
      const before = await prove(OLD_PASSWORD);
      const { stopped } = await harness.service.stopAt(id, step, 1);
      const body = { newPassword: NEW_PASSWORD, currentPassword: OLD_PASSWORD };
      const change = harness.service.request('PUT', '/v1/password', token, { body });
      await stopped;
      await harness.service.kill();
      expect(await change).toBeUndefined();
      await harness.start();
      await harness.service.expireLeases();

      const headers = { 'verification-id': before!.body.verificationId as string };
      const byOldProof = await harness.service.request('PATCH', '/v1/profile', token, {
        headers,
        body: { taxId: 'DE123456789' },
      });
      expect(byOldProof?.body.code).toBe('step_up_required');
      const changed = step === 'afterCall' || step === 'beforeFinish';
      expect((await prove(changed ? NEW_PASSWORD : OLD_PASSWORD))?.status).toBe(201);
    },
    180_000,
  );
});
