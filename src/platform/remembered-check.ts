export interface RememberedCheckOptions<Problem> {
  /** Resolves with the problem, or with undefined if there is none. Rejects if this cannot be found out now. */
  readonly run: () => Promise<Problem | undefined>;
  /** The result until `run` has resolved once. */
  readonly initially: Problem;
  /** How long the absence of a problem is assumed, in milliseconds. */
  readonly everyMs: number;
  /** After a problem or a rejection, how long until the next run, in milliseconds. */
  readonly retryMs: number;
}

/**
 * A check of another server whose last result remains valid while that server is unavailable. Only the first result is waited for;
 * later runs take place in the background.
 */
export class RememberedCheck<Problem> {
  private result: Problem | undefined;
  private isKnown = false;
  private nextAt = -Infinity;
  private running?: Promise<void>;

  constructor(private readonly options: RememberedCheckOptions<Problem>) {
    this.result = options.initially;
  }

  /** Returns the problem, or undefined if there is none. Never rejects. */
  async check(): Promise<Problem | undefined> {
    if (!this.running && performance.now() >= this.nextAt) {
      this.running = this.update().finally(() => (this.running = undefined));
    }
    if (!this.isKnown) await this.running;
    return this.result;
  }

  private async update(): Promise<void> {
    const { run, everyMs, retryMs } = this.options;
    let isOk = false;
    try {
      this.result = await run();
      this.isKnown = true;
      isOk = this.result === undefined;
    } catch {
      // The server is unavailable, which says nothing about what is checked.
    }
    this.nextAt = performance.now() + (isOk ? everyMs : retryMs);
  }
}
