import type { FastifyReply } from 'fastify';
import type { Caller } from './caller.js';

/** The general limit on a user's requests: asked once the token is verified and before anything else is read. */
export abstract class TrafficLimit {
  /**
   * Counts one request, and may add `RateLimit` headers to its answer.
   * @throws ProblemError `rate_limited` with `Retry-After` when it is one too many.
   */
  abstract take(caller: Caller, reply: FastifyReply): void;
}
