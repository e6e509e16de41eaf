import { connect } from 'node:net';
import { once } from 'node:events';

/** How long a response may take. Longer than every deadline of the service but that of a stalled body. */
const TIMEOUT_MS = 20_000;

/**
 * A connection over which bytes are sent as they are, one request after the other. It is opened again whenever the service has closed it,
 * or when it is not in a defined state after a malformed request.
 */
export class HttpConnection {
  #socket;
  #received = Buffer.alloc(0);
  #wake = () => undefined;

  constructor(url) {
    const { hostname, port } = new URL(url);
    this.host = hostname;
    this.port = Number(port);
  }

  /**
   * Sends a request.
   * @param chunks `bytes`: to send; `end`: whether to close the sending side after them
   * @returns the response, or undefined if the service closed the connection without one
   */
  async send({ bytes, method, end = false, reuse = true }) {
    if (!this.#socket || this.#socket.destroyed || this.#received.length > 0) await this.#open();
    const socket = this.#socket;
    socket.write(bytes);
    if (end) socket.end();
    const deadline = Date.now() + TIMEOUT_MS;
    for (;;) {
      const response = parse(this.#received, method, socket.closed);
      if (response === 'informational') {
        this.#received = this.#received.subarray(this.#received.indexOf('\r\n\r\n') + 4);
        continue;
      }
      if (response) {
        this.#received = this.#received.subarray(response.length);
        if (!reuse || end || /close/i.test(response.headers.connection ?? '')) this.close();
        return response;
      }
      if (socket.closed) return undefined;
      if (Date.now() > deadline) {
        this.close();
        throw new Error(`There was no response within ${TIMEOUT_MS / 1_000} s.`);
      }
      const timer = setTimeout(() => this.#wake(), TIMEOUT_MS);
      await new Promise((resolve) => (this.#wake = resolve));
      clearTimeout(timer);
    }
  }

  close() {
    this.#socket?.destroy();
    this.#socket = undefined;
    this.#received = Buffer.alloc(0);
  }

  async #open() {
    this.close();
    const socket = connect(this.port, this.host);
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('error', () => undefined); // The connection closes as well.
    socket.on('data', (data) => {
      if (socket !== this.#socket) return;
      this.#received = this.#received.length === 0 ? data : Buffer.concat([this.#received, data]);
      this.#wake();
    });
    socket.on('close', () => this.#wake());
    await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
  }
}

/** Parses the first response (RFC 9112). @returns undefined while it is incomplete */
function parse(received, method, isClosed) {
  const headEnd = received.indexOf('\r\n\r\n');
  if (headEnd === -1) return undefined;
  const [statusLine, ...lines] = received.toString('latin1', 0, headEnd).split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1]);
  if (status >= 100 && status < 200) return 'informational';
  const headers = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  const start = headEnd + 4;
  if (method === 'HEAD' || status === 204 || status === 304)
    return { status, headers, body: Buffer.alloc(0), length: start };
  if (/chunked/i.test(headers['transfer-encoding'] ?? '')) return parseChunks(received, start, { status, headers });
  const length = headers['content-length'] === undefined ? undefined : Number(headers['content-length']);
  if (length === undefined && !isClosed) return undefined;
  const end = length === undefined ? received.length : start + length;
  if (received.length < end) return undefined;
  return { status, headers, body: received.subarray(start, end), length: end };
}

function parseChunks(received, start, response) {
  const parts = [];
  for (let at = start; ;) {
    const lineEnd = received.indexOf('\r\n', at);
    if (lineEnd === -1) return undefined;
    const size = parseInt(received.toString('latin1', at, lineEnd), 16);
    const next = lineEnd + 2 + size + 2;
    if (received.length < next) return undefined;
    if (size === 0) return { ...response, body: Buffer.concat(parts), length: next };
    parts.push(received.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = next;
  }
}
