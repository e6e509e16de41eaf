// Preloaded into the measured process (node --import): says how late its event loop ran and how much memory it holds.
import { monitorEventLoopDelay } from 'node:perf_hooks';

const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();

const answers = {
  reset: () => delay.reset(),
  // The histogram counts the timer's own period of 1 ms; what lies above it is delay.
  loopDelayP99Ms: () => Math.max(0, delay.percentile(99) / 1e6 - 1),
  rssMb: () => process.memoryUsage.rss() / 1024 / 1024,
};

process.on('message', (message) => {
  if (message?.probe in answers) process.send({ probe: message.probe, value: answers[message.probe]() ?? null });
});
process.channel?.unref();
