import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { describeError } from '../errors/describe-error.js';
import type { ErrorCode } from '../errors/error-catalogue.js';
import { LANGUAGES } from '../errors/messages/messages.js';
import { ProblemError } from '../errors/problem-error.js';
import { PROBLEM_JSON, toProblem } from '../errors/problem.js';
import { negotiateLanguage } from './accept-language.js';
import { PRIVATE_RESPONSE } from './cache-control.js';
import { ACCEPT_PATCH } from './media-types.js';

/** The codes of the framework's own errors, by status. Any other 4xx means that the request could not be read. */
const FRAMEWORK_CODES: Readonly<Record<number, ErrorCode>> = {
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

/** Converts errors to responses. No other code does. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('Problem');

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const error = asProblemError(thrown);
    if (error.status >= 500 && !isAborted(request)) this.log(error, request.id);
    // The status was already sent, so the response can only be aborted.
    if (reply.sent || reply.raw.headersSent) return void reply.raw.destroy();
    sendProblem(error, request, reply);
  }

  private log(error: ProblemError, requestId: string): void {
    const { cause } = error.options;
    const line = `${requestId} ${error.code}${cause === undefined ? '' : `: ${describeError(cause)}`}`;
    // An outage of Logto is not an error of this service, and causes thousands of these.
    if (error.code === 'internal_error') this.logger.error(line);
    else this.logger.warn(line);
  }
}

/**
 * The client closed the connection before the request was complete. Clients can do this at any time, so it is not
 * logged.
 */
const isAborted = ({ raw }: FastifyRequest): boolean => raw.destroyed && !raw.complete;

/** Sends an error as a problem in the caller's language. */
export function sendProblem(error: ProblemError, request: FastifyRequest, reply: FastifyReply): void {
  const language = negotiateLanguage(request.headers['accept-language'], LANGUAGES);
  for (const [name, value] of Object.entries(error.options.headers ?? {})) reply.header(name, value);
  if (error.code === 'unsupported_media_type' && request.method === 'PATCH') reply.header('Accept-Patch', ACCEPT_PATCH);
  const varied = reply.getHeader('vary');
  reply
    .header('X-Request-Id', request.id)
    .header('Vary', varied ? `${String(varied)}, Accept-Language` : 'Accept-Language')
    .header('Content-Language', language)
    .header('Cache-Control', PRIVATE_RESPONSE)
    .status(error.status)
    .type(PROBLEM_JSON)
    .send(JSON.stringify(toProblem(error, request.id, language)));
}

/** Returns our own errors, maps the framework's errors to codes, and hides all others behind `internal_error`. */
export function asProblemError(thrown: unknown): ProblemError {
  if (thrown instanceof ProblemError) return thrown;
  const status = statusOf(thrown);
  if (status === undefined || (status >= 500 && status !== 503)) {
    return new ProblemError('internal_error', { cause: thrown });
  }
  return new ProblemError(FRAMEWORK_CODES[status] ?? 'malformed_request', { cause: thrown });
}

function statusOf(thrown: unknown): number | undefined {
  if (thrown instanceof HttpException) return thrown.getStatus();
  // Fastify's own errors; Nest does not wrap those of the router.
  const { statusCode, code } = (thrown ?? {}) as { statusCode?: unknown; code?: unknown };
  return typeof statusCode === 'number' && String(code).startsWith('FST_') ? statusCode : undefined;
}
