import autocannon from 'autocannon';
import { Agent } from 'undici';

/**
 * Puts load on a server for `seconds` and measures it. Each connection repeats its own part of `requests`, so that no two
 * requests are for the same user at the same time, where they would share a call or wait for each other.
 * @returns {Promise<{ perSecond: number, medianMs: number }>}
 * @throws Error if any response was not 2xx, because the figures would be meaningless
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
  // The latencies of autocannon are whole milliseconds.
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

/** Creates a client with one persistent connection. `request` throws unless the response is 2xx. */
export const createClient = (url) => {
  const dispatcher = new Agent({ connections: 1, pipelining: 1 });
  const request = async (method, path, headers, body) => {
    const { statusCode, body: response } = await dispatcher.request({
      origin: url,
      method,
      path,
      headers: body ? { 'content-type': 'application/json', ...headers } : headers,
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    if (statusCode >= 300) throw new Error(`${method} ${path}: ${statusCode} ${text}`);
  };
  return { request, close: () => dispatcher.close() };
};

/** Measures an action. @returns {Promise<number>} its duration in milliseconds, to the microsecond */
export const measure = async (action) => {
  const start = process.hrtime.bigint();
  await action();
  return Number(process.hrtime.bigint() - start) / 1e6;
};

/** Measures `count` runs of an action, one after the other. @returns {Promise<number[]>} their durations in milliseconds */
export const measureEach = async (count, action) => {
  const times = [];
  for (let turn = 0; turn < count; turn += 1) times.push(await measure(() => action(turn)));
  return times;
};

/** @param {number[]} values any order */
export const median = (values) => {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/** Summarizes several measurements of the same thing. */
export const spread = (values) => ({ median: median(values), min: Math.min(...values), max: Math.max(...values) });
