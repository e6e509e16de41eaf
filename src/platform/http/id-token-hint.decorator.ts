import { applyDecorators, createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';

/** A handler parameter: the `Id-Token-Hint` header, as received. */
export const IdTokenHint = createParamDecorator((_data: unknown, context: ExecutionContext): string | undefined => {
  const header = context.switchToHttp().getRequest<FastifyRequest>().headers['id-token-hint'];
  return Array.isArray(header) ? header.join(',') : header;
});

/** Documents the `Id-Token-Hint` header of a route. */
export const ApiIdTokenHint = (): MethodDecorator =>
  applyDecorators(
    ApiHeader({
      name: 'Id-Token-Hint',
      required: false,
      description: "The caller's ID token. Its `sid` claim identifies the caller's own session.",
      schema: { type: 'string', example: 'eyJhbGciOiJFUzM4NCIsImtpZCI6IjEifQ.eyJzdWIiOiJhbGljZSJ9.c2ln' },
    }),
  );
