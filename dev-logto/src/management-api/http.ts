import { createHash } from 'node:crypto';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { InternalError, RequestError } from './request-error.js';
import { messageOf } from './messages.js';

const text = 'text/plain; charset=utf-8';

/**
 * How Logto (Koa) answers over HTTP, where it differs from Fastify: bodies, the error format, plain text
 * for unknown routes, methods and bodies over 1 MiB, strong ETags on GET.
 */
export function speakLikeLogto(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, parseJson(body as string));
    } catch (error) {
      done(error as Error);
    }
  });
  app.addContentTypeParser('text/plain', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
    done(null, Object.fromEntries(new URLSearchParams(body as string))),
  );
  app.addContentTypeParser('*', (_request, payload, done) => {
    payload.resume().on('end', () => done(null, {}));
  });
  app.addHook('onSend', (request, reply, payload, done) => {
    void reply.header('logto-core-request-id', Math.random().toString(36).slice(2, 18));
    if (request.method === 'GET' && reply.statusCode === 200 && typeof payload === 'string') {
      void reply.header('etag', etag(payload));
    }
    done(null, payload);
  });
  app.setErrorHandler(answerError);
  answerUnknownRoutes(app);
}

/** Koa's body parser: an empty body is `{}`, only objects and arrays are taken, and no prototype is touched. */
function parseJson(body: string): unknown {
  if (body === '') return {};
  if (!/^[\t\n\r ]*[[{]/.test(body)) throw new SyntaxError('invalid JSON, only supports object and array');
  const value: unknown = JSON.parse(body);
  if (/proto|\\u/.test(body) && touchesPrototype(value)) {
    throw new SyntaxError('Object contains forbidden prototype property');
  }
  return value;
}

const touchesPrototype = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (Object.hasOwn(value, '__proto__') || Object.values(value).some(touchesPrototype));

const etag = (payload: string): string =>
  `"${Buffer.byteLength(payload).toString(16)}-${createHash('sha1').update(payload).digest('base64').slice(0, 27)}"`;

function answerError(error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): unknown {
  if (error instanceof RequestError) {
    const { data, details, values = {} } = error.extra;
    const message = messageOf(error.code, values, request.headers['accept-language']);
    return reply.code(error.status).send({ code: error.code, data, details, message });
  }
  if ('code' in error && error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return reply.code(404).type(text).send('Not Found');
  }
  if (error instanceof SyntaxError || ('statusCode' in error && error.statusCode === 400)) {
    return reply.code(400).send({ message: withLine(error.message) });
  }
  if (!(error instanceof InternalError)) console.error(error);
  return reply.code(500).send({ message: 'Internal server error.' });
}

/** Node 20 leaves out the line and column that later versions, and so Logto, give. */
function withLine(message: string): string {
  return message.replace(
    /at position (\d+)$/,
    (whole, position: string) => `${whole} (line 1 column ${Number(position) + 1})`,
  );
}

/** 405 and OPTIONS with the methods that a path has, in Koa's order; else 404. */
function answerUnknownRoutes(app: FastifyInstance): void {
  const routes = new Map<string, { pattern: RegExp; methods: string[] }>();
  app.addHook('onRoute', ({ url, method }) => {
    const route = routes.get(url) ?? {
      pattern: new RegExp(`^${url.replaceAll(/:\w+/g, '[^/]+')}$`),
      methods: [],
    };
    for (const name of [method].flat()) {
      if (name === 'HEAD') continue;
      route.methods.push(...(name === 'GET' ? ['HEAD', 'GET'] : [name]));
    }
    routes.set(url, route);
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0]!;
    const methods = [...routes.values()].filter(({ pattern }) => pattern.test(path)).flatMap((route) => route.methods);
    if (methods.length === 0) return reply.code(404).type(text).send('Not Found');
    void reply.header('allow', [...new Set(methods)].join(', ')).type(text);
    if (request.method === 'OPTIONS') return reply.code(200).send();
    return reply.code(405).send('Method Not Allowed');
  });
}
