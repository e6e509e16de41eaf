import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/** More than any change can use; a longer list would only make the database work. */
const MAX_IDS = 8;

/**
 * The ids of a `Verification-Id: <id>[, <id>]` header. What has not the form of an id is left out: it is answered like
 * an unknown one, by the proof that is then missing.
 */
export function parseVerificationIds(header: string | readonly string[] | undefined): string[] {
  const parts = [header ?? []].flat().flatMap((value) => value.split(','));
  const ids = parts.map((part) => part.trim()).filter((part) => /^[A-Za-z0-9_-]{43}$/.test(part));
  return [...new Set(ids)].slice(0, MAX_IDS);
}

/** A handler's parameter: the request's verification ids, none when the header is absent. */
export const VerificationIds = createParamDecorator((_data: unknown, context: ExecutionContext): string[] =>
  parseVerificationIds(context.switchToHttp().getRequest<FastifyRequest>().headers['verification-id']),
);
