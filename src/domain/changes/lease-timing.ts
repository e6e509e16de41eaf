import type { AppConfig } from '../../platform/config/app-config.js';

/** How long the parts of a change may take, in milliseconds. Also its injection token. */
export abstract class LeaseTiming {
  /** How long a lease is taken for; a crashed writer's change waits that long. */
  readonly leaseMs: number;
  /** What one call to Logto takes at most: no call is begun with less left of the lease. */
  readonly callMs: number;
  /** After an unknown outcome: how long the call may still land, so that nobody may judge it before. */
  readonly unsettledMs: number;
  /** How long a change waits for its turn before it is refused. */
  readonly patienceMs: number;
}

export const leaseTimingOf = ({ upstream }: AppConfig): LeaseTiming => ({
  leaseMs: Math.max(30_000, 3 * upstream.deadlineMs),
  callMs: upstream.deadlineMs,
  unsettledMs: 2 * upstream.timeoutMs,
  patienceMs: 20_000,
});
