import type { AppConfig } from '../../platform/config/app-config.js';

/** Time limits of a change, in milliseconds. Also their injection token. */
export abstract class LeaseTiming {
  /** The duration of a lease. After a crash, the user's next change waits that long. */
  readonly leaseMs: number;
  /** The interval at which a lease is renewed while it is held. */
  readonly renewEveryMs: number;
  /** How long a call that was sent may still take effect if its outcome is unknown. Until then, nobody else can change the user. */
  readonly unsettledMs: number;
  /** How long a change waits for the lease before it is rejected. */
  readonly patienceMs: number;
}

export const leaseTimingOf = ({ upstream }: AppConfig): LeaseTiming => ({
  leaseMs: 3_000,
  renewEveryMs: 1_000,
  unsettledMs: 2 * upstream.timeoutMs,
  patienceMs: 10_000,
});
