import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { Redis } from 'ioredis';
import {
  RateLimiterMemory,
  RateLimiterPostgres,
  RateLimiterRedis,
  type RateLimiterAbstract,
} from 'rate-limiter-flexible';
import { AppConfig } from '../../platform/config/app-config.js';
import { Database } from '../../platform/database/database.js';
import { describeError } from '../../platform/errors/describe-error.js';
import { WindowLimit, type WindowOptions } from './window-limit.js';

/**
 * Stores counters that survive a restart and are shared by replicas: in Redis if it is configured, otherwise in the
 * database. While Redis is unavailable, each replica counts in memory, so that the limits and the service keep working.
 */
@Injectable()
export class LimitStoreService implements OnApplicationShutdown {
  private readonly redis?: Redis;

  constructor(
    config: AppConfig,
    private readonly database: Database,
  ) {
    if (config.redisUrl === undefined) return;
    const redis = new Redis(config.redisUrl, { maxRetriesPerRequest: 1, commandTimeout: 1_000 });
    const logger = new Logger(LimitStoreService.name);
    let isDown = false;
    // ioredis keeps trying, and without a listener prints each error; one line per outage is enough.
    redis.on('error', (error: Error) => {
      if (!isDown) logger.warn(`Redis is unavailable; each replica counts on its own. ${describeError(error)}`);
      isDown = true;
    });
    redis.on('ready', () => {
      if (isDown) logger.log('Redis is available again.');
      isDown = false;
    });
    this.redis = redis;
  }

  window(options: WindowOptions): WindowLimit {
    return new WindowLimit(options, this.limiter(options));
  }

  private limiter({ name, points, seconds: duration }: WindowOptions): RateLimiterAbstract {
    const common = { keyPrefix: name, points, duration };
    if (this.redis) {
      return new RateLimiterRedis({
        ...common,
        keyPrefix: `profile:${name}`,
        storeClient: this.redis,
        insuranceLimiter: new RateLimiterMemory(common),
      });
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

  onApplicationShutdown(): void {
    this.redis?.disconnect();
  }
}
