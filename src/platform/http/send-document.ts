import type { FastifyReply } from 'fastify';
import { matchesEntityTag } from './preconditions.js';

/**
 * Sets the headers of a response with a JSON document, and returns its body.
 * @param document `etag`: its version, if it has one; `staleMs`: set if it is served only because its source is unavailable: its age
 * @param ifNoneMatch of a read: if it matches, the response is 304 without a body
 */
export function sendDocument(
  reply: FastifyReply,
  { body, etag, staleMs }: { readonly body: string; readonly etag?: string; readonly staleMs?: number },
  ifNoneMatch?: string,
): string | undefined {
  if (staleMs !== undefined) {
    // RFC 9111 sections 5.1 and 5.5.
    reply.headers({ Age: String(Math.floor(staleMs / 1000)), Warning: '110 - "Response is Stale"' });
  }
  if (etag !== undefined) reply.header('ETag', etag);
  if (etag !== undefined && ifNoneMatch !== undefined && matchesEntityTag(ifNoneMatch, etag)) {
    reply.code(304);
    return undefined;
  }
  reply.type('application/json; charset=utf-8');
  return body;
}
