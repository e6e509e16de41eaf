import { Redis } from 'ioredis';

const server = process.env.TEST_REDIS_URL ?? 'redis://127.0.0.1:6379';

/** Finds the test server's URL. Without a server, it prints a warning and returns undefined, or throws with `REQUIRE_SERVICES`. */
export async function findRedisUrl(): Promise<string | undefined> {
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
