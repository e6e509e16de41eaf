import type { AppConfig } from '../../platform/config/app-config.js';

/** Time limits of a change, in milliseconds. Also their injection token. */
export abstract class LeaseTiming {
  /** The duration of a lease. After a crash, the user's next change waits that long. */
  readonly leaseMs: number;
  /** The longest time that one call to Logto takes: no call starts with less time left on the lease. */
  readonly callMs: number;
  /** How long a call with an unknown outcome may still take effect. Until then, nobody else can change the user. */
  readonly unsettledMs: number;
  /** How long a change waits for the lease before it is rejected. */
  readonly patienceMs: number;
}

export const leaseTimingOf = ({ upstream }: AppConfig): LeaseTiming => ({
  leaseMs: Math.max(30_000, 3 * upstream.deadlineMs),
  callMs: upstream.deadlineMs,
  unsettledMs: 2 * upstream.timeoutMs,
  patienceMs: 20_000,
});
