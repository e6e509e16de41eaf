import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest, onSendHookHandler } from 'fastify';
import { ProblemError } from '../errors/problem-error.js';
import { PRIVATE_RESPONSE } from './cache-control.js';
import { logDatabaseOutages } from './database-outages.js';
import { RouteTable } from './route-table.js';

const REQUEST_ID = /^[\w.:+/=-]{1,128}$/;

/** The caller's `X-Request-Id` if it is safe to log and return, otherwise a new one. */
export function requestId({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const sent = headers['x-request-id'];
  return typeof sent === 'string' && REQUEST_ID.test(sent) ? sent : randomUUID();
}

/** Runs before the body of a request is read, and may add response headers. Rejects with a ProblemError. */
export type RequestHook = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

/**
 * Registers the steps before the body of a request is read: the request id, 404 and 405, and `authenticate` for routes
 * that are not public. Nest's guards run after the body was parsed, which is too late: anyone could make us read a
 * body.
 */
export function registerHttpHooks(fastify: FastifyInstance, authenticate: RequestHook): void {
  const routes = new RouteTable();
  routes.watch(fastify);
  logDatabaseOutages(fastify);

  // Node responds 417 without a body to an expectation that it does not know, which may be ignored (RFC 9110 section 10.1.1).
  fastify.server.on('checkExpectation', (request, response) => fastify.server.emit('request', request, response));

  fastify.addHook('onRoute', (route) => {
    if (route.method === 'HEAD') route.onSend = [route.onSend ?? [], omitLengthOf304].flat();
  });

  fastify.addHook('onRequest', async (request, reply) => {
    reply.header('X-Request-Id', request.id);
    rejectHosts(request);
    if (request.is404) throw unknownRoute(routes.allowed(request.url));
    const { url = '', config } = request.routeOptions;
    if (!url.startsWith('/v1/')) return;
    // All responses contain personal data unless the route sets another header.
    reply.header('Cache-Control', PRIVATE_RESPONSE);
    if (!config.public) await authenticate(request, reply);
  });
}

/**
 * Fastify gives every response to HEAD without a body `Content-Length: 0`. In a 304, the length would be that of the 200 (RFC 9110
 * section 8.6).
 */
const omitLengthOf304: onSendHookHandler = (_request, reply, payload, done) => {
  if (reply.statusCode === 304) reply.removeHeader('Content-Length');
  done(null, payload);
};

/** RFC 9112 section 3.2. Node's own response to a missing Host is no problem document. */
function rejectHosts({ raw }: FastifyRequest): void {
  const hosts = raw.rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host').length;
  const reject = (code: 'host_missing' | 'host_repeated') =>
    new ProblemError('malformed_request', { detail: { code } });
  if (hosts === 0 && raw.httpVersion !== '1.0') throw reject('host_missing');
  // Proxies and this service could disagree about which of them counts.
  if (hosts > 1) throw reject('host_repeated');
}

function unknownRoute(allowed: readonly string[]): ProblemError {
  return allowed.length === 0
    ? new ProblemError('not_found')
    : new ProblemError('method_not_allowed', { headers: { Allow: allowed.join(', ') } });
}
