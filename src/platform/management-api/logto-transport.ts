import { HttpService } from '@nestjs/axios';
import { Injectable } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { AppConfig } from '../config/app-config.js';
import { CallBudget, type CallKind } from './call-budget.js';
import { TransportError } from './undici.adapter.js';
import { UpstreamError } from './upstream-error.js';

export interface LogtoRequest {
  readonly kind: CallKind;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** From `/`, each segment encoded. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Sending it twice does no harm, so it is sent again when the connection or a proxy failed. */
  readonly repeatable: boolean;
  /** When the caller's patience ends, by `performance.now()`. */
  readonly deadlineAt: number;
}

export interface LogtoAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  /** JSON, or text where it is none. */
  readonly body: unknown;
}

const ATTEMPTS = 3;
const FIRST_PAUSE_MS = 50;
const TRY_AGAIN = new Set([502, 503, 504]);

/** HTTP to Logto: budget, timeouts, deadline and retries. Knows nothing of tokens or of what is said. */
@Injectable()
export class LogtoTransport {
  constructor(
    private readonly http: HttpService,
    private readonly budget: CallBudget,
    private readonly config: AppConfig,
  ) {}

  /**
   * Returns any response of Logto, errors included. Throws UpstreamError if there is none:
   * `upstream_unavailable` (no connection), `upstream_timeout`, `overloaded` (the budget's queue is full).
   */
  async send(request: LogtoRequest): Promise<LogtoAnswer> {
    for (let attempt = 1; ; attempt += 1) {
      const pause = Math.random() * FIRST_PAUSE_MS * 2 ** attempt;
      const last = !request.repeatable || attempt === ATTEMPTS || performance.now() + pause >= request.deadlineAt;
      const answer = await this.attempt(request).catch((error: unknown) => {
        if (last || (error as UpstreamError).code !== 'upstream_unavailable') throw error;
        return undefined;
      });
      if (answer && (last || !TRY_AGAIN.has(answer.status))) return answer;
      await delay(pause);
    }
  }

  private async attempt(request: LogtoRequest): Promise<LogtoAnswer> {
    await this.budget.take(request.kind, request.deadlineAt);
    const remaining = Math.ceil(request.deadlineAt - performance.now());
    if (remaining <= 0) throw new UpstreamError('upstream_timeout', 'not_sent');
    try {
      // axiosRef, since the Observable of HttpService costs as much again as the call.
      const { status, headers, data } = await this.http.axiosRef.request<unknown>({
        url: request.path,
        method: request.method,
        headers: request.headers,
        data: request.body,
        timeout: Math.min(this.config.upstream.timeoutMs, remaining),
      });
      return { status, headers, body: data };
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      const code =
        error.code === 'ETIMEDOUT' && error.cause === undefined ? 'upstream_timeout' : 'upstream_unavailable';
      throw new UpstreamError(code, error.sent ? 'unknown' : 'not_sent', { cause: error.cause });
    }
  }
}
