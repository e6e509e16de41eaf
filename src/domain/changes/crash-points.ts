/** The points of a change between which a crash makes a difference, in their order. */
export type CrashPoint =
  'leaseAcquired' | 'userRead' | 'pendingWritten' | 'beforeCall' | 'afterCall' | 'beforeFinish' | 'finished';

/** Hit at each point as it comes. Tests replace it to stop the process there. */
export class CrashPoints {
  hit(_point: CrashPoint, _userId: string): void | Promise<void> {
    // In production nothing happens between the points.
  }
}
