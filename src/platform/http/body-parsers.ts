import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ProblemError } from '../errors/problem-error.js';
import { parseJsonBody } from './json-body.js';
import { MERGE_PATCH } from './media-types.js';

/** Bytes of a body, after which it is rejected unread. */
export const BODY_LIMIT = 1024 * 1024;

/** Teaches Fastify the bodies we take. An empty one is left undefined: whether that is wrong is for the route to say. */
export function registerBodyParsers(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser(
    ['application/json', MERGE_PATCH],
    { parseAs: 'buffer', bodyLimit: BODY_LIMIT },
    // Not async: Fastify would wait a tick for every body.
    (request: FastifyRequest, body: Buffer, done) => {
      try {
        done(null, read(request, body));
      } catch (error) {
        done(error as Error);
      }
    },
  );
  fastify.addHook('preParsing', (request, _reply, _payload, done) => {
    const coding = request.headers['content-encoding'];
    // A compressed body would be read as broken JSON, and unpacking one invites bombs.
    done(coding && coding !== 'identity' ? new ProblemError('unsupported_media_type') : null);
  });
}

function read(request: FastifyRequest, body: Buffer): unknown {
  if (request.routeOptions.config.rawBody) return body;
  const [mediaType, ...parameters] = (request.headers['content-type'] ?? '').toLowerCase().split(/\s*;\s*/);
  const charset = parameters.find((parameter) => parameter.startsWith('charset='));
  if (charset && !/^charset="?utf-?8"?$/.test(charset)) throw new ProblemError('unsupported_media_type');
  if (mediaType === MERGE_PATCH && request.method !== 'PATCH') throw new ProblemError('unsupported_media_type');
  return body.length === 0 ? undefined : parseJsonBody(body);
}
