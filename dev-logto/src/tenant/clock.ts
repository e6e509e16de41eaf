/** The tenant's clock. All of dev-logto uses it, so that tests can change the time. */
export class Clock {
  #offset = 0;

  constructor(private readonly source: () => number = () => Date.now()) {}

  /** Milliseconds since the epoch. */
  now(): number {
    return this.source() + this.#offset;
  }

  /** Whole seconds since the epoch, as in JWT claims (RFC 7519 section 2, NumericDate). */
  seconds(): number {
    return Math.floor(this.now() / 1000);
  }

  /** Advances the clock. A negative number sets it back. */
  advance(milliseconds: number): void {
    this.#offset += milliseconds;
  }

  /** Sets the time, in milliseconds since the epoch. The clock keeps running. */
  set(time: number): void {
    this.#offset = time - this.source();
  }

  /** Returns to the real time. */
  reset(): void {
    this.#offset = 0;
  }

  /** Milliseconds that the clock is ahead of the real time. */
  get offset(): number {
    return this.#offset;
  }
}
