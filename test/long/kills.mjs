// Kills replicas with SIGKILL under load. Checks that no acknowledged write is lost, that no write is applied in part, and how soon
// the users whose write was interrupted can write again. `npm run verify:long` runs it on both databases.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from './load.mjs';
import { INITIAL_PASSWORD, KINDS, startModel } from './model.mjs';
import { findFreePort, startLogto, startPostgres, startService, waitUntil } from './servers.mjs';
import { createEnvironment, createManagementApi, createUsers, parseOptions, runLongTest } from './stack.mjs';

const USAGE = `usage: node test/long/kills.mjs [--runs 200] [--embedded 0] [--users 32] [--seed 1]
Kills one of two replicas on PostgreSQL --runs times; with --embedded 1, the only replica on the embedded database.`;
const options = parseOptions({ runs: 200, embedded: 0, users: 32, seed: 1 }, USAGE);

const UPSTREAM_TIMEOUT_MS = 1_000;
/** After a crash during a call to Logto (docs/decisions/0030-short-leases.md). Without a call, it is 3 s. */
const LEASE_MS = 3_000 + 2 * UPSTREAM_TIMEOUT_MS;
/** What a write needs beside the lease: the restart of an only replica, and the pauses of the client. */
const ALLOWANCE_MS = options.embedded ? 5_000 : 1_000;
/** Makes it likely that a kill interrupts a call. */
const CALL_MS = 15;

const percentile = (numbers, share) => [...numbers].sort((a, b) => a - b)[Math.ceil(numbers.length * share) - 1];

await runLongTest(async (track) => {
  const random = createRandom(options.seed);
  const logto = await track(startLogto());
  const postgres = options.embedded ? undefined : await track(startPostgres());
  const folder = mkdtempSync(join(tmpdir(), 'kills-'));
  await track({ stop: () => rmSync(folder, { recursive: true, force: true }) });
  const api = await createManagementApi(logto);
  const accounts = await createUsers(logto, api, options.users, { password: INITIAL_PASSWORD });
  accounts.forEach((account, index) => Object.assign(account, { kind: KINDS[index % KINDS.length] }));
  await fetch(`${logto.url}/dev/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ operation: 'PATCH /api/**', latency: CALL_MS }),
  });

  const start = async (port) => {
    const environment = {
      ...createEnvironment({ logto, postgres }),
      DATABASE_FOLDER: folder,
      UPSTREAM_TIMEOUT_MS: String(UPSTREAM_TIMEOUT_MS),
      PORT: String(port),
    };
    return track(startService(environment));
  };
  const replicas = [];
  for (let n = 0; n < (options.embedded ? 1 : 2); n += 1) replicas.push(await start(await findFreePort()));
  const load = startModel({ accounts, urls: replicas.map(({ url }) => url), seed: options.seed, pauseMs: 50 });

  const recoveriesMs = [];
  const interruptedByKind = {};
  for (let run = 0; run < options.runs && load.figures.violations.length === 0; run += 1) {
    await new Promise((resolve) => setTimeout(resolve, 200 + 600 * random()));
    const index = Math.floor(random() * replicas.length);
    const victim = replicas[index];
    const killedAt = performance.now();
    const interrupted = load.users.filter(({ writingTo }) => writingTo === victim.url);
    for (const user of interrupted) {
      user.acknowledgedAt = undefined;
      interruptedByKind[user.kind] = (interruptedByKind[user.kind] ?? 0) + 1;
    }
    await victim.stop();
    replicas[index] = await start(new URL(victim.url).port);
    await waitUntil('Every interrupted user writes again', () =>
      interrupted.every(({ acknowledgedAt }) => acknowledgedAt !== undefined),
    );
    // A password check waits for its turn at Logto, which says nothing about the lease.
    const measured = interrupted.filter(({ checksPassword }) => !checksPassword);
    recoveriesMs.push(...measured.map(({ acknowledgedAt }) => acknowledgedAt - killedAt));
    if ((run + 1) % 20 === 0)
      console.log(
        `${run + 1} kills, ${Object.values(interruptedByKind).reduce((sum, each) => sum + each, 0)} interrupted writes`,
      );
  }
  await load.stop();
  for (const user of load.users)
    await waitUntil('The profile can be read', () => user.read({ 'cache-control': 'no-cache' }));

  const { requests, byStatus, violations } = load.figures;
  const p99 = percentile(recoveriesMs, 0.99);
  console.log(`kills                  ${options.runs}
requests               ${requests}
responses by status    ${JSON.stringify(byStatus)}
acknowledged writes    ${load.users.reduce((sum, { acknowledged }) => sum + acknowledged, 0)}
interrupted writes     ${JSON.stringify(interruptedByKind)}
until the next write   median ${Math.round(percentile(recoveriesMs, 0.5))} ms, p99 ${Math.round(p99)} ms, longest ${Math.round(Math.max(...recoveriesMs))} ms
violations             ${violations.length}`);
  for (const violation of violations.slice(0, 20)) console.error(violation);
  return violations.length === 0 && recoveriesMs.length > 0 && p99 < LEASE_MS + ALLOWANCE_MS;
});
