// Preloaded into the measured process (node --import): says how late its event loop ran and how much memory it holds.
// Nothing runs and nothing more is loaded until it is asked, so that it does not disturb what else is measured.

let delay;

const answers = {
  watchLoop: async () => {
    const { monitorEventLoopDelay } = await import('node:perf_hooks');
    delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
  },
  /** Ends the watch. The histogram counts the timer's own period of 1 ms; what lies above it is delay. */
  loopDelayP99Ms: () => {
    delay.disable();
    return Math.max(0, delay.percentile(99) / 1e6 - 1);
  },
  rssMb: () => process.memoryUsage.rss() / 1024 / 1024,
};

process.on('message', async (message) => {
  if (message?.probe in answers)
    process.send({ probe: message.probe, value: (await answers[message.probe]()) ?? null });
});
process.channel?.unref();
