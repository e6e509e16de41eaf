import { applyDecorators, createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';

/** A handler's parameter: the `Id-Token-Hint` header as sent. */
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
      description: "The page's own ID token. With a `sid` claim it says which session is the page's own.",
      schema: { type: 'string', example: 'eyJhbGciOiJFUzM4NCIsImtpZCI6IjEifQ.eyJzdWIiOiJhbGljZSJ9.c2ln' },
    }),
  );
