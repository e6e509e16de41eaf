import type { IncomingMessage } from 'node:http';
import { finished, Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { AppConfig } from '../config/app-config.js';

/** How much of an unread body is discarded, and for how long, before the connection is destroyed. */
export type DrainBounds = Pick<AppConfig['inbound'], 'drainBytes' | 'drainTimeoutMs'>;

/**
 * Ensures that clients can read a response that is sent before the whole body has arrived (401, 404, 413, 415, …). Node
 * closes the connection after a response with `Connection: close`, such as Fastify's 413. Closing a connection with
 * unread data resets it, and a client that is still writing loses the response. So the whole response is written
 * immediately, but ends only when the rest of the body was read and discarded, within `bounds`.
 */
export function drainUnreadBodies(fastify: FastifyInstance, bounds: DrainBounds): void {
  fastify.addHook('onSend', (request, reply, payload, done) => {
    const { raw } = request;
    if (raw.complete || raw.destroyed || !hasBody(raw)) return done(null, payload);
    const discarded = discardBody(raw, bounds);
    const canBeDelayed = typeof payload === 'string' || Buffer.isBuffer(payload);
    if (!canBeDelayed || request.method === 'HEAD') return done(null, payload);
    reply.header('Content-Length', Buffer.byteLength(payload));
    done(null, Readable.from(endAfter(payload, discarded)));
  });
}

/**
 * Reads the rest of a body and discards it. Destroys the connection if that exceeds the bounds. Resolves when the body
 * has ended or the connection is closed.
 */
export function discardBody(raw: IncomingMessage, { drainBytes, drainTimeoutMs }: DrainBounds): Promise<void> {
  return new Promise((resolve) => {
    let bytes = 0;
    const timer = setTimeout(() => raw.destroy(), drainTimeoutMs).unref();
    raw.on('data', ({ length }: Buffer) => {
      bytes += length;
      if (bytes > drainBytes) raw.destroy();
    });
    finished(raw, () => {
      clearTimeout(timer);
      resolve();
    });
    raw.resume();
  });
}

/** RFC 9112 section 6.3. */
const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

async function* endAfter(payload: string | Buffer, discarded: Promise<void>) {
  yield payload;
  await discarded;
}
