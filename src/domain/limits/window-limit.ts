import { RateLimiterRes, type RateLimiterAbstract } from 'rate-limiter-flexible';
import type { ErrorCode } from '../../platform/errors/error-catalogue.js';
import { ProblemError } from '../../platform/errors/problem-error.js';
import { refusalHeaders } from '../../platform/http/rate-limit-headers.js';

export interface WindowOptions {
  /** Also the prefix of its keys. */
  readonly name: string;
  readonly points: number;
  readonly seconds: number;
  /** The problem that a rejection is reported as. */
  readonly code: Extract<ErrorCode, 'rate_limited' | 'too_many_attempts'>;
}

/** So many in a time window that starts with the first. Counted before the deed, so that concurrent ones cannot outrun it. */
export class WindowLimit {
  constructor(
    private readonly options: WindowOptions,
    private readonly limiter: RateLimiterAbstract,
  ) {}

  /** Counts one; throws the problem, with `Retry-After`, when there were enough. A rejected one does not count. */
  async take(key: string): Promise<void> {
    try {
      await this.limiter.consume(key);
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused;
      await this.giveBack(key);
      const { name, points: quota, seconds: window, code } = this.options;
      throw new ProblemError(code, {
        headers: refusalHeaders({ name, quota, window, remaining: 0, resetMs: refused.msBeforeNext }),
      });
    }
  }

  /** Takes one back that turned out not to count. */
  async giveBack(key: string): Promise<void> {
    await this.limiter.reward(key);
  }
}
