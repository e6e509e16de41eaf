import type { AppConfig } from '../../platform/config/app-config.js';

/** How long the parts of a change may take, in milliseconds. Also its injection token. */
export abstract class LeaseTiming {
  /** How long a lease is acquired for; after a crash, the user's next change waits that long. */
  readonly leaseMs: number;
  /** The longest that one call to Logto takes: no call starts with less left of the lease. */
  readonly callMs: number;
  /** How long a call of unknown outcome may still take effect: until then nobody else may change the user. */
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
