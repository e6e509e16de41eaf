import type { FastifyInstance } from 'fastify';

const EVERY_MS = 100;

/**
 * Lets the application stop once the requests in progress have their responses: their connections are kept alive, and a server that
 * closes waits for each. Those idle when it begins are closed by Fastify; the others become so afterwards.
 */
export function closeConnectionsInTime(fastify: FastifyInstance): void {
  fastify.addHook('preClose', (done) => {
    const timer = setInterval(() => fastify.server.closeIdleConnections(), EVERY_MS);
    fastify.server.once('close', () => clearInterval(timer));
    done();
  });
}
