import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { ErrorCode } from '../errors/error-catalogue.js';
import { ProblemError } from '../errors/problem-error.js';
import { PROBLEM_JSON, toProblem } from '../errors/problem.js';
import { hasResponseBegun } from '../patches/response-on-socket.js';
import { PRIVATE_RESPONSE } from './cache-control.js';
import type { DrainBounds } from './unread-bodies.js';

const TIMEOUT = 'ERR_HTTP_REQUEST_TIMEOUT';

/** By the codes of Node's HTTP server. Anything else is not HTTP. */
const PROBLEMS: Readonly<Record<string, ErrorCode>> = {
  [TIMEOUT]: 'request_timeout',
  HPE_HEADER_OVERFLOW: 'headers_too_large',
};

/**
 * Creates the handler of connections on which Node gave up reading a request: too slow, headers too large, or not HTTP.
 * There is no reply to send through, so it writes the problem to the socket, and closes the connection. What still
 * arrives is discarded within `bounds`: closing on unread data resets the connection, and the client loses the response.
 */
export function createClientErrorHandler(bounds: DrainBounds): (error: NodeJS.ErrnoException, socket: Socket) => void {
  /** Bytes read when closing began. */
  const closing = new WeakMap<Socket, number>();

  return (error, socket) => {
    const before = closing.get(socket);
    if (before !== undefined) {
      // A failed parser fails again for all that arrives.
      if (error.code === TIMEOUT || socket.bytesRead - before > bounds.drainBytes) socket.destroy();
      return;
    }
    // A client that sent nothing may be about to: it would take the problem for the response to its next request.
    const silent = error.code === TIMEOUT && socket.bytesRead === 0;
    if (error.code === 'ECONNRESET' || !socket.writable || silent || hasResponseBegun(socket)) {
      return void socket.destroy();
    }
    closing.set(socket, socket.bytesRead);
    socket.end(problemResponse(PROBLEMS[error.code ?? ''] ?? 'malformed_request'));
    // The parser of a slow request has not failed: the rest of its body would complete it, after it was rejected.
    if (error.code === TIMEOUT) return void socket.destroySoon();
    const timer = setTimeout(() => socket.destroy(), bounds.drainTimeoutMs).unref();
    socket.once('close', () => clearTimeout(timer));
  };
}

function problemResponse(code: ErrorCode): string {
  const requestId = randomUUID();
  const problem = toProblem(new ProblemError(code), requestId, 'en');
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    `Content-Type: ${PROBLEM_JSON}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${requestId}`,
    `Cache-Control: ${PRIVATE_RESPONSE}`,
    'Connection: close',
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}
