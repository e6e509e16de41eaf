// Stops one of two replicas again and again, under load through HAProxy. Checks that no request fails, that the process exits with 0, and
// that a half-sent request does not delay this. Part of `npm run verify:long`.
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { startLoad } from './load.mjs';
import {
  findFreePort,
  findHaproxy,
  startHaproxy,
  startLogto,
  startPostgres,
  startService,
  waitUntil,
} from './servers.mjs';
import {
  createEnvironment,
  createManagementApi,
  createUsers,
  describeDurations,
  findInconsistencies,
  parseOptions,
  runLongTest,
} from './stack.mjs';

const USAGE = `usage: node test/long/rolling-restart.mjs [--stops 20] [--connections 32] [--users 320] [--seed 1]
Stops and starts one of two replicas behind HAProxy, with a half-sent request at every fifth stop.`;
const options = parseOptions({ stops: 20, connections: 32, users: 320, seed: 1 }, USAGE);

/** The defaults of the service in production. */
const [DELAY_MS, TIMEOUT_MS] = [5_000, 15_000];
/** How much longer than its deadline an exit may take on a busy machine. */
const SLACK_MS = 3_000;

if (!findHaproxy()) {
  process.stderr.write('\n*** SKIPPED: no HAProxy for the rolling restart: install the package haproxy ***\n\n');
  process.exit(0);
}

await runLongTest(async (track) => {
  const [postgres, logto] = await Promise.all([track(startPostgres()), track(startLogto())]);
  const api = await createManagementApi(logto);
  const users = await createUsers(logto, api, options.users);
  const environment = createEnvironment({ logto, postgres });
  const ports = [await findFreePort(), await findFreePort()];
  const startReplica = (port) => track(startService({ ...environment, PORT: String(port) }));
  const replicas = [await startReplica(ports[0]), await startReplica(ports[1])];
  const haproxy = await track(startHaproxy(ports));
  const areUp = () =>
    waitUntil('HAProxy uses both replicas', async () => (await Promise.all(ports.map(haproxy.isUp))).every(Boolean));
  await areUp();

  const load = startLoad({ ...options, urls: [haproxy.url], users });
  const exits = { usual: [], halfSent: [] };
  const wrongExits = [];
  let closedHalfSent = 0;
  for (let stop = 0; stop < options.stops; stop += 1) {
    const index = stop % 2;
    const requestsBefore = load.figures.requests;
    await waitUntil('The load continues', () => load.figures.requests > requestsBefore + 10 * options.connections);
    const isHalfSent = stop % 5 === 4;
    const socket = isHalfSent ? createConnection(ports[index], '127.0.0.1').on('error', () => undefined) : undefined;
    if (socket) {
      socket.write('PATCH /v1/profile HTTP/1.1\r\nHost: localhost\r\n');
      socket.resume().once('end', () => (closedHalfSent += 1));
    }
    const replica = replicas[index];
    const startedAt = performance.now();
    replica.child.kill('SIGTERM');
    const [code, signal] = await once(replica.child, 'exit');
    const duration = performance.now() - startedAt;
    (isHalfSent ? exits.halfSent : exits.usual).push(duration);
    if (code !== 0) wrongExits.push(`exit code ${code}, signal ${signal}: ${replica.output.slice(-1_000)}`);
    const deadline = DELAY_MS + TIMEOUT_MS + SLACK_MS;
    if (duration > deadline) wrongExits.push(`the exit took ${Math.round(duration)} ms, more than ${deadline}`);
    socket?.destroy();
    replicas[index] = await startReplica(ports[index]);
    await areUp();
  }
  await load.stop();

  const { requests, acknowledged, byStatus, inconsistencies } = load.figures;
  const succeeded = (byStatus[200] ?? 0) + (byStatus[204] ?? 0);
  const found = [...inconsistencies, ...(await findInconsistencies({ users, services: replicas, api, postgres }))];
  console.log(`stops                         ${options.stops}, of one of two replicas behind HAProxy
requests                      ${requests}, of which failed: ${requests - succeeded}; ${options.connections} connections
acknowledged two-store writes ${acknowledged}, of ${users.length} users
responses by status           ${JSON.stringify(byStatus)}
time from SIGTERM to the exit ${describeDurations(exits.usual)}; with a half-sent request: ${describeDurations(exits.halfSent)}
half-sent requests closed     ${closedHalfSent} of ${exits.halfSent.length}
wrong exits                   ${wrongExits.length}
inconsistencies               ${found.length}`);
  for (const problem of [...wrongExits, ...found].slice(0, 20)) console.error(problem);
  return requests === succeeded && acknowledged > 0 && wrongExits.length + found.length === 0;
});
