import { Redis } from 'ioredis';

const server = process.env.TEST_REDIS_URL ?? 'redis://127.0.0.1:6379';

/** The test server's URL; undefined, and said loudly, when none answers. With `REQUIRE_SERVICES` set that fails instead. */
export async function redisUrl(): Promise<string | undefined> {
  const redis = new Redis(server, { lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => null });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return server;
  } catch (error) {
    if (process.env.REQUIRE_SERVICES) throw error;
    process.stderr.write('\n*** SKIPPED: no Redis for tests ***\n\n');
    return undefined;
  } finally {
    redis.disconnect();
  }
}
