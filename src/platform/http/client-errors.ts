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

/** By the error codes of Node's HTTP server. Any other error means that the request is not HTTP. */
const PROBLEMS: Readonly<Record<string, ErrorCode>> = {
  [TIMEOUT]: 'request_timeout',
  HPE_HEADER_OVERFLOW: 'headers_too_large',
};

/**
 * Creates the handler for connections on which Node could not read a request: too slow, headers too large, or not HTTP.
 * Fastify has no reply for them, so the handler writes the problem to the socket and closes the connection. Within
 * `bounds`, it discards data that still arrives: closing a connection with unread data resets it, and the client loses
 * the response.
 */
export function createClientErrorHandler(bounds: DrainBounds): (error: NodeJS.ErrnoException, socket: Socket) => void {
  /** How many bytes of a connection had been read when it began to close. */
  const closing = new WeakMap<Socket, number>();

  return (error, socket) => {
    const before = closing.get(socket);
    if (before !== undefined) {
      // A failed parser fails again for any data that arrives.
      if (error.code === TIMEOUT || socket.bytesRead - before > bounds.drainBytes) socket.destroy();
      return;
    }
    // A client that has sent nothing may be about to, and would take the problem for the response to its next request.
    const isSilent = error.code === TIMEOUT && socket.bytesRead === 0;
    if (error.code === 'ECONNRESET' || !socket.writable || isSilent || hasResponseBegun(socket)) {
      return void socket.destroy();
    }
    closing.set(socket, socket.bytesRead);
    socket.end(problemResponse(PROBLEMS[error.code ?? ''] ?? 'malformed_request'));
    // The parser of a slow request has not failed: the rest of the body would complete a request that was rejected.
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
