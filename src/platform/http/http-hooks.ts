import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ProblemError } from '../errors/problem-error.js';
import { PRIVATE_RESPONSE } from './cache-control.js';
import { RouteTable } from './route-table.js';

const REQUEST_ID = /^[\w.:+/=-]{1,128}$/;

/** The caller's `X-Request-Id` if it is harmless to log and send back, otherwise a new one. */
export function requestId({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const sent = headers['x-request-id'];
  return typeof sent === 'string' && REQUEST_ID.test(sent) ? sent : randomUUID();
}

/** Runs before the body of a request is read; may add headers to its response. Rejects with the problem to respond with. */
export type RequestHook = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

/**
 * What happens to a request before its body is read, in this order: its id, 404 and 405, and `authenticate` for all but public
 * routes. Nest's guards run only after the body was parsed, when a stranger could have made us read it.
 */
export function registerHttpHooks(fastify: FastifyInstance, authenticate: RequestHook): void {
  const routes = new RouteTable();
  routes.watch(fastify);

  fastify.addHook('onRequest', async (request, reply) => {
    reply.header('X-Request-Id', request.id);
    if (request.is404) throw unknownRoute(routes.allowed(request.url));
    const { url = '', config } = request.routeOptions;
    if (!url.startsWith('/v1/')) return;
    // All of it is personal data; a route whose responses are not may say otherwise.
    reply.header('Cache-Control', PRIVATE_RESPONSE);
    if (!config.public) await authenticate(request, reply);
  });
}

function unknownRoute(allowed: readonly string[]): ProblemError {
  return allowed.length === 0
    ? new ProblemError('not_found')
    : new ProblemError('method_not_allowed', { headers: { Allow: allowed.join(', ') } });
}
