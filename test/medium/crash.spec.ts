import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CrashPoint } from '../../src/domain/changes/crash-points.js';
import { CHANGES } from './support/changes.js';
import { CrashScene, OLD_PASSWORD } from './support/crash-scene.js';

/** Where a change is when the process is killed: at a step, the nth time it comes there; or waiting for Logto's answer. */
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

/** The calls of a change to Logto, in their order; each change makes some of them. */
const CALLS = ['', '/profile', '/custom-data'];

const NEW_PASSWORD = 'an0ther-G00d!one';

/** Long enough for the process to be killed meanwhile. */
const LATENCY_MS = 3_000;

/**
 * At least so many of the 84 changes are interrupted. The others complete first: they make fewer calls, or the process is killed late on a
 * busy machine.
 */
const CRASHES = 30;

const RECOVERIES = ['the next reader', 'the next writer', 'the sweeper'] as const;

describe.each(['PGlite', 'PostgreSQL'] as const)('a service on %s that is killed (-9)', (database) => {
  let scene: CrashScene | undefined;
  beforeAll(async () => {
    scene = await CrashScene.open(database, 60_000);
  }, 120_000);
  afterAll(() => scene?.close());

  // One kill meets every change at every moment, and each is looked at by itself.
  it.each(RECOVERIES)(
    'leaves no half a change, and loses no answered one, once %s has been there',
    async (recovery) => {
      if (!scene) return; // Said loudly by createPostgresDatabase.
      const { service, logto } = scene;
      const planned = Object.entries(CHANGES).flatMap(([what, change]) =>
        MOMENTS.map(async ([step, nth]) => ({
          what: `${what}, ${step} ${nth}`,
          ...{ step, nth },
          attempt: await scene!.attempt(change),
        })),
      );
      const crashes = await Promise.all(
        (await Promise.all(planned)).map(async ({ what, step, nth, attempt }) => {
          const call = `PATCH /api/users/${attempt.id}${CALLS[nth - 1]}`;
          if (step === 'call') logto.faults.add({ operation: call, times: 1, latency: LATENCY_MS });
          const stopped = step === 'call' ? undefined : (await service.stopAt(attempt.id, step, nth)).stopped;
          const answer = scene!.send(attempt);
          const late = stopped ? undefined : await scene!.lateCall(call, attempt, answer);
          await Promise.race([answer, stopped ?? late]);
          return { what, attempt, answer, late };
        }),
      );
      await service.kill();
      await Promise.all(crashes.map(({ late }) => late?.landed(2 * LATENCY_MS)));
      await scene.start();

      await scene.service.expireLeases();
      if (recovery === 'the sweeper') while (await scene.anythingPending()) await scene.service.sweep();
      const faults = await Promise.all(
        crashes.map(async ({ what, attempt, answer }) => {
          if (recovery === 'the next writer') await scene!.send({ ...attempt, patch: {}, headers: {} });
          const fault = await scene!.faultOf(attempt, await answer);
          return fault && `${what}: ${fault}`;
        }),
      );
      expect(faults.filter(Boolean)).toEqual([]);
      const crashed = (await Promise.all(crashes.map(({ answer }) => answer))).filter((answer) => !answer);
      expect(crashed.length).toBeGreaterThanOrEqual(CRASHES);
    },
    180_000,
  );

  it.each(['pendingWritten', 'beforeCall', 'afterCall', 'beforeFinish'] as const)(
    'never leaves a new password with the proofs from before, killed at %s',
    async (step) => {
      if (!scene) return;
      const { id, token } = await scene.attempt(() => ({}));
      const prove = (password: string) =>
        scene!.service.request('POST', '/v1/password/verify', token, { body: { password } });
      const before = await prove(OLD_PASSWORD);
      const { stopped } = await scene.service.stopAt(id, step, 1);
      const body = { newPassword: NEW_PASSWORD, currentPassword: OLD_PASSWORD };
      const change = scene.service.request('PUT', '/v1/password', token, { body });
      await stopped;
      await scene.service.kill();
      expect(await change).toBeUndefined();
      await scene.start();
      await scene.service.expireLeases();

      const headers = { 'verification-id': before!.body.verificationId as string };
      const byOldProof = await scene.service.request('PATCH', '/v1/profile', token, {
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
