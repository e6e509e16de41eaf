import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';

/** More than any change can use; a longer list would only load the database. */
const MAX_IDS = 8;

/**
 * Parses a `Verification-Id: <id>[, <id>]` header. Malformed ids are ignored: the response is the same as for an
 * unknown id, that a proof is missing.
 */
export function parseVerificationIds(header: string | readonly string[] | undefined): string[] {
  const parts = [header ?? []].flat().flatMap((value) => value.split(','));
  const ids = parts.map((part) => part.trim()).filter((part) => /^[A-Za-z0-9_-]{43}$/.test(part));
  return [...new Set(ids)].slice(0, MAX_IDS);
}

/** A handler parameter: the verification ids of the request; empty without the header. */
export const VerificationIds = createParamDecorator((_data: unknown, context: ExecutionContext): string[] =>
  parseVerificationIds(context.switchToHttp().getRequest<FastifyRequest>().headers['verification-id']),
);

/** Documents the `Verification-Id` header of a route. */
export const ApiVerificationId = (): MethodDecorator =>
  ApiHeader({
    name: 'Verification-Id',
    required: false,
    description: 'Ids of fresh proofs, separated by commas.',
    schema: { type: 'string', example: 'q1X0m3Zk6yB2uC9dE8fG7hI5jK4lM3nO2pQ1rS0tU9v' },
  });
