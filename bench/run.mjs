// `npm run bench [-- --quick] [-- --json] [-- --soak <minutes>]`: starts everything itself and prints ratios of one run.
import { parseArgs } from 'node:util';
import { growth } from './growth.mjs';
import { load, median } from './load.mjs';
import { markdown, plot, table, writeReport } from './report.mjs';
import { coldTokens, extraCost, readers, soak } from './scenarios.mjs';
import { startStack } from './stack.mjs';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    soak: { type: 'string' },
  },
});
const plan = options.quick
  ? { rounds: 3, seconds: 3, connections: [32], calls: 300, coldSeconds: 4, growth: false }
  : { rounds: 5, seconds: 5, connections: [1, 8, 32, 128], calls: 1000, coldSeconds: 10, growth: true };
const say = (text) => options.json || console.error(text);

/** Each variant once per round, in turn, so that a slower minute of the machine slows all of them. */
const measureReads = async (stack) => {
  const variants = Object.entries(readers(stack));
  for (const [, reader] of variants) await load({ ...reader, connections: 32, seconds: 2 }); // warm up
  const rounds = [];
  for (let round = 1; round <= plan.rounds; round += 1) {
    for (const connections of plan.connections) {
      const figures = { connections };
      for (const [name, reader] of variants)
        figures[name] = await load({ ...reader, connections, seconds: plan.seconds });
      rounds.push(figures);
      say(`round ${round} of ${plan.rounds}, ${connections} connections`);
    }
  }
  return rounds;
};

/** Median and spread, over the rounds, of how many times more requests a second `a` answers than `b`. */
const ratio = (rounds, a, b, connections = 32) => {
  const ratios = rounds
    .filter((figures) => figures.connections === connections)
    .map((figures) => figures[a].perSecond / figures[b].perSecond);
  return { median: median(ratios), min: Math.min(...ratios), max: Math.max(...ratios) };
};

const stack = await startStack({ users: 100 });
try {
  const rounds = await measureReads(stack);
  const extra = await extraCost(stack, plan.calls);
  const coldTokenLoopDelayP99Ms = await coldTokens(stack, plan.coldSeconds);
  const ratios = {
    warmReadVsLimit: ratio(rounds, 'warm', 'limit'),
    warmReadVsStraightforward: ratio(rounds, 'warm', 'straightforward'),
    warmReadVsUpstream: ratio(rounds, 'warm', 'upstream'),
  };
  const result = {
    upstream: stack.upstream.name,
    rounds,
    ratios,
    extra: { ...extra, coldTokenLoopDelayP99Ms },
    service: { readyMs: stack.service.readyMs, restingMb: stack.restingMb },
    growth: plan.growth ? await growth(stack, say) : undefined,
    soakMb: options.soak ? await soak(stack, Number(options.soak)) : undefined,
  };
  if (options.json) {
    const { firstReadExtraMs, oneStoreWriteExtraMs } = extra;
    const medians = Object.fromEntries(Object.entries(ratios).map(([name, { median: value }]) => [name, value]));
    const figures = { ...medians, firstReadExtraMs, oneStoreWriteExtraMs, coldTokenLoopDelayP99Ms };
    console.log(JSON.stringify(Object.fromEntries(Object.entries(figures).map(([k, v]) => [k, Number(v.toFixed(3))]))));
  } else {
    console.log(table(result));
    if (!options.quick) writeReport(markdown(result), plot(result));
  }
} finally {
  await stack.stop();
}
