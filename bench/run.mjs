// `npm run bench [-- --quick] [-- --json] [-- --soak <minutes>]`: starts everything itself and prints ratios of one run.
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { growth } from './growth.mjs';
import { load, spread } from './load.mjs';
import { table, writeReport } from './report.mjs';
import { COLD_TOKENS_PER_SECOND, coldTokenDelay, coldTokens, extraCost, oneStart } from './scenarios.mjs';
import { readers, soak, writers } from './scenarios.mjs';
import { broken, cleanUp } from './servers.mjs';
import { startStack } from './stack.mjs';
import { unknownTokens } from './tokens.mjs';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    soak: { type: 'string' },
  },
});
const soakMinutes = Number(options.soak ?? 0);
if (!Number.isInteger(soakMinutes) || soakMinutes < 0) throw new Error('--soak takes a number of minutes');
// What --quick leaves out shows in no figure that it prints.
const plan = options.quick
  ? { rounds: 3, seconds: 3, connections: [32], calls: 150, coldSeconds: 3, full: false }
  : { rounds: 5, seconds: 4, connections: [1, 8, 32, 128], calls: 300, coldSeconds: 5, full: true };
// As many as there are connections at most: each has users of its own.
const USERS = 128;
// More than the 20,000 that the service remembers (see tokens.mjs); in a quick run each is sent once.
const TOKENS = plan.full ? 22_000 : plan.rounds * plan.coldSeconds * COLD_TOKENS_PER_SECOND;

const say = (text) => options.json || console.error(text);

/** Everything once per round, in turn, so that a slower minute of the machine slows all of it and decides nothing. */
const measureRounds = async (stack) => {
  const tokens = await unknownTokens(stack, TOKENS);
  const variants = Object.entries({
    ...readers(stack),
    ...(plan.full && tokens && { coldTokens: coldTokens(stack, tokens) }),
    ...(plan.full && writers(stack)),
  });
  for (const [, variant] of variants) await load({ ...variant, connections: 32, seconds: 2 }); // warm up
  const rounds = [];
  for (let round = 1; round <= plan.rounds; round += 1) {
    const costs = await oneStart(stack);
    const cells = [];
    for (const connections of plan.connections) {
      const cell = { connections };
      for (const [name, variant] of variants)
        cell[name] = await load({ ...variant, connections, seconds: plan.seconds });
      cells.push(cell);
      say(`round ${round} of ${plan.rounds}, ${connections} connections`);
    }
    Object.assign(costs, await extraCost(stack, plan.calls));
    if (tokens) costs.coldTokenLoopDelayP99Ms = await coldTokenDelay(stack, tokens, plan.coldSeconds);
    rounds.push({ cells, costs });
  }
  return rounds;
};

/** Median and spread over the rounds of each figure; what was not measured is undefined. */
const summarize = (rounds) => {
  const cost = (name) => (name in rounds[0].costs ? spread(rounds.map(({ costs }) => costs[name])) : undefined);
  /** How many times more requests a second `a` answers than `b`, at 32 connections. */
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
    growth: plan.full ? await growth(stack, say) : undefined,
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
  // A request may fail before the end of the server that it went to is known: that end is the reason.
  console.error(await Promise.race([broken.catch((reason) => reason), sleep(500, error)]));
  process.exitCode = 1;
} finally {
  await cleanUp();
  process.exit(); // what was broken off may still be sending
}
