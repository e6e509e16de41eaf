import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ProblemError } from '../../platform/errors/problem-error.js';
import type { Caller } from './caller.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set once the access token was verified; null on public routes. */
    caller: Caller | null;
  }
}

/** Who makes this request. Throws `invalid_token` where nobody was authenticated, so that a slip never serves a stranger. */
export function callerOf(request: Pick<FastifyRequest, 'caller'>): Caller {
  if (!request.caller) throw new ProblemError('invalid_token');
  return request.caller;
}

/** The {@link Caller}, as a handler's parameter. */
export const CurrentUser = createParamDecorator((_data: unknown, context: ExecutionContext): Caller =>
  callerOf(context.switchToHttp().getRequest<FastifyRequest>()),
);
