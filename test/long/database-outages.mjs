// Makes PostgreSQL hang, fills its disk, makes it read-only and restarts it, under load. Checks that no replica exits, that every
// acknowledged write is kept, and that readiness reports each outage. Part of `npm run verify:long`.
import { setTimeout as delay } from 'node:timers/promises';
import { createRandom, startLoad } from './load.mjs';
import { canMount, startLogto, startPostgres, startService, waitUntil } from './servers.mjs';
import {
  createEnvironment,
  createManagementApi,
  createUsers,
  findInconsistencies,
  hasAnyExited,
  parseOptions,
  query,
  runLongTest,
} from './stack.mjs';

const USAGE = `usage: node test/long/database-outages.mjs [--seconds 20] [--restarts 10] [--connections 32] [--users 64] [--seed 1]
Makes PostgreSQL unavailable in each way for --seconds, and restarts it --restarts times.`;
const options = parseOptions({ seconds: 20, restarts: 10, connections: 32, users: 64, seed: 1 }, USAGE);

/** Every user must be able to write again within this time after the end of an outage. */
const RECOVERY_MS = 120_000;
const DISK_MEBIBYTES = 256;
const PROBE_INTERVAL_MS = 100;
/** The deadline of a probe, and what a busy machine may add. */
const PROBE_LIMIT_MS = 3_000;

const percentile = (numbers, p) => [...numbers].sort((a, b) => a - b)[Math.ceil(numbers.length * p) - 1];
const seconds = (ms) => `${(ms / 1_000).toFixed(2)} s`;

/** Probes the readiness of replicas until `stop` is called. */
const watchReadiness = (services) => {
  const watch = { reasons: new Set(), longestMs: 0, readyAt: [], stop: undefined };
  let isStopped = false;
  const probe = async ({ url }, index) => {
    while (!isStopped) {
      const startedAt = performance.now();
      const response = await fetch(`${url}/health/ready`).catch(() => undefined);
      const body = await response?.json().catch(() => undefined);
      watch.longestMs = Math.max(watch.longestMs, performance.now() - startedAt);
      for (const { code } of body?.reasons ?? []) watch.reasons.add(code);
      watch.readyAt[index] = response?.ok ? (watch.readyAt[index] ?? performance.now()) : undefined;
      await delay(PROBE_INTERVAL_MS);
    }
  };
  const probing = Promise.all(services.map(probe));
  watch.stop = async () => {
    isStopped = true;
    await probing;
  };
  return watch;
};

if (!canMount()) process.stderr.write('\n*** SKIPPED: a full disk, because only root can mount one ***\n\n');

await runLongTest(async (track) => {
  const random = createRandom(options.seed);
  const [postgres, logto] = await Promise.all([
    track(startPostgres(canMount() ? { mebibytes: DISK_MEBIBYTES } : {})),
    track(startLogto()),
  ]);
  const api = await createManagementApi(logto);
  const users = await createUsers(logto, api, options.users);
  const environment = createEnvironment({ logto, postgres });
  const services = await Promise.all([track(startService(environment)), track(startService(environment))]);
  const load = startLoad({ ...options, urls: services.map(({ url }) => url), users, pauseMs: 500 });
  const problems = [];

  const waitForWrites = (description) => {
    for (const user of users) user.acknowledgedAt = undefined;
    const since = performance.now();
    return waitUntil(
      description,
      () => users.every(({ acknowledgedAt }) => acknowledgedAt > since) || hasAnyExited(services),
      RECOVERY_MS,
    );
  };

  /** Runs one kind of outage. `begin` returns a function that ends it. */
  const runOutage = async (name, { begin, ms, expected }) => {
    await waitForWrites(`${name}: all users write before it`);
    const watch = watchReadiness(services);
    const { requests: requestsBefore } = load.figures;
    const statusesBefore = { ...load.figures.byStatus };
    const end = await begin();
    await delay(ms);
    await end();
    const endedAt = performance.now();
    watch.readyAt = [];
    await waitForWrites(`${name}: all users write after it`);
    await waitUntil(
      'All replicas are ready',
      () => services.every((_, index) => watch.readyAt[index]) || hasAnyExited(services),
    );
    await watch.stop();
    const times = users.map(({ acknowledgedAt }) => acknowledgedAt - endedAt);
    const statuses = Object.entries(load.figures.byStatus)
      .map(([status, count]) => [status, count - (statusesBefore[status] ?? 0)])
      .filter(([, count]) => count > 0);
    const reasons = [...watch.reasons];
    console.log(
      `${name}: ${load.figures.requests - requestsBefore} requests ${JSON.stringify(Object.fromEntries(statuses))}
  first write ${seconds(Math.min(...times))} after its end, half of the users ${seconds(percentile(times, 0.5))}, p99 ${seconds(percentile(times, 0.99))}
  not ready because of ${reasons.join(', ') || 'nothing'}; ready again after ${seconds(Math.max(...watch.readyAt) - endedAt)}, longest probe ${seconds(watch.longestMs)}`,
    );
    if (expected && !expected.some((reason) => reasons.includes(reason)))
      problems.push(`${name}: readiness did not report ${expected}`);
    if (watch.longestMs > PROBE_LIMIT_MS) problems.push(`${name}: a probe took ${seconds(watch.longestMs)}`);
    return times;
  };

  const ms = options.seconds * 1_000;
  await runOutage('PostgreSQL stopped by SIGSTOP', {
    begin: () => postgres.pause(),
    ms,
    expected: ['database_unavailable'],
  });
  if (canMount()) {
    await runOutage('full disk', {
      begin: () => postgres.fillDisk(),
      ms,
      expected: ['database_full', 'database_unavailable'],
    });
  }
  const setReadOnly = async (value) => {
    const alter = value ? 'set default_transaction_read_only = on' : 'reset default_transaction_read_only';
    if (
      !(await query(postgres.url, `alter system ${alter}`)) ||
      !(await query(postgres.url, 'select pg_reload_conf()'))
    ) {
      throw new Error('PostgreSQL cannot be reconfigured.');
    }
  };
  const makeReadOnly = async () => {
    await setReadOnly(true);
    return () => setReadOnly(false);
  };
  await runOutage('read-only', { begin: makeReadOnly, ms, expected: ['database_read_only'] });
  for (let n = 0; n < options.restarts && !hasAnyExited(services); n += 1) {
    const mode = random() < 0.5 ? 'fast' : 'immediate';
    const restart = async () => {
      await postgres.restart(mode);
      return () => undefined;
    };
    await runOutage(`restart (${mode})`, { begin: restart, ms: 0 });
  }
  await load.stop();

  const exits = services.filter(({ exited }) => exited);
  problems.push(...load.figures.inconsistencies);
  if (exits.length === 0) problems.push(...(await findInconsistencies({ users, services, api, postgres })));
  const { requests, acknowledged } = load.figures;
  console.log(`requests                      ${requests}
acknowledged two-store writes ${acknowledged}, of ${users.length} users
process exits                 ${exits.length}
inconsistencies               ${problems.length}`);
  for (const problem of problems.slice(0, 20)) console.error(problem);
  for (const { output } of exits) console.error(`A service exited:\n${output.slice(-3_000)}`);
  return exits.length + problems.length === 0 && acknowledged > 0;
});
