import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { ProblemError } from '../errors/problem-error.js';
import { PROBLEM_JSON, toProblem } from '../errors/problem.js';
import { PRIVATE_RESPONSE } from './cache-control.js';

/** Answers bytes that are no HTTP request: Node's parser gave up, so there is no request to answer through. */
export function badRequestLine(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const requestId = randomUUID();
  const body = JSON.stringify(toProblem(new ProblemError('malformed_request'), requestId, 'en'));
  const head = [
    'HTTP/1.1 400 Bad Request',
    `Content-Type: ${PROBLEM_JSON}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${requestId}`,
    `Cache-Control: ${PRIVATE_RESPONSE}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
