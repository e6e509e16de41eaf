import type { Clock } from '../tenant/clock.js';
import type { JsonObject } from '../tenant/types.js';

/** Members of oidc-provider's records that hold seconds since the epoch. */
const TIMES = ['iat', 'exp', 'loginTs', 'authTime', 'iiat'];

/**
 * oidc-provider reads the process clock and offers no other. So that the tenant's clock can be moved
 * all the same, times are shifted wherever they leave it (storage, tokens) or come back to it.
 */
export class TimeShift {
  constructor(private readonly clock: Clock) {}

  /** Seconds that the tenant's clock is ahead of the process clock. */
  get seconds(): number {
    return Math.round((this.clock.now() - Date.now()) / 1000);
  }

  toTenant = (payload: JsonObject): JsonObject => shift(payload, this.seconds);

  toProcess = (payload: JsonObject): JsonObject => shift(payload, -this.seconds);
}

const shift = (payload: JsonObject, seconds: number): JsonObject => {
  const shifted = { ...payload };
  if (seconds === 0) return shifted;
  for (const name of TIMES) {
    const time = shifted[name];
    if (typeof time === 'number') shifted[name] = time + seconds;
  }
  return shifted;
};
