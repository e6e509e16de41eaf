export interface PeriodicJob {
  readonly everyMs: number;
  /** @param signal aborted when the worker stops: a long run should then end early */
  readonly run: (signal: AbortSignal) => Promise<unknown>;
  /** Called with the error of a failed run. The next run still takes place. */
  readonly onError: (error: Error) => void;
}

/** Runs a job at an interval. Runs do not overlap: one that takes longer than the interval delays the next. */
export class PeriodicWorker {
  private timer?: NodeJS.Timeout;
  private running?: Promise<void>;
  private readonly stopping = new AbortController();

  constructor(private readonly job: PeriodicJob) {}

  /** Starts the interval. The first run is at its end, or now if `immediately`. The timer does not keep the process alive. */
  start({ immediately = false } = {}): void {
    this.timer = setInterval(() => this.tick(), this.job.everyMs).unref();
    if (immediately) this.tick();
  }

  /** Starts no further run and waits for a current one. Call it before the resources of the job are closed. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    this.stopping.abort();
    await this.running;
  }

  private tick(): void {
    this.running ??= this.runOnce().finally(() => (this.running = undefined));
  }

  private async runOnce(): Promise<void> {
    try {
      await this.job.run(this.stopping.signal);
    } catch (error) {
      this.job.onError(error as Error);
    }
  }
}
