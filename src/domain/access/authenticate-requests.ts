import type { FastifyInstance } from 'fastify';
import type { RequestHook } from '../../platform/http/http-hooks.js';
import type { AuthenticatorService } from './authenticator.service.js';

/** Creates the hook that sets `request.caller`, or rejects the request before its body is read. */
export function authenticateRequests(fastify: FastifyInstance, authenticator: AuthenticatorService): RequestHook {
  fastify.decorateRequest('caller', null);
  return async (request, reply) => {
    const { caller, headers } = await authenticator.authenticate(request, request.ip);
    request.caller = caller;
    reply.headers(headers);
  };
}
