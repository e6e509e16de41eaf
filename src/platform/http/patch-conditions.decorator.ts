import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { readQueryFlag } from './query-flag.js';
import { parseVerificationIds } from './verification-ids.decorator.js';

/** The headers and the query of a merge patch: under which conditions it is applied, and with which proofs. */
export interface PatchConditions {
  /** The `If-Match` header as received. */
  readonly ifMatch?: string;
  /** The `If-None-Match` header as received. */
  readonly ifNoneMatch?: string;
  readonly idempotencyKey?: string;
  /** IDs of verification records. */
  readonly verificationIds: readonly string[];
  /** Checks the patch without writing. */
  readonly dryRun: boolean;
}

/** A handler parameter: the PatchConditions of the request. Throws `validation_failed` if `dryRun` is not a boolean. */
export const PatchConditionsOf = createParamDecorator((_data: unknown, context: ExecutionContext): PatchConditions => {
  const { headers, query } = context.switchToHttp().getRequest<FastifyRequest>();
  return {
    ifMatch: headers['if-match'],
    ifNoneMatch: headers['if-none-match'],
    idempotencyKey: headers['idempotency-key'] as string | undefined,
    verificationIds: parseVerificationIds(headers['verification-id']),
    dryRun: readQueryFlag(query as Record<string, unknown>, 'dryRun'),
  };
});
