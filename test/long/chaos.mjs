// Two replicas under mixed load, while PostgreSQL, Redis, Logto and the replicas themselves fail at random. A model says what each
// response may contain. `npm run chaos` runs it for 30 minutes, and a medium test for a minute.
import { createRandom } from './load.mjs';
import { INITIAL_PASSWORD, KINDS, startModel } from './model.mjs';
import { findFreePort, startLogto, startPostgres, startRedis, startService, waitUntil } from './servers.mjs';
import { createEnvironment, createManagementApi, createUsers, parseOptions, query, runLongTest } from './stack.mjs';

const USAGE = `usage: node test/long/chaos.mjs [--seconds 1800] [--users 32] [--seed 1]
Prints each response that contradicts the model. A seed repeats the choice of faults, but not their exact moments.`;
const options = parseOptions({ seconds: 1_800, users: 32, seed: 1 }, USAGE);

/** The longest pause of a process. A lease lasts 3 s, and during a call 2 × UPSTREAM_TIMEOUT_MS longer. */
const LONGEST_PAUSE_MS = 8_000;
const UPSTREAM_TIMEOUT_MS = 1_000;
const OPERATIONS = ['* /api/**', 'GET /api/users/*', 'PATCH /api/**', 'POST /api/**', 'POST /oidc/token'];

const delay = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

await runLongTest(async (track) => {
  const random = createRandom(options.seed);
  const between = (low, high) => low + (high - low) * random();
  const choose = (items) => items[Math.floor(random() * items.length)];
  const [postgres, redis, logto] = await Promise.all([
    track(startPostgres()),
    track(startRedis()),
    track(startLogto()),
  ]);
  const api = await createManagementApi(logto);
  const accounts = await createUsers(logto, api, options.users, { password: INITIAL_PASSWORD });
  accounts.forEach((account, index) => Object.assign(account, { kind: KINDS[index % KINDS.length] }));

  const start = async (port) => {
    const limits = { LIMIT_PASSWORD_ATTEMPTS: '1000000', LIMIT_PASSWORD_ATTEMPTS_PER_ADDRESS: '1000000' };
    const environment = {
      ...createEnvironment({ logto, postgres, redis }),
      ...limits,
      UPSTREAM_TIMEOUT_MS: String(UPSTREAM_TIMEOUT_MS),
      DATABASE_TIMEOUT_MS: '2000',
      PORT: String(port),
    };
    return track(startService(environment));
  };
  const replicas = [await start(await findFreePort()), await start(await findFreePort())];
  const load = startModel({ accounts, urls: replicas.map(({ url }) => url), seed: options.seed, pauseMs: 100 });

  const callDev = async (method, body) => {
    const headers = body && { 'content-type': 'application/json' };
    const { status } = await fetch(`${logto.url}/dev/faults`, { method, headers, body: body && JSON.stringify(body) });
    if (status !== 204) throw new Error(`The development Logto responded ${status}.`);
  };
  const failLogto = async (fault) => {
    await callDev('POST', { operation: choose(OPERATIONS), ...fault });
    await delay(between(200, 3_000));
    await callDev('DELETE');
  };
  const pauseProcess = async (pid) => {
    process.kill(pid, 'SIGSTOP');
    await delay(between(100, LONGEST_PAUSE_MS));
    process.kill(pid, 'SIGCONT');
  };

  const faults = {
    'Logto responds with an error': () =>
      failLogto({ status: choose([500, 502, 503, 504]), effect: choose(['before', 'after']) }),
    'Logto limits the rate': () => failLogto({ status: 429, headers: { 'retry-after': '1' } }),
    'Logto closes connections': () => failLogto({ drop: choose(['before', 'after', 'during']) }),
    // A call that takes effect later than 2 × UPSTREAM_TIMEOUT_MS after it was sent may overwrite a later change.
    'Logto is slow': () => failLogto({ latency: Math.round(between(50, 1.5 * UPSTREAM_TIMEOUT_MS)) }),
    'backends are terminated': () =>
      query(
        postgres.url,
        `select pg_terminate_backend(pid) from pg_stat_activity
         where application_name = 'logto-profile-service' and random() < 0.5`,
      ),
    'PostgreSQL hangs': async () => {
      const resume = await postgres.pause();
      await delay(between(100, 4_000));
      resume();
    },
    'PostgreSQL restarts': () => postgres.restart(choose(['fast', 'immediate'])),
    'Redis restarts': () => redis.restart(),
    'a replica is paused': () => pauseProcess(choose(replicas).child.pid),
    'a replica is killed': async () => {
      const index = Math.floor(random() * replicas.length);
      await replicas[index].stop();
      replicas[index] = await start(new URL(replicas[index].url).port);
    },
  };
  const counts = Object.fromEntries(Object.keys(faults).map((name) => [name, 0]));
  const deadline = performance.now() + options.seconds * 1_000;
  const cause = async () => {
    while (performance.now() < deadline && load.figures.violations.length === 0) {
      await delay(between(100, 1_000));
      const name = choose(Object.keys(faults));
      counts[name] += 1;
      await faults[name]();
    }
  };
  await cause();

  const exited = replicas.filter((replica) => replica.exited);
  await load.stop();
  for (const user of load.users) {
    await waitUntil('The profile can be read', () => user.read({ 'cache-control': 'no-cache' }));
  }
  const { requests, byStatus, violations } = load.figures;
  console.log(`seed                   ${options.seed}
faults                 ${JSON.stringify(counts)}
requests               ${requests}
responses by status    ${JSON.stringify(byStatus)}
acknowledged writes    ${load.users.reduce((sum, { acknowledged }) => sum + acknowledged, 0)}
process exits          ${exited.length}
wrong responses        ${violations.length}`);
  for (const violation of violations.slice(0, 20)) console.error(violation);
  for (const { output } of exited) console.error(`A service exited:\n${output.slice(-3_000)}`);
  return exited.length === 0 && violations.length === 0 && load.users.every(({ acknowledged }) => acknowledged > 0);
});
