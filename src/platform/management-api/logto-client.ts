import { Injectable, Logger } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { Clock } from '../config/clock.js';
import type { AnswerShape } from './answer-shapes.js';
import { logtoCodeOf, upstreamErrorOf } from './error-mapping.js';
import { LogtoTransport, type LogtoAnswer, type LogtoRequest } from './logto-transport.js';
import { MachineTokenService } from './machine-token.service.js';
import { UpstreamError } from './upstream-error.js';

export interface Call {
  /** For logs: says what was tried without naming the user. */
  readonly operation: string;
  readonly method: LogtoRequest['method'];
  /** Made by `pathOf`. */
  readonly path: string;
  readonly body?: object;
  /** A call that changes nothing although it is no GET. */
  readonly readOnly?: boolean;
}

/** A response's body, and the second of Logto's clock (since the epoch) in which it was sent. */
export interface Timed<T> {
  readonly body: T;
  readonly at: number;
}

/** Logto responds to a longer body with a bare 404, which would look like a missing route. */
const LARGEST_BODY_BYTES = 1024 * 1024;

/**
 * A path with each value as one encoded segment. Throws UpstreamError `not_found` for what no id of Logto looks like:
 * a proxy that resolves `..` or `%2F` would turn the deletion of a session into that of its user.
 */
export const pathOf = (parts: TemplateStringsArray, ...values: string[]): string =>
  parts.reduce((path, part, index) => {
    const value = values[index - 1]!;
    if (!/^(?!\.+$)[\w.~:@+ -]{1,256}$/.test(value)) throw new UpstreamError('not_found', 'not_sent');
    return path + encodeURIComponent(value) + part;
  });

/** Calls of the Management API: the machine token, and errors as ours. */
@Injectable()
export class LogtoClient {
  private readonly logger = new Logger('ManagementApi');

  constructor(
    private readonly transport: LogtoTransport,
    private readonly tokens: MachineTokenService,
    private readonly config: AppConfig,
    private readonly clock: Clock,
  ) {}

  /** The body of a 2xx response, checked for its shape. Throws UpstreamError. */
  async get<T>(call: Call, isExpected: AnswerShape<T>): Promise<T> {
    const answer = await this.call(call);
    if (answer.status < 300 && isExpected(answer.body)) return answer.body;
    throw this.failure(call, answer);
  }

  /** As `get`, with the second of Logto's clock in which it responded. */
  async getTimed<T>(call: Call, isExpected: AnswerShape<T>): Promise<Timed<T>> {
    const answer = await this.call(call);
    if (answer.status < 300 && isExpected(answer.body)) return { body: answer.body, at: this.timeOf(answer) };
    throw this.failure(call, answer);
  }

  /** For calls whose 2xx says it all. Returns the second of Logto's clock in which it responded. Throws UpstreamError. */
  async run(call: Call): Promise<number> {
    const answer = await this.call(call);
    if (answer.status >= 300) throw this.failure(call, answer);
    return this.timeOf(answer);
  }

  /** Any response of Logto to a call with a machine token that it accepts. Throws UpstreamError if there is no response. */
  async call(call: Call): Promise<LogtoAnswer> {
    const deadlineAt = performance.now() + this.config.upstream.deadlineMs;
    const body = call.body && JSON.stringify(call.body);
    if (body && Buffer.byteLength(body) > LARGEST_BODY_BYTES) throw new UpstreamError('payload_too_large', 'not_sent');
    const isRead = call.readOnly ?? call.method === 'GET';
    const send = (token: string) =>
      this.transport.send({
        kind: isRead ? 'read' : 'write',
        method: call.method,
        path: call.path,
        headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
        body,
        repeatable: call.method === 'GET',
        deadlineAt,
      });
    try {
      const token = await this.tokens.get(deadlineAt);
      const answer = await send(token);
      if (answer.status !== 401) return answer;
      // Keys were rotated or the token revoked: nothing was done, so even a write may go again.
      this.tokens.discard(token);
      return await send(await this.tokens.get(deadlineAt));
    } catch (error) {
      if (error instanceof UpstreamError) this.log(call, error);
      throw error;
    }
  }

  /** The problem of a response that is not the expected one. */
  failure(call: Call, answer: LogtoAnswer): UpstreamError {
    const error =
      answer.status < 300
        ? // It said yes, in words not understood: a write may well have happened.
          new UpstreamError('upstream_failed', 'unknown', { detail: { code: 'unknown_response' } })
        : upstreamErrorOf({
            status: answer.status,
            body: answer.body,
            retryAfter: answer.headers['retry-after'] as string | undefined,
          });
    this.log(call, error, answer);
    return error;
  }

  /** `Date` (RFC 9110 section 6.6.1), which every origin server with a clock sends; our own clock if a proxy removed it. */
  private timeOf({ headers }: LogtoAnswer): number {
    const sent = Date.parse(String(headers['date']));
    if (!Number.isNaN(sent)) return sent / 1000;
    this.logger.warn("Logto's response has no Date header: access tokens are revoked by this machine's clock.");
    return Math.floor(this.clock.now() / 1000);
  }

  /** Rejections that concern only the user are not logged. */
  private log(call: Call, error: UpstreamError, answer?: LogtoAnswer): void {
    if (error.status < 500) return;
    const { code: fault = '' } = (error.cause ?? {}) as { code?: string };
    const said = answer ? `${answer.status} ${logtoCodeOf(answer.body) ?? ''}` : fault;
    this.logger.warn(`${call.operation}: ${error.code}, ${error.outcome} (${said.trim()})`);
  }
}
