export interface PeriodicJob {
  readonly everyMs: number;
  readonly run: () => Promise<unknown>;
  /** Gets what a run rejected with. The next one takes place all the same. */
  readonly onError: (error: Error) => void;
}

/** Runs a job at an interval, one run at a time: a run that takes longer than the interval delays the next one. */
export class PeriodicWorker {
  private timer?: NodeJS.Timeout;
  private running?: Promise<void>;

  constructor(private readonly job: PeriodicJob) {}

  /** Starts the interval; the first run is due when it has passed, or now if `immediately`. Keeps no process alive. */
  start({ immediately = false } = {}): void {
    this.timer = setInterval(() => this.tick(), this.job.everyMs).unref();
    if (immediately) this.tick();
  }

  /** Starts no further run, and waits for one in progress: call it before what the job uses is closed. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  private tick(): void {
    this.running ??= this.runOnce().finally(() => (this.running = undefined));
  }

  private async runOnce(): Promise<void> {
    try {
      await this.job.run();
    } catch (error) {
      this.job.onError(error as Error);
    }
  }
}
