import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ProblemError } from '../../platform/errors/problem-error.js';
import type { Caller } from './caller.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set when the access token was verified; null on public routes. */
    caller: Caller | null;
  }
}

/**
 * Returns the caller of a request. Throws `invalid_token` if nobody was authenticated: a bug must not serve anonymous
 * requests.
 */
export function callerOf(request: Pick<FastifyRequest, 'caller'>): Caller {
  if (!request.caller) throw new ProblemError('invalid_token');
  return request.caller;
}

/** A handler parameter: the {@link Caller}. */
export const CurrentUser = createParamDecorator((_data: unknown, context: ExecutionContext): Caller =>
  callerOf(context.switchToHttp().getRequest<FastifyRequest>()),
);
