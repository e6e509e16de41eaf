import autocannon from 'autocannon';
import { Agent } from 'undici';

/**
 * Puts load on a server for `seconds` and says what came back. Each connection has a part of `requests` of its own and
 * sends it in turn, so that no two of them are about one user at the same time and share an answer or wait for each other.
 * @returns {Promise<{ perSecond: number, medianMs: number }>}
 * @throws when any answer was not 2xx: a figure for refusals would be worth nothing.
 */
export const load = async ({ url, requests, connections, seconds }) => {
  let client = 0;
  const startOf = (part) => Math.floor((part * requests.length) / connections);
  const running = autocannon({
    url,
    connections,
    duration: seconds,
    setupClient: (connection) => {
      const first = startOf(client);
      connection.setRequests(requests.slice(first, Math.max(first + 1, startOf(client + 1))));
      client += 1;
    },
  });
  // Its own latencies are whole milliseconds.
  const times = [];
  running.on('response', (connection, status, bytes, ms) => times.push(ms));
  const result = await running;
  const failed = result.errors + result.timeouts + result.non2xx;
  if (failed > 0 || times.length === 0) {
    throw new Error(
      `${failed} of ${result.requests.total} requests to ${url} failed: ${JSON.stringify(result.statusCodeStats)}`,
    );
  }
  return { perSecond: result.requests.total / result.duration, medianMs: median(times) };
};

/** Requests one after the other, over one connection that is kept. `request` throws unless it is answered with 2xx. */
export const caller = (url) => {
  const dispatcher = new Agent({ connections: 1, pipelining: 1 });
  const request = async (method, path, headers, body) => {
    const { statusCode, body: answer } = await dispatcher.request({
      origin: url,
      method,
      path,
      headers: body ? { 'content-type': 'application/json', ...headers } : headers,
      body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    if (statusCode >= 300) throw new Error(`${method} ${path}: ${statusCode} ${text}`);
  };
  return { request, close: () => dispatcher.close() };
};

/** @returns {Promise<number>} how many milliseconds it takes, to the microsecond */
export const timed = async (action) => {
  const start = process.hrtime.bigint();
  await action();
  return Number(process.hrtime.bigint() - start) / 1e6;
};

/** One after the other. @returns {Promise<number[]>} the times in milliseconds */
export const timeEach = async (count, action) => {
  const times = [];
  for (let turn = 0; turn < count; turn += 1) times.push(await timed(() => action(turn)));
  return times;
};

/** @param {number[]} values any order */
export const median = (values) => {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/** What several measurements of one thing say. */
export const spread = (values) => ({ median: median(values), min: Math.min(...values), max: Math.max(...values) });
