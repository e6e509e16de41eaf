/** The points of a change at which a crash has different consequences, in order. */
export type CrashPoint =
  'leaseAcquired' | 'userRead' | 'pendingWritten' | 'beforeCall' | 'afterCall' | 'beforeFinish' | 'finished';

/** Called at each crash point. Tests replace it to stop the process there. */
export class CrashPoints {
  hit(_point: CrashPoint, _userId: string): void | Promise<void> {
    // Only tests do something here.
  }
}
