import { ProblemError } from '../../platform/errors/problem-error.js';

/** The most tasks of one user that can wait in this process. No client needs more. */
const MAX_WAITING = 256;

/** The lease could not be acquired in time, or expired while this process was paused. */
export const leaseUnavailable = (): ProblemError => new ProblemError('overloaded', { headers: { 'Retry-After': '5' } });

/** Runs the tasks of one user one after the other, in order, and those of different users concurrently. */
export class UserQueue {
  private readonly users = new Map<string, { last: Promise<unknown>; length: number }>();

  /** Throws `overloaded` if too many tasks of the user wait. */
  async run<T>(userId: string, task: () => Promise<T>): Promise<T> {
    const queue = this.users.get(userId) ?? { last: Promise.resolve(), length: 0 };
    if (queue.length > MAX_WAITING) throw leaseUnavailable();
    const result = queue.last.then(task);
    queue.last = result.catch(() => undefined);
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
