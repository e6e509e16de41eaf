import { ProblemError } from '../../platform/errors/problem-error.js';

/** Tasks of one user that may wait here; a page has no use for more. */
const MAX_WAITING = 256;

/** A change's turn does not come, or was lost while this process stood still for longer than the lease. Seconds. */
export const leaseUnavailable = (): ProblemError => new ProblemError('overloaded', { headers: { 'Retry-After': '5' } });

/** Runs each user's tasks one after the other, in the order they came; those of different users side by side. */
export class UserQueue {
  private readonly users = new Map<string, { last: Promise<unknown>; length: number }>();

  /** Throws `overloaded` when too many of the user's tasks wait. */
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
