// `npm run bench [-- --quick] [-- --json] [-- --soak <minutes>]`: starts all servers and prints the ratios of one run.
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { measureGrowth } from './growth.mjs';
import { load, spread } from './load.mjs';
import { table, writeReport } from './report.mjs';
import { COLD_TOKENS_PER_SECOND, coldTokens, readers, soak, writers } from './scenarios.mjs';
import { measureColdTokenDelay, measureExtraCost, measureStart } from './scenarios.mjs';
import { broken, cleanUp } from './servers.mjs';
import { startStack } from './stack.mjs';
import { createTokens } from './tokens.mjs';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    soak: { type: 'string' },
  },
});
const soakMinutes = Number(options.soak ?? 0);
if (!Number.isInteger(soakMinutes) || soakMinutes < 0) throw new Error('--soak needs a number of minutes');
// --quick omits only what its printed figures do not need.
const plan = options.quick
  ? { rounds: 3, seconds: 3, connections: [32], calls: 150, coldSeconds: 3, full: false }
  : { rounds: 5, seconds: 4, connections: [1, 8, 32, 128], calls: 300, coldSeconds: 5, full: true };
// As many as connections at most, because each connection has its own users.
const USERS = 128;
// More than the 20,000 tokens that the service caches (see tokens.mjs); a quick run sends each once.
const TOKENS = plan.full ? 22_000 : plan.rounds * plan.coldSeconds * COLD_TOKENS_PER_SECOND;

const log = (text) => options.json || console.error(text);

/** Measures every variant once per round, so that a slow minute of the machine affects all of them. */
const measureRounds = async (stack) => {
  const tokens = await createTokens(stack, TOKENS);
  const variants = Object.entries({
    ...readers(stack),
    ...(plan.full && tokens && { coldTokens: coldTokens(stack, tokens) }),
    ...(plan.full && writers(stack)),
  });
  for (const [, variant] of variants) await load({ ...variant, connections: 32, seconds: 2 }); // warm up
  const rounds = [];
  for (let round = 1; round <= plan.rounds; round += 1) {
    const costs = await measureStart(stack);
    const cells = [];
    for (const connections of plan.connections) {
      const cell = { connections };
      for (const [name, variant] of variants)
        cell[name] = await load({ ...variant, connections, seconds: plan.seconds });
      cells.push(cell);
      log(`round ${round} of ${plan.rounds}, ${connections} connections`);
    }
    Object.assign(costs, await measureExtraCost(stack, plan.calls));
    if (tokens) costs.coldTokenLoopDelayP99Ms = await measureColdTokenDelay(stack, tokens, plan.coldSeconds);
    rounds.push({ cells, costs });
  }
  return rounds;
};

/** Computes the median and spread of each figure over the rounds; undefined if it was not measured. */
const summarize = (rounds) => {
  const cost = (name) => (name in rounds[0].costs ? spread(rounds.map(({ costs }) => costs[name])) : undefined);
  /** The requests per second of `a` relative to `b`, at 32 connections. */
  const ratio = (a, b) =>
    spread(
      rounds.map(({ cells }) => {
        const cell = cells.find(({ connections }) => connections === 32);
        return cell[a].perSecond / cell[b].perSecond;
      }),
    );
  return {
    warmReadVsLimit: ratio('warm', 'limit'),
    warmReadVsStraightforward: ratio('warm', 'straightforward'),
    warmReadVsUpstream: ratio('warm', 'upstream'),
    firstReadExtraMs: cost('firstReadExtraMs'),
    oneStoreWriteExtraMs: cost('oneStoreWriteExtraMs'),
    coldTokenLoopDelayP99Ms: cost('coldTokenLoopDelayP99Ms'),
    twoStoreWriteExtraMs: cost('twoStoreWriteExtraMs'),
    readyMs: cost('readyMs'),
    restingMb: cost('restingMb'),
  };
};

const run = async () => {
  const stack = await startStack({ users: USERS });
  const rounds = await measureRounds(stack);
  const result = {
    upstream: stack.upstream.name,
    postgresVersion: stack.postgresVersion,
    rounds: rounds.length,
    cells: rounds.flatMap(({ cells }) => cells),
    figures: summarize(rounds),
    growth: plan.full ? await measureGrowth(stack, log) : undefined,
    soakMb: soakMinutes ? await soak(stack, soakMinutes, console.error) : undefined,
  };
  if (options.json) {
    const medians = Object.entries(result.figures).map(([name, figure]) => [
      name,
      figure ? Number(figure.median.toFixed(3)) : null,
    ]);
    console.log(JSON.stringify(Object.fromEntries(medians)));
  } else {
    console.log(table(result));
    if (plan.full) await writeReport(result);
  }
};

try {
  await Promise.race([run(), broken]);
} catch (error) {
  // A request may fail just before the exit of its server is noticed, and that exit is the real reason.
  console.error(await Promise.race([broken.catch((reason) => reason), sleep(500, error)]));
  process.exitCode = 1;
} finally {
  await cleanUp();
  process.exit(); // interrupted measurements may still be sending
}
