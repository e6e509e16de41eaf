import { applyDecorators, createParamDecorator, Injectable, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { Caller } from '../auth/caller.js';
import { ProblemError } from '../errors/problem-error.js';
import { IdTokenVerifier } from './id-token.verifier.js';

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

/** An access token does not say which session it came from; a page may say so by its ID token. */
@Injectable()
export class IdTokenHints {
  constructor(private readonly idTokens: IdTokenVerifier) {}

  /** The `sid` of the caller's session at Logto; undefined when nobody says. Throws validation_failed for a bad hint. */
  async sid(caller: Caller, hint: string | undefined): Promise<string | undefined> {
    if (hint === undefined) return undefined;
    const claims = await this.idTokens.verify(caller, hint);
    if (claims) return claims.sid;
    const detail = 'This is not a valid ID token of this user for this application.';
    throw new ProblemError('validation_failed', {
      errors: [{ pointer: 'header:Id-Token-Hint', code: 'invalid_id_token', detail }],
    });
  }
}
