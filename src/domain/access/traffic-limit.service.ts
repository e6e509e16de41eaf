import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { AppConfig } from '../../platform/config/app-config.js';
import { Clock } from '../../platform/config/clock.js';
import { ProblemError } from '../../platform/errors/problem-error.js';
import { rateLimitHeaders, rejectionHeaders } from '../../platform/http/rate-limit-headers.js';
import type { Caller } from './caller.js';

/** The least recently active buckets beyond this number are dropped, and start with a full burst again. */
const MAX_BUCKETS = 100_000;

/**
 * The general rate limit per user and application: requests per minute, with bursts. A token bucket in the memory of this process,
 * stored as the time at which it will be full again. Fixed windows would allow two bursts at their border.
 */
@Injectable()
export class TrafficLimitService {
  private readonly fullAt = new LRUCache<string, number>({ max: MAX_BUCKETS });
  private readonly burst: number;
  /** Milliseconds until the bucket gains one request. */
  private readonly interval: number;

  constructor(
    { limits }: AppConfig,
    private readonly clock: Clock,
  ) {
    this.burst = limits.requestBurst;
    this.interval = 60_000 / limits.requestsPerMinute;
  }

  /**
   * Counts a request. Rejected requests do not count.
   * @returns the `RateLimit` headers of the response
   * @throws ProblemError `rate_limited` with `Retry-After` if the limit is exceeded
   */
  take({ userId, clientId }: Pick<Caller, 'userId' | 'clientId'>): Record<string, string> {
    const key = `${clientId} ${userId}`;
    const now = this.clock.now();
    const fullAt = Math.max(this.fullAt.get(key) ?? 0, now);
    const capacity = this.burst * this.interval;
    const after = fullAt + this.interval;
    const waitMs = after - now - capacity;
    const state = { name: 'requests', quota: this.burst, window: Math.ceil(capacity / 1000) };
    if (waitMs > 0) {
      throw new ProblemError('rate_limited', {
        headers: rejectionHeaders({ ...state, remaining: 0, resetMs: fullAt - now }, waitMs),
      });
    }
    this.fullAt.set(key, after);
    const remaining = Math.floor((capacity - (after - now)) / this.interval);
    return rateLimitHeaders({ ...state, remaining, resetMs: after - now });
  }
}
