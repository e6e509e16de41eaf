import { Injectable, Logger } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { AppConfig } from '../config/app-config.js';
import { Clock } from '../config/clock.js';
import type { CallKind } from './call-scheduler.js';
import { logtoCodeOf, toUpstreamError } from './error-mapping.js';
import { LogtoTransport, type LogtoRequest, type LogtoResponse } from './logto-transport.js';
import { MachineTokenService } from './machine-token.service.js';
import type { ResponseSchema } from './response-schema.js';
import type { SendGuard } from './send-guard.js';
import { UpstreamError } from './upstream-error.js';

export interface Call {
  /** Names the operation in logs, without naming the user. */
  readonly operation: string;
  readonly method: LogtoRequest['method'];
  /** Created by `pathOf`. */
  readonly path: string;
  readonly body?: object;
  /** The user on whose behalf it is made, if any: users take turns. */
  readonly userId?: string;
  /** By default that of the method: `read` for GET, otherwise `write`. */
  readonly kind?: CallKind;
  readonly guard?: SendGuard;
}

/** The body of a response, and when it was sent: seconds since the epoch, by Logto's clock. */
export interface Timed<T> {
  readonly body: T;
  readonly at: number;
}

/** How long a failure is not logged again. */
const LOGGED_FOR_MS = 60_000;

/** Logto responds to a larger body with a bare 404, which would look like an unknown route. */
const MAX_BODY_BYTES = 1024 * 1024;

/**
 * A path with each value as one encoded segment. Throws UpstreamError `not_found` for values that cannot be an id of
 * Logto: a proxy that resolves `..` or `%2F` would turn the deletion of a session into that of its user.
 */
export const pathOf = (parts: TemplateStringsArray, ...values: string[]): string =>
  parts.reduce((path, part, index) => {
    const value = values[index - 1]!;
    if (!/^(?!\.+$)[\w.~:@+ -]{1,256}$/.test(value)) throw new UpstreamError('not_found', 'not_sent');
    return path + encodeURIComponent(value) + part;
  });

/** Calls the Management API with the machine token, checks responses and converts errors. */
@Injectable()
export class LogtoClient {
  private readonly logger = new Logger('ManagementApi');
  private readonly logged = new LRUCache<string, true>({ max: 1_000, ttl: LOGGED_FOR_MS });

  constructor(
    private readonly transport: LogtoTransport,
    private readonly tokens: MachineTokenService,
    private readonly config: AppConfig,
    private readonly clock: Clock,
  ) {}

  /** Returns the body of a 2xx response that matches the schema. Throws UpstreamError. */
  async get<T>(call: Call, schema: ResponseSchema<T>): Promise<T> {
    const response = await this.call(call);
    if (response.status < 300 && schema.matches(response.body)) return response.body;
    throw this.failure(call, response);
  }

  /** Like `get`, with the time of the response. */
  async getTimed<T>(call: Call, schema: ResponseSchema<T>): Promise<Timed<T>> {
    const response = await this.call(call);
    if (response.status >= 300 || !schema.matches(response.body)) throw this.failure(call, response);
    return { body: response.body, at: this.timeOf(response) };
  }

  /**
   * For calls whose 2xx response needs no body. Returns when the response was sent: seconds since the epoch, by Logto's
   * clock. Throws UpstreamError.
   */
  async run(call: Call): Promise<number> {
    const response = await this.call(call);
    if (response.status >= 300) throw this.failure(call, response);
    return this.timeOf(response);
  }

  /** Throws `upstream_unavailable` if a call of one of these kinds would not be made, because earlier ones failed. */
  requireAvailable(...kinds: CallKind[]): void {
    for (const kind of ['token' as const, ...kinds]) this.transport.requireAvailable(kind);
  }

  /**
   * Returns any response to a call whose machine token Logto accepted. Throws UpstreamError if there is no response.
   */
  async call(call: Call): Promise<LogtoResponse> {
    const deadlineAt = performance.now() + this.config.upstream.deadlineMs;
    const body = call.body && JSON.stringify(call.body);
    if (body && Buffer.byteLength(body) > MAX_BODY_BYTES) throw new UpstreamError('payload_too_large', 'not_sent');
    const send = (token: string) =>
      this.transport.send({
        kind: call.kind ?? (call.method === 'GET' ? 'read' : 'write'),
        userId: call.userId,
        method: call.method,
        path: call.path,
        headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
        body,
        repeatable: call.method === 'GET',
        guard: call.guard,
        deadlineAt,
      });
    try {
      const token = await this.tokens.get(deadlineAt);
      const response = await send(token);
      if (response.status !== 401) return response;
      // The keys were rotated or the token was revoked: nothing was done, so even a write can be sent again.
      this.tokens.discard(token);
      return await send(await this.tokens.get(deadlineAt));
    } catch (error) {
      if (error instanceof UpstreamError) this.log(call, error);
      throw error;
    }
  }

  /** Logs an unexpected response and converts it to an error. */
  failure(call: Call, response: LogtoResponse): UpstreamError {
    const error =
      response.status < 300
        ? // Logto reported success in an unknown format: a write was probably applied.
          new UpstreamError('upstream_failed', 'unknown', { detail: { code: 'unknown_response' } })
        : toUpstreamError({
            status: response.status,
            body: response.body,
            retryAfterMs: response.retryAfterMs,
          });
    this.log(call, error, response);
    return error;
  }

  /**
   * `Date` (RFC 9110 section 6.6.1), which every origin server with a clock sends; our own clock if a proxy removed it.
   */
  private timeOf({ headers }: LogtoResponse): number {
    const sent = Date.parse(String(headers['date']));
    if (!Number.isNaN(sent)) return sent / 1000;
    this.logger.warn("Logto's response has no Date header: access tokens are revoked by this machine's clock.");
    return Math.floor(this.clock.now() / 1000);
  }

  /** Errors that concern only the user are not logged, nor outages, which the transport logs. Others are logged once a minute. */
  private log(call: Call, error: UpstreamError, response?: LogtoResponse): void {
    if (error.status < 500 || error.code === 'upstream_unavailable' || error.code === 'upstream_timeout') return;
    const reason = response ? ` (${response.status} ${logtoCodeOf(response.body) ?? ''}`.trimEnd() + ')' : '';
    const line = `${call.operation}: ${error.code}, ${error.outcome}${reason}`;
    if (this.logged.has(line)) return;
    this.logged.set(line, true);
    this.logger.warn(line);
  }
}
