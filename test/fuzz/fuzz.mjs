// Sends generated requests to the built service, and compares every response with openapi.yaml. `npm run fuzz -- --help`.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { parse } from 'yaml';
import { Contract } from './contract.mjs';
import { createCases, listOperations } from './cases.mjs';
import { FuzzUser } from './user.mjs';
import { startWorld } from './world.mjs';

const BATCH_SIZE = 200;
const USAGE = `usage: npm run fuzz -- [--cases 1000000] [--seed <number>] [--lanes 24] [--batch <number> [--only 0,3,7]]
Each batch of ${BATCH_SIZE} cases concerns a user of its own. --batch repeats one of them; --only, some of its cases.`;
/** A run ends after so many different findings. */
const MAX_FINDINGS = 25;

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
    lanes: { type: 'string', default: '24' },
    batch: { type: 'string' },
    only: { type: 'string' },
    help: { type: 'boolean' },
  },
});
const [cases, seed, lanes] = [values.cases, values.seed, values.lanes].map(Number);
if (values.help || [cases, seed, lanes].some((number) => !Number.isSafeInteger(number))) {
  console.error(USAGE);
  process.exit(2);
}

const document = parse(readFileSync(new URL('../../openapi.yaml', import.meta.url), 'utf8'));
const operations = new Map(listOperations(document).map((operation) => [operation.operationId, operation]));
const contract = new Contract(document);
const arbitrary = createCases(document, seed);

/** By operation: how many responses had each status. */
const statuses = new Map([...operations.keys(), 'no operation', 'no HTTP'].map((name) => [name, {}]));
const findings = new Map();
let sent = 0;

const casesOf = (batch) => fc.sample(arbitrary, { seed: seed + batch, numRuns: BATCH_SIZE });

/** Milliseconds since the epoch, as PostgreSQL's clock, but with fractions. */
const clock = () => performance.timeOrigin + performance.now();

/** Sends the requests of a case, compares each response, and says when the case was sent and whether it was allowed to write. */
async function sendCase(user, given, index, report) {
  const requests = given.kind === 'concurrent' ? given.cases : [given];
  const before = user.snapshot();
  const start = clock();
  const results = await Promise.all(
    requests.map((request, position) =>
      sendRequest(user, request, position > 0, (fault, bytes) => report(index, request, fault, bytes)),
    ),
  );
  const end = clock();
  const window = {
    index,
    request: given,
    start,
    end,
    mayWrite: results.some(({ mayWrite }) => mayWrite),
    mayUseProofs: requests.some(({ operationId }) => operationId === 'changePassword'),
  };
  if (!window.mayWrite && user.snapshot() !== before)
    report(index, given, 'a request that must not write changed the user at Logto', results[0].bytes);
  return window;
}

async function sendRequest(user, request, isConcurrent, report) {
  const { bytes, method, end, isMayBeUnanswered, path } = user.encode(request);
  const connection = isConcurrent ? user.createConnection() : user.connection;
  sent += 1;
  let response;
  try {
    // Nothing is defined about a connection after malformed HTTP.
    response = await connection.send({ bytes, method, end, reuse: request.kind !== 'raw' });
  } catch (error) {
    report(error.message, bytes);
  }
  if (isConcurrent) connection.close();
  const operation = operations.get(request.operationId);
  const counted = statuses.get(request.kind === 'raw' ? 'no HTTP' : operation ? request.operationId : 'no operation');
  counted[response?.status ?? 'closed'] = (counted[response?.status ?? 'closed'] ?? 0) + 1;
  if (!response) {
    if (!isMayBeUnanswered) report('the connection was closed without a response', bytes);
    return { mayWrite: false, bytes };
  }
  const { status } = response;
  const isDryRun = /^\?dryRun=true$/.test(request.query ?? '') && request.method === 'PATCH';
  const described = path === undefined ? undefined : findOperation(method, path);
  // An incomplete body is no request, so it can be rejected before the operation is known.
  const isRejectedEarly = request.transport === 'truncated' && !contract.findFault(undefined, response, method);
  const fault = isRejectedEarly
    ? undefined
    : status >= 500
      ? `${status} without a fault of a dependency: ${response.body}`
      : contract.findFault(described, response, method, isDryRun);
  if (fault) report(fault, bytes);
  await user.learn(request, response);
  const isRead = method === 'GET' || method === 'HEAD' || isDryRun;
  const isUnknown = status >= 500 && response.body.includes('"unknown"');
  return { mayWrite: (status < 300 && !isRead) || isUnknown || (request.kind === 'raw' && status < 300), bytes };
}

/**
 * The operation that the document describes for a path as it was sent: in any percent-encoding (RFC 3986 section 6.2.2.2), and not if a
 * parameter is empty or contains a slash.
 */
function findOperation(method, sentPath) {
  let path;
  try {
    path = sentPath.split('?')[0].split('/').map(decodeURIComponent).map(encodeURIComponent).join('/');
  } catch {
    return undefined;
  }
  const wanted = method === 'HEAD' ? 'get' : method.toLowerCase();
  return [...operations.values()].find(({ method: own, pattern }) => own === wanted && pattern.test(path));
}

/**
 * Sends cases as one user, one after the other, and checks afterwards when the database was written to.
 * @param batch the number of the batch, which determines some properties of the user
 * @returns the findings: index, request, fault and bytes
 */
async function runBatch(world, batch, all, indices) {
  const id = world.nextUserId();
  const found = [];
  const report = (index, request, fault, bytes) => found.push({ index, request, fault, bytes });
  const user = new FuzzUser(world, id, batch);
  await user.start();
  const windows = [];
  for (const index of indices) {
    const each = all[index].kind === 'sequence' ? all[index].cases : [all[index]];
    for (const given of each) windows.push(await sendCase(user, given, index, report));
  }
  const writes = await world.writes.take(id);
  for (const { index, request, start, end, mayWrite, mayUseProofs } of windows) {
    if (mayWrite) continue;
    const own = writes.filter(({ at }) => at >= start && at <= end);
    const proofs = own.filter(({ what }) => what === 'proof').reduce((sum, { delta }) => sum + delta, 0);
    const others = own.filter(({ what }) => what !== 'proof').map(({ what }) => what);
    if (proofs !== 0 && !mayUseProofs) report(index, request, 'a rejected request consumed a proof');
    if (others.length > 0)
      report(index, request, `a request that must not write wrote: ${[...new Set(others)].join(', ')}`);
  }
  if (await world.writes.isPending(id))
    report(indices.at(-1), all[indices.at(-1)], 'a change is still pending at the end of the batch');
  user.stop();
  return found;
}

/** What is the same about two findings. */
const keyOf = ({ request, fault }) =>
  `${request.operationId ?? request.raw ?? request.path ?? request.kind}: ${fault.replace(/"requestId":"[^"]*"/, '').slice(0, 300)}`;

/** Removes cases as long as the finding remains. */
async function minimize(world, batch, all, finding, indices) {
  const key = keyOf(finding);
  let kept = indices.filter((index) => index <= finding.index);
  let attempts = 0;
  const remains = async (candidate) => {
    attempts += 1;
    const found = await runBatch(world, batch, all, candidate);
    return found.some((each) => keyOf(each) === key);
  };
  if (kept.length > 1 && (await remains([finding.index]))) return [finding.index];
  for (let size = kept.length >> 1; size >= 1 && attempts < 60; size >>= 1) {
    for (let at = 0; at < kept.length - 1 && attempts < 60;) {
      const candidate = kept.filter(
        (index, position) => position < at || position >= at + size || index === finding.index,
      );
      if (candidate.length < kept.length && (await remains(candidate))) kept = candidate;
      else at += size;
    }
  }
  return kept;
}

const world = await startWorld();
const started = performance.now();
const batches = values.batch === undefined ? Math.ceil(cases / BATCH_SIZE) : Number(values.batch) + 1;
let next = values.batch === undefined ? 0 : Number(values.batch);
const only = values.only?.split(',').map(Number);
console.log(`seed ${seed}`);

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => (next = batches));

const progress = setInterval(() => {
  const seconds = (performance.now() - started) / 1_000;
  console.log(
    `${sent} requests in ${Math.round(seconds)} s (${Math.round(sent / seconds)}/s), ${findings.size} findings`,
  );
}, 10_000);

let failure;
try {
  await Promise.race([
    Promise.all(Array.from({ length: values.batch === undefined ? lanes : 1 }, runLane)),
    world.failed,
  ]);
  for (const finding of findings.values())
    finding.minimal = await minimize(
      world,
      finding.batch,
      finding.all,
      finding,
      finding.all.map((_, index) => index),
    );
} catch (error) {
  failure = error;
}
clearInterval(progress);

async function runLane() {
  while (next < batches && findings.size < MAX_FINDINGS) {
    const batch = next;
    next += 1;
    const all = casesOf(batch);
    const found = await runBatch(world, batch, all, only ?? all.map((_, index) => index));
    for (const finding of found) {
      const key = keyOf(finding);
      const known = findings.get(key);
      if (known) known.count += 1;
      else findings.set(key, { ...finding, batch, all, count: 1 });
    }
  }
}

const seconds = (performance.now() - started) / 1_000;
console.log(`\n${sent} requests in ${Math.round(seconds)} s (${Math.round(sent / seconds)}/s)\n`);
for (const [name, counts] of statuses) console.log(`${name.padEnd(26)} ${JSON.stringify(counts)}`);
const neverSucceeded = [...operations.keys()].filter(
  (name) => !Object.keys(statuses.get(name)).some((status) => status[0] === '2'),
);
for (const [key, { batch, count, minimal, bytes }] of findings) {
  console.log(`\n${count} × ${key}`);
  console.log(`  npm run fuzz -- --seed ${seed} --batch ${batch} --only ${minimal ?? '?'}`);
  if (bytes)
    console.log(
      `  ${JSON.stringify(
        bytes
          .toString('latin1')
          .replace(/Bearer [\w.-]+/, 'Bearer …')
          .slice(0, 1_500),
      )}`,
    );
}
const isWhole = values.batch === undefined;
const { user: userTime, system } = process.cpuUsage();
console.log(
  `\nprocessor time per request: ${((userTime + system) / 1_000 / sent).toFixed(2)} ms here, with the development Logto`,
);
if (isWhole && neverSucceeded.length > 0) console.log(`\nNever successful: ${neverSucceeded.join(', ')}`);
if (failure) console.log(failure);
await world.stop();
process.exit(findings.size > 0 || failure || (isWhole && neverSucceeded.length > 0) ? 1 : 0);
