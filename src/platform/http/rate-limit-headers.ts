export interface LimitState {
  /** The policy's name in the headers. */
  readonly name: string;
  readonly quota: number;
  /** Seconds; absent where the wait grows. */
  readonly window?: number;
  readonly remaining: number;
  /** Milliseconds until the quota is whole again. */
  readonly resetMs: number;
}

const seconds = (ms: number): number => Math.max(1, Math.ceil(ms / 1000));

/** `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10). */
export const rateLimitHeaders = ({ name, quota, window, remaining, resetMs }: LimitState): Record<string, string> => ({
  'RateLimit-Policy': `"${name}";q=${quota}${window === undefined ? '' : `;w=${window}`}`,
  RateLimit: `"${name}";r=${remaining};t=${resetMs > 0 ? seconds(resetMs) : 0}`,
});

/** The same with `Retry-After` (RFC 9110 section 10.2.3), in whole seconds, never too early. */
export const refusalHeaders = (state: LimitState, retryMs = state.resetMs): Record<string, string> => ({
  'Retry-After': String(seconds(retryMs)),
  ...rateLimitHeaders(state),
});
