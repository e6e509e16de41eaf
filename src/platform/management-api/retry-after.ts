/** The longest time that Logto can ask for. A longer one is more likely to be an error than meant. */
const LONGEST_MS = 3_600_000;

/**
 * Reads `Retry-After` (RFC 9110 section 10.2.3): seconds, or an HTTP date, which is compared with the `Date` of the same response.
 * @param now milliseconds since the epoch, for a response without `Date`
 * @returns milliseconds; undefined if the header is missing or malformed
 */
export function readRetryAfter(headers: Readonly<Record<string, unknown>>, now: number): number | undefined {
  const value = String(headers['retry-after'] ?? '').trim();
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : parseHttpDate(value) - sentAt(headers, now);
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), LONGEST_MS);
}

/** Rounds up to whole seconds, at least one: a client that waits 0 s would repeat its request at once. */
export const toRetryAfter = (ms: number): string => String(Math.max(1, Math.ceil(ms / 1000)));

const sentAt = (headers: Readonly<Record<string, unknown>>, now: number): number => {
  const date = parseHttpDate(String(headers['date'] ?? ''));
  return Number.isNaN(date) ? now : date;
};

/** The three forms of RFC 9110 section 5.6.7. All are in GMT, although the form of `asctime` does not say so. */
const parseHttpDate = (text: string): number =>
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(text) ? Date.parse(text.endsWith('GMT') ? text : `${text} GMT`) : NaN;
