import { RateLimiterRes } from 'rate-limiter-flexible';
import { DependencyError } from '../../platform/errors/dependency-error.js';
import type { ErrorCode } from '../../platform/errors/error-catalogue.js';
import { ProblemError } from '../../platform/errors/problem-error.js';
import { rejectionHeaders } from '../../platform/http/rate-limit-headers.js';

export interface WindowOptions {
  /** Also the prefix of the keys. */
  readonly name: string;
  readonly points: number;
  readonly seconds: number;
  /** The problem that reports a rejection. */
  readonly code: Extract<ErrorCode, 'rate_limited' | 'too_many_attempts'>;
}

/** A limiter of rate-limiter-flexible: its methods reject with RateLimiterRes if the limit is exceeded. */
export interface Counter {
  consume(key: string): Promise<unknown>;
  reward(key: string): Promise<unknown>;
}

/**
 * A limit per time window, which starts with the first action. Actions count before they run, so that concurrent ones
 * cannot exceed it.
 */
export class WindowLimit {
  constructor(
    private readonly options: WindowOptions,
    private readonly counter: Counter,
  ) {}

  /**
   * Counts an action. Throws the problem with `Retry-After` if the limit is exceeded, `database_unavailable` if it cannot
   * be counted. Rejected actions do not count.
   */
  async take(key: string): Promise<void> {
    try {
      await this.counter.consume(key);
    } catch (rejection) {
      if (!(rejection instanceof RateLimiterRes)) throw rejection;
      await this.giveBack(key);
      const { name, points: quota, seconds: window, code } = this.options;
      throw new ProblemError(code, {
        headers: rejectionHeaders({ name, quota, window, remaining: 0, resetMs: rejection.msBeforeNext }),
      });
    }
  }

  /**
   * Runs an action that counts only if it fails in a certain way. Throws the problem without running it if the limit is
   * exceeded.
   */
  async countFailures<T>(key: string, counts: (error: unknown) => boolean, action: () => Promise<T>): Promise<T> {
    await this.take(key);
    let isCounted = false;
    try {
      return await action();
    } catch (error) {
      isCounted = counts(error);
      throw error;
    } finally {
      if (!isCounted) await this.giveBack(key);
    }
  }

  /** Returns an action that does not count after all. If the store is unavailable, it counts: the action itself has ended. */
  async giveBack(key: string): Promise<void> {
    try {
      await this.counter.reward(key);
    } catch (error) {
      if (!(error instanceof DependencyError)) throw error;
    }
  }
}
