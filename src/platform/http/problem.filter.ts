import { STATUS_CODES } from 'node:http';
import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import { describeError } from '../errors/describe-error.js';
import { RETRY_AFTER_S, type ErrorCode } from '../errors/error-catalogue.js';
import { LANGUAGES } from '../errors/messages/messages.js';
import { ProblemError } from '../errors/problem-error.js';
import { PROBLEM_JSON, toProblem } from '../errors/problem.js';
import { negotiateLanguage } from './accept-language.js';
import { PRIVATE_RESPONSE } from './cache-control.js';
import { ACCEPT_PATCH } from './media-types.js';

/** The codes of Fastify's own errors, by status. Any other 4xx means that the request could not be read. */
const FASTIFY_CODES: Readonly<Record<number, ErrorCode>> = {
  401: 'invalid_token',
  404: 'not_found',
  405: 'method_not_allowed',
  408: 'request_timeout',
  413: 'payload_too_large',
  414: 'not_found',
  415: 'unsupported_media_type',
  429: 'rate_limited',
  431: 'headers_too_large',
  503: 'overloaded',
};

/** An outage causes thousands of these. OutageLog logs it once. */
const OUTAGES = new Set<ErrorCode>(['database_unavailable', 'upstream_unavailable', 'upstream_timeout']);
/** How long a problem that is not an error of this service is not logged again. */
const LOGGED_FOR_MS = 60_000;

/** Converts errors to responses. No other code does. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('Problem');
  private readonly logged = new LRUCache<string, true>({ max: 100, ttl: LOGGED_FOR_MS });

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const problem = thrown instanceof HttpException && !isFastifyError(thrown.cause) ? thrown : asProblemError(thrown);
    if (!isAborted(request)) this.log(problem, request.id);
    // The status was already sent, so the response can only be aborted.
    if (reply.sent || reply.raw.headersSent) return void reply.raw.destroy();
    if (problem instanceof HttpException) sendHttpException(problem, request, reply);
    else sendProblem(problem, request, reply);
  }

  private log(problem: HttpException | ProblemError, requestId: string): void {
    if (problem instanceof HttpException) {
      if (problem.getStatus() >= 500) this.logger.error(`${requestId} ${describeError(problem)}`);
      return;
    }
    if (problem.status < 500 || OUTAGES.has(problem.code)) return;
    const { cause } = problem.options;
    const what = `${problem.code}${cause === undefined ? '' : `: ${describeError(cause)}`}`;
    if (problem.code === 'internal_error') return this.logger.error(`${requestId} ${what}`);
    if (this.logged.has(what)) return;
    this.logged.set(what, true);
    this.logger.warn(`${requestId} ${what}`);
  }
}

/**
 * The client closed the connection before the request was complete. Clients can do this at any time, so it is not
 * logged.
 */
const isAborted = ({ raw }: FastifyRequest): boolean => raw.destroyed && !raw.complete;

/** Sends an error as a problem in the caller's language. */
export function sendProblem(error: ProblemError, request: FastifyRequest, reply: FastifyReply): void {
  reply.problem = error;
  const language = negotiateLanguage(request.headers['accept-language'], LANGUAGES);
  const retryAfter = RETRY_AFTER_S[error.code];
  if (retryAfter !== undefined) reply.header('Retry-After', retryAfter);
  for (const [name, value] of Object.entries(error.options.headers ?? {})) reply.header(name, value);
  const isMediaType = error.code === 'unsupported_media_type' && !error.options.headers?.['Accept-Encoding'];
  if (isMediaType && request.method === 'PATCH') reply.header('Accept-Patch', ACCEPT_PATCH);
  const varied = reply.getHeader('vary');
  reply
    .header('Vary', varied ? `${String(varied)}, Accept-Language` : 'Accept-Language')
    .header('Content-Language', language);
  send(toProblem(error, request.id, language), request, reply);
}

/**
 * Sends an exception of Nest, such as those that a host application or a pipe throws: its status and the members of its body are
 * kept. Without a `code` of this service, the type is `about:blank` (RFC 9457 section 4.2.1).
 */
function sendHttpException(exception: HttpException, request: FastifyRequest, reply: FastifyReply): void {
  const status = exception.getStatus();
  const body = exception.getResponse();
  const isPlain = typeof body === 'object' && body !== null && !Array.isArray(body);
  const title = STATUS_CODES[status] ?? 'Error';
  const members = isPlain ? body : { detail: body };
  send({ title, requestId: request.id, ...members, type: 'about:blank', status }, request, reply);
}

function send(
  problem: { status: number; [member: string]: unknown },
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  reply
    .header('X-Request-Id', request.id)
    .header('Cache-Control', PRIVATE_RESPONSE)
    .status(problem.status)
    .type(PROBLEM_JSON)
    .send(JSON.stringify(problem));
}

/** Returns our own errors, maps Fastify's errors to codes, and hides all others behind `internal_error`. */
export function asProblemError(thrown: unknown): ProblemError {
  if (thrown instanceof ProblemError) return thrown;
  // Nest wraps the errors of Fastify, except those of its router.
  const error = thrown instanceof HttpException ? thrown.cause : thrown;
  if (!isFastifyError(error) || (error.statusCode >= 500 && error.statusCode !== 503)) {
    return new ProblemError('internal_error', { cause: thrown });
  }
  const code = FASTIFY_CODES[error.statusCode] ?? 'malformed_request';
  const detail = code === 'unsupported_media_type' && { detail: { code: 'media_type_not_accepted' } as const };
  return new ProblemError(code, { ...detail, cause: thrown });
}

function isFastifyError(error: unknown): error is { readonly statusCode: number } {
  const { statusCode, code } = (error ?? {}) as { statusCode?: unknown; code?: unknown };
  return typeof statusCode === 'number' && String(code).startsWith('FST_');
}
