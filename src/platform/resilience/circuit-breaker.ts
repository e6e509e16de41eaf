import {
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  DelegateBackoff,
  handleWhen,
  type CircuitBreakerPolicy,
} from 'cockatiel';

/** Consecutive failures after which calls are rejected without being made. */
const FAILURES = 5;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 10_000;
/** For calls that arrive while a probe is being made: its result is not known yet. */
const PROBE_MS = 1_000;

export interface CircuitBreakerOptions {
  /** Whether an error, or a result, means that the dependency does not work. Anything else is a success. */
  readonly isFailure: (outcome: CallResult) => boolean;
  /** Whether it says nothing about the dependency, because the call was not made after all: then a probe has not succeeded. */
  readonly isInconclusive?: (outcome: CallResult) => boolean;
  /** How long the dependency itself asked to be left alone, in milliseconds. */
  readonly requestedPauseMs?: (outcome: CallResult) => number | undefined;
}

/** How a call ended. */
export type CallResult = { readonly value: unknown } | { readonly error: unknown };

/** The call was not made, because the calls before it failed. */
export class CircuitOpenError extends Error {
  override readonly name = 'CircuitOpenError';

  constructor(readonly retryAfterMs: number) {
    super('The circuit breaker is open.');
  }
}

/**
 * Stops calling a dependency after five consecutive failures. After a pause, one call is made as a probe, and all others are
 * rejected until it has ended: they neither wait for it nor become probes themselves. If it fails, the next pause is twice as long,
 * up to 10 s.
 */
export class CircuitBreaker {
  /** By `performance.now()`. Cockatiel compares `Date.now()`, and would stay open if the clock were set back. */
  private openUntil = -Infinity;
  private readonly policy: CircuitBreakerPolicy;

  constructor({ isFailure, isInconclusive, requestedPauseMs }: CircuitBreakerOptions) {
    const counts = (outcome: CallResult) =>
      isFailure(outcome) || (this.policy.state === CircuitState.HalfOpen && isInconclusive?.(outcome) === true);
    const failures = handleWhen((error) => counts({ error })).orWhenResult((value) => counts({ value }));
    this.policy = circuitBreaker(failures, {
      breaker: new ConsecutiveBreaker(FAILURES),
      halfOpenAfter: new DelegateBackoff(({ attempt, result }) => {
        const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS);
        this.openUntil = performance.now() + Math.max(pauseMs, requestedPauseMs?.(result as CallResult) ?? 0);
        return -Infinity;
      }),
    });
  }

  /** How long calls are rejected, in milliseconds; 0 if the next one is made. */
  get rejectingMs(): number {
    if (this.policy.state === CircuitState.HalfOpen) return PROBE_MS;
    return this.policy.state === CircuitState.Open ? Math.max(0, this.openUntil - performance.now()) : 0;
  }

  /** Makes a call and counts its result. Throws CircuitOpenError without making it while calls are rejected. */
  async run<T>(call: () => Promise<T>): Promise<T> {
    const { rejectingMs } = this;
    if (rejectingMs > 0) throw new CircuitOpenError(rejectingMs);
    return this.policy.execute(call);
  }
}
