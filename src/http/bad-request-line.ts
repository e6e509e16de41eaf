import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { ProblemError } from '../errors/problem-error.js';
import { PROBLEM_JSON, toProblem } from '../errors/problem.js';

/** Answers bytes that are no HTTP request: Node's parser gave up, so there is no request to answer through. */
export function badRequestLine(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const body = JSON.stringify(toProblem(new ProblemError('malformed_request'), randomUUID(), 'en'));
  socket.end(
    `HTTP/1.1 400 Bad Request\r\nContent-Type: ${PROBLEM_JSON}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
