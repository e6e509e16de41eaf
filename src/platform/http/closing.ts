import type { FastifyInstance } from 'fastify';

const CHECK_INTERVAL_MS = 100;

/**
 * Closes connections as soon as they become idle while the application stops. Node waits for all connections, and
 * Fastify closes only those that are idle when the stop begins.
 */
export function closeIdleConnectionsOnStop(fastify: FastifyInstance): void {
  fastify.addHook('preClose', (done) => {
    const timer = setInterval(() => fastify.server.closeIdleConnections(), CHECK_INTERVAL_MS);
    fastify.server.once('close', () => clearInterval(timer));
    done();
  });
}
