import { setTimeout as delay } from 'node:timers/promises';
import { HttpService } from '@nestjs/axios';
import { Injectable, Logger } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { Clock } from '../config/clock.js';
import { CircuitBreaker, CircuitOpenError, type CallResult } from '../resilience/circuit-breaker.js';
import { OutageLog } from '../resilience/outage-log.js';
import { CALL_KINDS, CallScheduler, type CallKind } from './call-scheduler.js';
import { isRateLimited } from './error-mapping.js';
import { readRetryAfter, toRetryAfter } from './retry-after.js';
import { RetryBudget } from './retry-budget.js';
import type { SendGuard } from './send-guard.js';
import { SENDING_FORBIDDEN, TransportError } from './undici.adapter.js';
import { UpstreamError } from './upstream-error.js';

export interface LogtoRequest {
  readonly kind: CallKind;
  /** The user on whose behalf it is sent, if any. */
  readonly userId?: string;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Starts with `/`; each segment is encoded. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Sending the request twice does no harm, so it is retried when the connection or a proxy fails. */
  readonly repeatable: boolean;
  readonly guard?: SendGuard;
  /** When to give up, by `performance.now()`. */
  readonly deadlineAt: number;
}

export interface LogtoResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  /** Parsed JSON, or text if it is not JSON. */
  readonly body: unknown;
  /** What `Retry-After` says, in milliseconds. */
  readonly retryAfterMs?: number;
}

const RETRY_SOON = { headers: { 'Retry-After': '5' } };
const MAX_ATTEMPTS = 2;
/** Before a retry: half of this to all of it. */
const RETRY_PAUSE_MS = 150;
/** After a 429 without `Retry-After`. */
const RATE_LIMIT_PAUSE_MS = 1_000;
/** A proxy in front of Logto has no connection to it, or Logto is shutting down. A 500 may be about a single user. */
const UNAVAILABLE_STATUSES = new Set([502, 503, 504]);

/**
 * HTTP to Logto: when calls are sent, timeouts, deadlines, retries, and what happens while Logto fails. Knows nothing about tokens or
 * the content of messages.
 */
@Injectable()
export class LogtoTransport {
  private readonly outages = new OutageLog(new Logger('ManagementApi'), 'Logto');
  private readonly retries = new RetryBudget();
  private readonly breakers: Readonly<Record<CallKind, CircuitBreaker>>;

  constructor(
    private readonly http: HttpService,
    private readonly scheduler: CallScheduler,
    private readonly config: AppConfig,
    private readonly clock: Clock,
  ) {
    const breakers = CALL_KINDS.map((kind) => [kind, new CircuitBreaker(BREAKER_OPTIONS)] as const);
    this.breakers = Object.fromEntries(breakers) as Record<CallKind, CircuitBreaker>;
  }

  /**
   * Returns any response of Logto, including errors. Throws UpstreamError if there is none: `upstream_unavailable` (no connection, or
   * calls of this kind have failed until now), `upstream_timeout`, `overloaded` (the call cannot start in time).
   */
  async send(request: LogtoRequest): Promise<LogtoResponse> {
    this.retries.countCall();
    for (let attempt = 1; ; attempt += 1) {
      const result = await this.attempt(request).then(
        (value): Result => ({ value }),
        (error: unknown): Result => ({ error }),
      );
      const pauseMs = attempt < MAX_ATTEMPTS ? this.pauseBeforeRetry(request, result) : undefined;
      if (pauseMs === undefined) {
        if ('error' in result) throw result.error;
        return result.value;
      }
      await delay(pauseMs);
    }
  }

  /** Throws `upstream_unavailable` if calls of this kind have failed until now, so that another one would not be made. */
  requireAvailable(kind: CallKind): void {
    const { rejectingMs } = this.breakers[kind];
    if (rejectingMs > 0) throw rejectedFor(rejectingMs);
  }

  /** Undefined if the request must not be sent again, or not in time. */
  private pauseBeforeRetry(request: LogtoRequest, result: Result): number | undefined {
    const response = 'value' in result ? result.value : undefined;
    let pauseMs = RETRY_PAUSE_MS * (0.5 + Math.random() / 2);
    // Nothing was done, so even a write can be sent again. The pause of all calls delays it.
    if (response && isRateLimited(response)) pauseMs = response.retryAfterMs ?? RATE_LIMIT_PAUSE_MS;
    else if (!request.repeatable || !isFailure(result) || isTimeout(result)) return undefined;
    else pauseMs = Math.max(pauseMs, response?.retryAfterMs ?? 0);
    const isInTime = performance.now() + pauseMs < this.startBy(request);
    return isInTime && this.breakers[request.kind].rejectingMs === 0 && this.retries.spend() ? pauseMs : undefined;
  }

  private async attempt(request: LogtoRequest): Promise<LogtoResponse> {
    const { kind, userId } = request;
    this.requireAvailable(kind);
    const startBy = this.startBy(request);
    return this.scheduler.run({ kind, userId, startBy }, async () => {
      // The process may have been paused.
      if (performance.now() >= request.deadlineAt) throw new UpstreamError('overloaded', 'not_sent');
      const breaker = this.breakers[kind];
      try {
        return await breaker.run(() => this.exchange(request));
      } catch (error) {
        throw error instanceof CircuitOpenError ? rejectedFor(error.retryAfterMs) : error;
      } finally {
        const { rejectingMs } = breaker;
        if (rejectingMs > 0) this.scheduler.rejectWaiting(kind, () => rejectedFor(rejectingMs));
      }
    });
  }

  /** A call that starts later would not have the time that Logto may take, so that the outcome of a write could become unknown. */
  private startBy({ deadlineAt }: LogtoRequest): number {
    const { timeoutMs, deadlineMs } = this.config.upstream;
    return deadlineAt - Math.min(timeoutMs, deadlineMs / 2);
  }

  /** One request and its response. */
  private async exchange(request: LogtoRequest): Promise<LogtoResponse> {
    const remaining = Math.max(1, Math.ceil(request.deadlineAt - performance.now()));
    try {
      // axiosRef, since the Observable of HttpService takes as long again as the call.
      const { status, headers, data } = await this.http.axiosRef.request<unknown>({
        url: request.path,
        method: request.method,
        headers: request.headers,
        data: request.body,
        timeout: Math.min(this.config.upstream.timeoutMs, remaining),
        maySend: request.guard && (() => request.guard!.maySend()),
      });
      const response = { status, headers, body: data, retryAfterMs: readRetryAfter(headers, this.clock.now()) };
      if (UNAVAILABLE_STATUSES.has(status)) this.outages.failed(request.kind, `HTTP ${status}`);
      else this.outages.succeeded(request.kind);
      // A gateway may respond while Logto is still busy with the request.
      if (!UNAVAILABLE_STATUSES.has(status)) request.guard?.onResponse();
      if (isRateLimited(response)) this.scheduler.pauseFor(response.retryAfterMs ?? RATE_LIMIT_PAUSE_MS);
      return response;
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      if (error.code === SENDING_FORBIDDEN) throw new UpstreamError('overloaded', 'not_sent', RETRY_SOON);
      this.outages.failed(request.kind, error.code!);
      const code =
        error.code === 'ETIMEDOUT' && error.cause === undefined ? 'upstream_timeout' : 'upstream_unavailable';
      throw new UpstreamError(code, error.sent ? 'unknown' : 'not_sent', { cause: error.cause });
    }
  }
}

type Result = { readonly value: LogtoResponse } | { readonly error: unknown };

const isFailure = (result: CallResult): boolean =>
  'error' in result
    ? result.error instanceof UpstreamError && result.error.code !== 'overloaded'
    : UNAVAILABLE_STATUSES.has((result.value as LogtoResponse).status);

/** The lease of a change expired before its call could be sent. */
const isInconclusive = (result: CallResult): boolean =>
  'error' in result &&
  result.error instanceof UpstreamError &&
  result.error.outcome === 'not_sent' &&
  !isFailure(result);

const isTimeout = (result: Result): boolean =>
  'error' in result && result.error instanceof UpstreamError && result.error.code === 'upstream_timeout';

const requestedPauseMs = (result: CallResult): number | undefined =>
  'value' in result ? (result.value as LogtoResponse).retryAfterMs : undefined;

const BREAKER_OPTIONS = { isFailure, isInconclusive, requestedPauseMs };

const rejectedFor = (ms: number): UpstreamError =>
  new UpstreamError('upstream_unavailable', 'not_sent', { headers: { 'Retry-After': toRetryAfter(ms) } });
