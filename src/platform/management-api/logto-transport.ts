import { setTimeout as delay } from 'node:timers/promises';
import { HttpService } from '@nestjs/axios';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { CallBudget, type CallKind } from './call-budget.js';
import type { SendGuard } from './send-guard.js';
import { SENDING_FORBIDDEN, TransportError } from './undici.adapter.js';
import { UpstreamError } from './upstream-error.js';

export interface LogtoRequest {
  readonly kind: CallKind;
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
}

const MAX_ATTEMPTS = 3;
const FIRST_PAUSE_MS = 50;
const RETRY_SOON = { headers: { 'Retry-After': '5' } };
const GATEWAY_STATUSES = new Set([502, 503, 504]);

/** HTTP to Logto: budget, timeouts, deadline and retries. Knows nothing about tokens or the content of messages. */
@Injectable()
export class LogtoTransport {
  constructor(
    private readonly http: HttpService,
    private readonly budget: CallBudget,
    private readonly config: AppConfig,
  ) {}

  /**
   * Returns any response of Logto, including errors. Throws UpstreamError if there is none:
   * `upstream_unavailable` (no connection), `upstream_timeout`, `overloaded` (the queue of the budget is full).
   */
  async send(request: LogtoRequest): Promise<LogtoResponse> {
    for (let attempt = 1; ; attempt += 1) {
      const pause = Math.random() * FIRST_PAUSE_MS * 2 ** attempt;
      const isLast = !request.repeatable || attempt === MAX_ATTEMPTS || performance.now() + pause >= request.deadlineAt;
      const response = await this.attempt(request).catch((error: unknown) => {
        if (isLast || (error as UpstreamError).code !== 'upstream_unavailable') throw error;
        return undefined;
      });
      if (response && (isLast || !GATEWAY_STATUSES.has(response.status))) return response;
      await delay(pause);
    }
  }

  private async attempt(request: LogtoRequest): Promise<LogtoResponse> {
    await this.budget.take(request.kind, request.deadlineAt);
    const remaining = Math.ceil(request.deadlineAt - performance.now());
    if (remaining <= 0) throw new UpstreamError('upstream_timeout', 'not_sent');
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
      // A gateway may respond while Logto is still busy with the request.
      if (!GATEWAY_STATUSES.has(status)) request.guard?.onResponse();
      return { status, headers, body: data };
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      if (error.code === SENDING_FORBIDDEN) throw new UpstreamError('overloaded', 'not_sent', RETRY_SOON);
      const code =
        error.code === 'ETIMEDOUT' && error.cause === undefined ? 'upstream_timeout' : 'upstream_unavailable';
      throw new UpstreamError(code, error.sent ? 'unknown' : 'not_sent', { cause: error.cause });
    }
  }
}
