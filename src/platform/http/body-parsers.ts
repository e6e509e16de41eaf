import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ProblemError } from '../errors/problem-error.js';
import { parseJsonBody } from './json-body.js';
import { FORM, MERGE_PATCH } from './media-types.js';

/** In bytes; a larger body is rejected without being read. */
export const BODY_LIMIT = 1024 * 1024;

/** Registers the parsers of request bodies. An empty body is undefined: the route decides whether it needs one. */
export function registerBodyParsers(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser(
    ['application/json', MERGE_PATCH, FORM],
    { parseAs: 'buffer', bodyLimit: BODY_LIMIT },
    // Not async: Fastify would wait a tick for each body.
    (request: FastifyRequest, body: Buffer, done) => {
      try {
        done(null, parseBody(request, body));
      } catch (error) {
        done(error as Error);
      }
    },
  );
  fastify.addHook('preParsing', (request, _reply, _payload, done) => {
    const coding = request.headers['content-encoding'];
    // A compressed body would be parsed as malformed JSON, and decompressing it allows zip bombs.
    const isReadable =
      (!coding || coding === 'identity') && isForm(request) === (request.routeOptions.config.rawBody === FORM);
    done(isReadable ? null : new ProblemError('unsupported_media_type'));
  });
}

const isForm = ({ headers }: FastifyRequest): boolean =>
  /^application\/x-www-form-urlencoded\s*(;|$)/i.test(headers['content-type'] ?? '');

function parseBody(request: FastifyRequest, body: Buffer): unknown {
  if (request.routeOptions.config.rawBody) return body;
  const [mediaType, ...parameters] = (request.headers['content-type'] ?? '').toLowerCase().split(/\s*;\s*/);
  const charset = parameters.find((parameter) => parameter.startsWith('charset='));
  if (charset && !/^charset="?utf-?8"?$/.test(charset)) throw new ProblemError('unsupported_media_type');
  if (mediaType === MERGE_PATCH && request.method !== 'PATCH') throw new ProblemError('unsupported_media_type');
  return body.length === 0 ? undefined : parseJsonBody(body);
}
