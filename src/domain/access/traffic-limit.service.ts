import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { Caller } from './caller.js';
import { AppConfig } from '../../platform/config/app-config.js';
import { Clock } from '../../platform/config/clock.js';
import { ProblemError } from '../../platform/errors/problem-error.js';
import { rateLimitHeaders, refusalHeaders } from '../../platform/http/rate-limit-headers.js';

/** Users remembered at once; who falls out starts with a whole burst. */
const MAX_USERS = 100_000;

/**
 * The general limit of a user's requests: so many a minute, so many at once. A token bucket in this process's memory,
 * kept as the one time at which it would be full again; fixed windows would allow two bursts at their border.
 */
@Injectable()
export class TrafficLimitService {
  private readonly fullAt = new LRUCache<string, number>({ max: MAX_USERS });
  private readonly burst: number;
  /** Milliseconds in which one request is earned. */
  private readonly interval: number;

  constructor(
    { limits }: AppConfig,
    private readonly clock: Clock,
  ) {
    this.burst = limits.requestBurst;
    this.interval = 60_000 / limits.requestsPerMinute;
  }

  /**
   * Counts one request; one that is rejected does not count.
   * @returns the `RateLimit` headers of its response
   * @throws ProblemError `rate_limited` with `Retry-After` when it is one too many
   */
  take({ userId }: Pick<Caller, 'userId'>): Record<string, string> {
    const now = this.clock.now();
    const fullAt = Math.max(this.fullAt.get(userId) ?? 0, now);
    const capacity = this.burst * this.interval;
    const after = fullAt + this.interval;
    const waitMs = after - now - capacity;
    const state = { name: 'requests', quota: this.burst, window: Math.ceil(capacity / 1000) };
    if (waitMs > 0) {
      throw new ProblemError('rate_limited', {
        headers: refusalHeaders({ ...state, remaining: 0, resetMs: fullAt - now }, waitMs),
      });
    }
    this.fullAt.set(userId, after);
    const remaining = Math.floor((capacity - (after - now)) / this.interval);
    return rateLimitHeaders({ ...state, remaining, resetMs: after - now });
  }
}
