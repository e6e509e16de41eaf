/** Retries are possible for a tenth of all calls, and for this many at once. */
const MOST = 10;
const PER_CALL = 0.1;

/**
 * Limits retries to a share of the calls: a retry helps when a single call fails, but when Logto is overloaded, retries of every call
 * would multiply the load.
 */
export class RetryBudget {
  private retries = MOST;

  /** Counts a call that is not a retry. */
  countCall(): void {
    this.retries = Math.min(MOST, this.retries + PER_CALL);
  }

  /** Spends one retry. Returns false if none is left. */
  spend(): boolean {
    if (this.retries < 1) return false;
    this.retries -= 1;
    return true;
  }
}
