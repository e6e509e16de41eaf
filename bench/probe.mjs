// Preloaded into the measured process (node --import): reports its event loop delay and its memory.
// It loads and runs nothing until a probe is requested, so that it does not affect other measurements.

let delay;

const probes = {
  watchLoop: async () => {
    const { monitorEventLoopDelay } = await import('node:perf_hooks');
    delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
  },
  /** Stops the monitor. The histogram includes the timer's period of 1 ms; anything above it is delay. */
  loopDelayP99Ms: () => {
    delay.disable();
    return Math.max(0, delay.percentile(99) / 1e6 - 1);
  },
  rssMb: () => process.memoryUsage.rss() / 1024 / 1024,
};

process.on('message', async (message) => {
  if (message?.probe in probes) process.send({ probe: message.probe, value: (await probes[message.probe]()) ?? null });
});
process.channel?.unref();
