import type { Clock } from '../tenant/clock.js';
import type { JsonObject } from '../tenant/types.js';

/** Fields of oidc-provider's records that hold seconds since the epoch. */
const TIME_FIELDS = ['iat', 'exp', 'loginTs', 'authTime', 'iiat'];

/**
 * Converts times between the tenant's clock and the process clock, which oidc-provider always uses. Times
 * are shifted when they leave oidc-provider (storage, tokens) and when they return to it.
 */
export class TimeShift {
  constructor(private readonly clock: Clock) {}

  /** Seconds that the tenant's clock is ahead of the process clock. */
  get seconds(): number {
    return Math.round((this.clock.now() - Date.now()) / 1000);
  }

  toTenantTime = (payload: JsonObject): JsonObject => shift(payload, this.seconds);

  toProcessTime = (payload: JsonObject): JsonObject => shift(payload, -this.seconds);
}

const shift = (payload: JsonObject, seconds: number): JsonObject => {
  const shifted = { ...payload };
  if (seconds === 0) return shifted;
  for (const name of TIME_FIELDS) {
    const time = shifted[name];
    if (typeof time === 'number') shifted[name] = time + seconds;
  }
  return shifted;
};
