/** The tenant's time. All of dev-logto reads it here, so that a test can move it. */
export class Clock {
  #offset = 0;

  constructor(private readonly source: () => number = () => Date.now()) {}

  /** Milliseconds since the epoch. */
  now(): number {
    return this.source() + this.#offset;
  }

  /** Whole seconds since the epoch, as JWT claims hold them (RFC 7519 section 2, NumericDate). */
  seconds(): number {
    return Math.floor(this.now() / 1000);
  }

  /** Moves the clock by so many milliseconds; negative moves it back. */
  advance(milliseconds: number): void {
    this.#offset += milliseconds;
  }

  /** Sets the clock to a time in milliseconds since the epoch; it runs on from there. */
  set(time: number): void {
    this.#offset = time - this.source();
  }

  /** Back to the real time. */
  reset(): void {
    this.#offset = 0;
  }

  /** How far the clock is from its source, in milliseconds. */
  get offset(): number {
    return this.#offset;
  }
}
