// Breaks the connections to PostgreSQL and Redis under load. Checks that the service continues to run and keeps every
// acknowledged write. `npm run verify:long` runs it in full, and a medium test runs it for a short time.
import { createRandom, startLoad } from './load.mjs';
import { startLogto, startPostgres, startRedis, startService, waitUntil } from './servers.mjs';
import {
  createEnvironment,
  createManagementApi,
  createUsers,
  describeDurations,
  findInconsistencies,
  hasAnyExited,
  parseOptions,
  query,
  runLongTest,
} from './stack.mjs';

const USAGE = `usage: node test/long/lost-connections.mjs [--seconds 60] [--postgres-restarts 20] [--redis-restarts 20]
  [--connections 32] [--users 640] [--services 2] [--seed 1]
Terminates random PostgreSQL backends for --seconds, then restarts PostgreSQL and Redis.`;

const DEFAULTS = {
  seconds: 60,
  'postgres-restarts': 20,
  'redis-restarts': 20,
  connections: 32,
  users: 640,
  services: 2,
  seed: 1,
};
const options = parseOptions(DEFAULTS, USAGE);

/** A request must succeed within this time after the end of an outage. */
const RECOVERY_MS = 30_000;

await runLongTest(async (track) => {
  const random = createRandom(options.seed);
  const [postgres, redis, logto] = await Promise.all([
    track(startPostgres()),
    track(startRedis()),
    track(startLogto()),
  ]);
  const api = await createManagementApi(logto);
  const users = await createUsers(logto, api, options.users);
  const services = [];
  for (let n = 0; n < options.services; n += 1) {
    services.push(await track(startService(createEnvironment({ logto, postgres, redis }))));
  }

  const load = startLoad({ ...options, urls: services.map(({ url }) => url), users });
  const recoveries = { postgres: [], redis: [] };
  const waitForRecovery = async (durations, requestsBefore) => {
    let ms;
    void load.waitForSuccess().then((duration) => (ms = duration));
    await waitUntil(
      'A request succeeds after the outage',
      () => ms !== undefined || hasAnyExited(services),
      RECOVERY_MS,
    );
    if (ms !== undefined) durations.push(ms);
    await waitUntil(
      'The load continues',
      () => load.figures.requests > requestsBefore + 200 || hasAnyExited(services),
      RECOVERY_MS,
    );
  };

  await waitForRecovery([], 0);
  let terminated = 0;
  const deadline = performance.now() + options.seconds * 1_000;
  while (performance.now() < deadline && !hasAnyExited(services)) {
    const rows = await query(
      postgres.url,
      `select pg_terminate_backend(pid) from (
         select pid, row_number() over (order by pid) - 1 as position, count(*) over () as total
         from pg_stat_activity where application_name = 'logto-profile-service') as backends
       where position = floor($1::float8 * total)`,
      [random()],
    );
    terminated += rows?.length ?? 0;
    // Waits for a random time, so that each termination happens at a random moment.
    await new Promise((resolve) => setTimeout(resolve, 100 * random()));
  }
  for (let n = 0; n < options['postgres-restarts'] && !hasAnyExited(services); n += 1) {
    await postgres.restart(random() < 0.5 ? 'fast' : 'immediate');
    await waitForRecovery(recoveries.postgres, load.figures.requests);
  }
  for (let n = 0; n < options['redis-restarts'] && !hasAnyExited(services); n += 1) {
    await redis.restart();
    await waitForRecovery(recoveries.redis, load.figures.requests);
  }
  await load.stop();

  const exits = services.filter(({ exited }) => exited);
  const inconsistencies = [...load.figures.inconsistencies];
  if (exits.length === 0) inconsistencies.push(...(await findInconsistencies({ users, services, api, postgres })));
  const { requests, acknowledged, byStatus } = load.figures;
  console.log(`requests                      ${requests}
acknowledged two-store writes ${acknowledged}, of ${users.length} users
responses by status           ${JSON.stringify(byStatus)}
backends terminated           ${terminated}, in ${options.seconds} s
PostgreSQL restarts           ${recoveries.postgres.length}; time to the first success after a restart: ${describeDurations(recoveries.postgres)}
Redis restarts                ${recoveries.redis.length}; time to the first success after a restart: ${describeDurations(recoveries.redis)}
process exits                 ${exits.length}
inconsistencies               ${inconsistencies.length}`);
  for (const inconsistency of inconsistencies.slice(0, 20)) console.error(inconsistency);
  for (const { output } of exits) console.error(`A service exited:\n${output.slice(-3_000)}`);
  return exits.length === 0 && inconsistencies.length === 0 && acknowledged > 0;
});
