import { createHash } from 'node:crypto';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { InternalError, RequestError } from './request-error.js';
import { getMessage } from './messages.js';

const TEXT_PLAIN = 'text/plain; charset=utf-8';

/**
 * Makes Fastify behave as Logto (Koa) does: body parsing, error format, strong ETags on GET, and plain-text
 * errors for unknown routes, unsupported methods and bodies over 1 MiB.
 */
export function emulateLogtoHttp(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, parseJson(body as string));
    } catch (error) {
      done(new SyntaxError(addLineAndColumn((error as Error).message, body as string)));
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
      void reply.header('etag', computeEtag(payload));
    }
    done(null, payload);
  });
  app.setErrorHandler(sendError);
  handleUnknownRoutes(app);
}

/** Parses JSON as Koa's body parser does: an empty body is `{}`; scalars and prototype keys are rejected. */
function parseJson(body: string): unknown {
  if (body === '') return {};
  if (!/^[\t\n\r ]*[[{]/.test(body)) throw new SyntaxError('invalid JSON, only supports object and array');
  const value: unknown = JSON.parse(body);
  if (/proto|\\u/.test(body) && hasPrototypeKey(value)) {
    throw new SyntaxError('Object contains forbidden prototype property');
  }
  return value;
}

const hasPrototypeKey = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (Object.hasOwn(value, '__proto__') || Object.values(value).some(hasPrototypeKey));

const computeEtag = (payload: string): string =>
  `"${Buffer.byteLength(payload).toString(16)}-${createHash('sha1').update(payload).digest('base64').slice(0, 27)}"`;

function sendError(error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): unknown {
  if (error instanceof RequestError) {
    const { data, details, values = {} } = error.extra;
    const message = getMessage(error.code, values, request.headers['accept-language']);
    return reply.code(error.status).send({ code: error.code, data, details, message });
  }
  if ('code' in error && error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return reply.code(404).type(TEXT_PLAIN).send('Not Found');
  }
  if (error instanceof SyntaxError || ('statusCode' in error && error.statusCode === 400)) {
    return reply.code(400).send({ message: error.message });
  }
  if (!(error instanceof InternalError)) console.error(error);
  return reply.code(500).send({ message: 'Internal server error.' });
}

/** Adds the line and column that Node.js 20 omits from JSON errors. Logto runs on a later version. */
function addLineAndColumn(message: string, body: string): string {
  return message.replace(/at position (\d+)$/, (match, position: string) => {
    const lines = body.slice(0, Number(position)).split(/\r\n|\r|\n/);
    return `${match} (line ${lines.length} column ${lines.at(-1)!.length + 1})`;
  });
}

/** Responds to unsupported methods and OPTIONS with the allowed methods in Koa's order, and otherwise with 404. */
function handleUnknownRoutes(app: FastifyInstance): void {
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
    if (methods.length === 0) return reply.code(404).type(TEXT_PLAIN).send('Not Found');
    void reply.header('allow', [...new Set(methods)].join(', ')).type(TEXT_PLAIN);
    if (request.method === 'OPTIONS') return reply.code(200).send();
    return reply.code(405).send('Method Not Allowed');
  });
}
