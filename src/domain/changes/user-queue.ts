import { ProblemError } from '../../platform/errors/problem-error.js';

/** The most tasks of one user that can wait in this process. No client needs more. */
const MAX_WAITING = 256;

/** The lease could not be acquired in time, or expired while this process was paused. */
export const leaseUnavailable = (): ProblemError => new ProblemError('overloaded', { headers: { 'Retry-After': '5' } });

/** Runs the tasks of one user one after the other, in order, and those of different users concurrently. */
export class UserQueue {
  private readonly users = new Map<string, { last: Promise<unknown>; length: number }>();

  /**
   * Runs `task` when those before it have ended.
   * @throws ProblemError `overloaded` if too many tasks of the user wait, or if its turn does not come within `patienceMs`
   */
  async run<T>(userId: string, patienceMs: number, task: () => Promise<T>): Promise<T> {
    const queue = this.users.get(userId) ?? { last: Promise.resolve(), length: 0 };
    if (queue.length > MAX_WAITING) throw leaseUnavailable();
    const turn = queue.last;
    const inTime = queue.length === 0 ? Promise.resolve(true) : isWithin(turn, patienceMs);
    const result = inTime.then((isInTime) => {
      if (!isInTime) throw leaseUnavailable();
      return task();
    });
    queue.last = Promise.allSettled([turn, result]);
    queue.length += 1;
    this.users.set(userId, queue);
    try {
      return await result;
    } finally {
      queue.length -= 1;
      if (queue.length === 0) this.users.delete(userId);
    }
  }
}

/** Whether a promise that never rejects resolves within this time. */
function isWithin(promise: Promise<unknown>, milliseconds: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), milliseconds);
    void promise.then(() => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}
