import autocannon from 'autocannon';

/**
 * Puts load on a server for `seconds` and says what came back. Each connection sends `requests` in turn, beginning at
 * another one, so that no two of them read one user at the same time and share an answer.
 * @returns {Promise<{ perSecond: number, medianMs: number, p99Ms: number }>}
 * @throws when any answer was not 2xx: a figure for refusals would be worth nothing.
 */
export const load = async ({ url, requests, connections, seconds }) => {
  let client = 0;
  const result = await autocannon({
    url,
    connections,
    duration: seconds,
    requests,
    setupClient: (connection) => {
      const first = Math.floor((client++ * requests.length) / connections);
      connection.setRequests([...requests.slice(first), ...requests.slice(0, first)]);
    },
  });
  const failed = result.errors + result.timeouts + result.non2xx;
  if (failed > 0) {
    throw new Error(
      `${failed} of ${result.requests.total} requests to ${url} failed: ${JSON.stringify(result.statusCodeStats)}`,
    );
  }
  return {
    perSecond: result.requests.total / result.duration,
    medianMs: result.latency.p50,
    p99Ms: result.latency.p99,
  };
};

/** One request at a time over one kept connection, timed to the microsecond. @returns the times in milliseconds, sorted */
export const timeEach = async (count, request) => {
  const times = [];
  for (let turn = 0; turn < count; turn += 1) {
    const start = process.hrtime.bigint();
    await request(turn);
    times.push(Number(process.hrtime.bigint() - start) / 1e6);
  }
  return times.sort((a, b) => a - b);
};

/** @param {number[]} values any order */
export const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};
