/** The moments of a change between which a crash makes a difference, in their order. */
export type CrashPoint =
  'leaseTaken' | 'accountRead' | 'pendingWritten' | 'beforeCall' | 'afterCall' | 'beforeFinish' | 'finished';

/** Told of each moment as it comes. Tests replace it to stop a change just there. */
export class CrashPoints {
  reached(_step: CrashPoint, _userId: string): void | Promise<void> {
    // In production nothing happens between the steps.
  }
}
