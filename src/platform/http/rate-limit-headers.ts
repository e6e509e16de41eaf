export interface LimitState {
  /** The name of the policy in the headers. */
  readonly name: string;
  readonly quota: number;
  /** Seconds; absent if the wait grows with each rejection. */
  readonly window?: number;
  readonly remaining: number;
  /** Milliseconds until the full quota is available again. */
  readonly resetMs: number;
}

const seconds = (ms: number): number => Math.max(1, Math.ceil(ms / 1000));

/** The headers `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10). */
export const rateLimitHeaders = ({ name, quota, window, remaining, resetMs }: LimitState): Record<string, string> => ({
  'RateLimit-Policy': `"${name}";q=${quota}${window === undefined ? '' : `;w=${window}`}`,
  RateLimit: `"${name}";r=${remaining};t=${resetMs > 0 ? seconds(resetMs) : 0}`,
});

/** The same with `Retry-After` (RFC 9110 section 10.2.3), in seconds, rounded up. */
export const rejectionHeaders = (state: LimitState, retryMs = state.resetMs): Record<string, string> => ({
  'Retry-After': String(seconds(retryMs)),
  ...rateLimitHeaders(state),
});
