import type { FastifyReply } from 'fastify';
import { matchesEntityTag } from './preconditions.js';

/**
 * Sets the headers of a response with a JSON document, and returns its body.
 * @param document `etag`: its version, if it has one
 * @param ifNoneMatch of a read: if it matches, the response is 304 without a body
 */
export function sendDocument(
  reply: FastifyReply,
  { body, etag }: { readonly body: string; readonly etag?: string },
  ifNoneMatch?: string,
): string | undefined {
  if (etag !== undefined) reply.header('ETag', etag);
  if (etag !== undefined && ifNoneMatch !== undefined && matchesEntityTag(ifNoneMatch, etag)) {
    reply.code(304);
    return undefined;
  }
  reply.type('application/json; charset=utf-8');
  return body;
}
