// Measures whether sends and verifications reveal if an address is free, the caller's own or another account's.
//   npm run bench:addresses [-- --pairs 1000]
// Exits with 1 if statuses or bodies differ, if medians differ by 0.5 ms or more, or if the Kolmogorov–Smirnov distance of two
// distributions is 0.06 or more.
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { broken, cleanUp } from './servers.mjs';
import { createDatabase, createUsers, managementApi, startService, startUpstream } from './stack.mjs';

const MAX_MEDIAN_DIFFERENCE_MS = 0.5;
const MAX_DISTANCE = 0.06;
/** Logto sends at most ten messages to an address in ten minutes. */
const SENDS_PER_OWN_ADDRESS = 8;
const WARM_UP_PAIRS = 150;
const KINDS = ['free', 'own', 'taken'];

const { values } = parseArgs({ options: { pairs: { type: 'string', default: '1000' } } });
const pairs = Number(values.pairs);

const median = (sorted) => sorted[Math.floor(sorted.length / 2)];

/** The largest difference of two empirical distribution functions. Both samples are sorted. */
const distance = (a, b) => {
  let [i, j, largest] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    const x = Math.min(a[i], b[j]);
    while (a[i] <= x) i += 1;
    while (b[j] <= x) j += 1;
    largest = Math.max(largest, Math.abs(i / a.length - j / b.length));
  }
  return largest;
};

const shuffled = (list) =>
  list
    .map((each) => [Math.random(), each])
    .sort(([a], [b]) => a - b)
    .map(([, each]) => each);

const measure = async () => {
  const upstream = await startUpstream();
  const api = await managementApi(upstream);
  const users = await createUsers(upstream, api, Math.ceil((pairs + WARM_UP_PAIRS) / SENDS_PER_OWN_ADDRESS));
  const holders = await createUsers(upstream, api, 100);
  const unlimited = Object.fromEntries(
    ['CODE_SENDS_PER_RECIPIENT', 'CODE_SENDS_PER_USER', 'WRONG_CODES_PER_USER', 'WRONG_CODES_PER_RECIPIENT'].map(
      (name) => [`LIMIT_${name}`, '1000000'],
    ),
  );
  const service = await startService(upstream, await createDatabase(), unlimited);

  const timed = async (path, token, body) => {
    const startedAt = performance.now();
    const response = await fetch(`${service.url}/v1/verification-codes${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    const ms = performance.now() - startedAt;
    const problem = text ? JSON.parse(text) : {};
    return { ms, outcome: `${response.status} ${JSON.stringify({ ...problem, requestId: undefined })}` };
  };

  const times = { send: { free: [], own: [], taken: [] }, verify: { free: [], own: [], taken: [] } };
  const outcomes = { send: new Set(), verify: new Set() };
  let count = 0;
  const runPair = async (kind, isWarmUp) => {
    const user = users[Math.floor(count / KINDS.length) % users.length];
    count += 1;
    const addresses = {
      free: () => `${randomBytes(6).toString('hex')}@example.com`,
      own: () => `${user.name}@example.com`,
      taken: () => `${holders[count % holders.length].name}@example.com`,
    };
    const email = addresses[kind]();
    const sent = await timed('', user.token, { email });
    await delay(20); // So that no background work of the send overlaps.
    // A code has six digits: this one is wrong in any case.
    const verified = await timed('/verify', user.token, { email, code: 'abcdef' });
    if (isWarmUp) return;
    for (const [what, { ms, outcome }] of Object.entries({ send: sent, verify: verified })) {
      times[what][kind].push(ms);
      outcomes[what].add(outcome);
    }
  };
  const schedule = (rounds) => Array.from({ length: rounds }, () => shuffled(KINDS)).flat();
  for (const kind of schedule(WARM_UP_PAIRS)) await runPair(kind, true);
  for (const kind of schedule(pairs)) await runPair(kind, false);

  console.log(`${pairs * KINDS.length * 2} interleaved requests, against ${upstream.name}`);
  let failures = 0;
  for (const [what, byKind] of Object.entries(times)) {
    if (outcomes[what].size !== 1) failures += 1;
    console.log(`${what}: ${[...outcomes[what]].join(' | ')}`);
    for (const kind of KINDS) byKind[kind].sort((a, b) => a - b);
    for (const [a, b] of [
      ['free', 'own'],
      ['free', 'taken'],
      ['own', 'taken'],
    ]) {
      const medians = [a, b].map((kind) => median(byKind[kind]));
      const difference = Math.abs(medians[0] - medians[1]);
      const d = distance(byKind[a], byKind[b]);
      if (difference >= MAX_MEDIAN_DIFFERENCE_MS || d >= MAX_DISTANCE) failures += 1;
      console.log(
        `  ${a} and ${b}: medians ${medians.map((ms) => ms.toFixed(2)).join(' and ')} ms, difference ${difference.toFixed(2)} ms, D ${d.toFixed(3)}`,
      );
    }
  }
  return failures;
};

try {
  const failures = await Promise.race([measure(), broken]);
  process.exitCode = failures > 0 ? 1 : 0;
} finally {
  await cleanUp();
}
