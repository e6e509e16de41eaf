import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { Redis } from 'ioredis';
import { RateLimiterPostgres, RateLimiterRedis, RateLimiterRes, type RateLimiterAbstract } from 'rate-limiter-flexible';
import { AppConfig } from '../../platform/config/app-config.js';
import { Database } from '../../platform/database/database.js';
import { DependencyError } from '../../platform/errors/dependency-error.js';
import { toRetryAfter } from '../../platform/management-api/retry-after.js';
import { CircuitBreaker, CircuitOpenError } from '../../platform/resilience/circuit-breaker.js';
import { OutageLog } from '../../platform/resilience/outage-log.js';
import { WindowLimit, type Counter, type WindowOptions } from './window-limit.js';

/** A connection on which Redis does not respond for this many timeouts is replaced: it may be dead. */
const TIMEOUTS_PER_CONNECTION = 4;

/**
 * Stores counters that survive a restart and are shared by replicas: in Redis if it is configured, otherwise in the
 * database. While the store is unavailable, everything that it limits is rejected with `database_unavailable`. Counting in
 * the memory of each replica instead would give an attacker who can overload Redis new attempts on every replica.
 */
@Injectable()
export class LimitStoreService implements OnApplicationShutdown {
  private readonly redis?: Redis;
  private readonly breaker = new CircuitBreaker({
    isFailure: (outcome) => 'error' in outcome && !isLimit(outcome.error),
  });
  private readonly outages = new OutageLog(new Logger(LimitStoreService.name), 'Redis');

  constructor(
    { redisUrl, redisTimeoutMs }: AppConfig,
    private readonly database: Database,
  ) {
    if (redisUrl === undefined) return;
    this.redis = new Redis(redisUrl, {
      commandTimeout: redisTimeoutMs,
      connectTimeout: redisTimeoutMs,
      socketTimeout: TIMEOUTS_PER_CONNECTION * redisTimeoutMs,
      maxRetriesPerRequest: 0,
      // A command that was sent may have counted already.
      autoResendUnfulfilledCommands: false,
    });
    // Without a listener, ioredis prints each failed attempt to connect. The next command reports the outage.
    this.redis.on('error', () => undefined);
  }

  window(options: WindowOptions): WindowLimit {
    return new WindowLimit(options, this.counter(options));
  }

  private counter({ name, points, seconds: duration }: WindowOptions): Counter {
    const common = { keyPrefix: name, points, duration };
    if (this.redis) {
      return this.guarded(new RateLimiterRedis({ ...common, keyPrefix: `profile:${name}`, storeClient: this.redis }));
    }
    return new RateLimiterPostgres({
      ...common,
      storeClient: this.database,
      storeType: 'client',
      schemaName: 'logto_profile',
      tableName: 'rate_limit',
      tableCreated: true,
      // ExpiredRowsService deletes expired rows.
      clearExpiredByTimeout: false,
    });
  }

  /** The counters of a limiter in Redis, behind the circuit breaker. */
  private guarded(limiter: RateLimiterAbstract): Counter {
    return {
      consume: (key) => this.run(() => limiter.consume(key)),
      reward: (key) => this.run(() => limiter.reward(key)),
    };
  }

  private async run<T>(command: () => Promise<T>): Promise<T> {
    try {
      const result = await this.breaker.run(command);
      this.outages.succeeded('command');
      return result;
    } catch (error) {
      if (isLimit(error)) {
        this.outages.succeeded('command');
        throw error;
      }
      // The messages of ioredis contain no keys.
      if (!(error instanceof CircuitOpenError)) this.outages.failed('command', (error as Error).message);
      const headers = { 'Retry-After': toRetryAfter(this.breaker.rejectingMs) };
      throw new DependencyError('database_unavailable', 'rejected', { headers, cause: error });
    }
  }

  onApplicationShutdown(): void {
    this.redis?.disconnect();
  }
}

/** Not a failure: the limit is exceeded. */
const isLimit = (error: unknown): error is RateLimiterRes => error instanceof RateLimiterRes;
