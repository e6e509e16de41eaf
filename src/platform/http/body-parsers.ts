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
    // Fastify does not read their bodies, and neither means anything without one.
    if (request.method === 'GET' || request.method === 'HEAD') return done();
    if (isEncoded(request.headers['content-encoding'])) return done(encodedBody());
    const isExpected = isForm(request) === (request.routeOptions.config.rawBody === FORM);
    done(isExpected ? null : mediaTypeNotAccepted());
  });
}

const isForm = ({ headers }: FastifyRequest): boolean =>
  /^application\/x-www-form-urlencoded\s*(;|$)/i.test(headers['content-type'] ?? '');

/** Whether `Content-Encoding` has another coding than `identity`, in any letter case (RFC 9110 section 8.4.1). */
const isEncoded = (codings = ''): boolean =>
  codings.split(',').some((coding) => !/^[ \t]*(identity)?[ \t]*$/i.test(coding));

/** A compressed body would be parsed as malformed JSON, and decompressing it allows zip bombs. */
const encodedBody = () =>
  new ProblemError('unsupported_media_type', {
    detail: { code: 'content_coding_not_accepted' },
    headers: { 'Accept-Encoding': 'identity' },
  });

const mediaTypeNotAccepted = () =>
  new ProblemError('unsupported_media_type', { detail: { code: 'media_type_not_accepted' } });

function parseBody(request: FastifyRequest, body: Buffer): unknown {
  if (request.routeOptions.config.rawBody) return body;
  const [mediaType, ...parameters] = (request.headers['content-type'] ?? '').toLowerCase().split(/\s*;\s*/);
  const charset = parameters.find((parameter) => parameter.startsWith('charset='));
  if (charset && !/^charset="?utf-?8"?$/.test(charset)) {
    throw new ProblemError('unsupported_media_type', { detail: { code: 'charset_not_accepted' } });
  }
  if (mediaType === MERGE_PATCH && request.method !== 'PATCH') {
    throw mediaTypeNotAccepted();
  }
  return body.length === 0 ? undefined : parseJsonBody(body);
}
