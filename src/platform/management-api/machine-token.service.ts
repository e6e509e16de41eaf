import { Injectable, Logger } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { Clock } from '../config/clock.js';
import { OutageLog } from '../resilience/outage-log.js';
import { logtoCodeOf, toUpstreamError } from './error-mapping.js';
import { tokenResponse } from './logto-responses.js';
import { LogtoTransport, type LogtoResponse } from './logto-transport.js';
import { UpstreamError } from './upstream-error.js';

interface MachineToken {
  readonly value: string;
  /** When to fetch a new token in the background, in milliseconds since the epoch. */
  readonly renewAt: number;
  /** From when it could expire on its way to Logto, in milliseconds since the epoch. */
  readonly unusableAt: number;
  readonly hasScope: boolean;
}

/**
 * Fractions of a token's lifetime. Logto's lasts an hour: it is renewed 6 minutes before expiry, and not used in the
 * last.
 */
const RENEW_AFTER = 0.9;
const UNUSABLE_AFTER = 59 / 60;

/**
 * The machine-to-machine access token for the Management API (client_credentials, RFC 6749 section 4.4, with a
 * resource indicator, RFC 8707). Concurrent callers share one request; the token is renewed in the background before it
 * expires.
 */
@Injectable()
export class MachineTokenService {
  private readonly logger = new Logger(MachineTokenService.name);
  private readonly outages = new OutageLog(this.logger, "Logto's machine token");
  private current: MachineToken | undefined;
  private pending: Promise<string> | undefined;
  /** The problem that was logged last. */
  private logged: string | undefined;

  constructor(
    private readonly transport: LogtoTransport,
    private readonly config: AppConfig,
    private readonly clock: Clock,
  ) {}

  /**
   * Returns a token that does not expire within the next call. Throws UpstreamError, always `not_sent`:
   * `upstream_failed` when Logto rejects the credentials, otherwise as the transport does. `deadlineAt` is by
   * `performance.now()`.
   */
  async get(deadlineAt: number): Promise<string> {
    const now = this.clock.now();
    if (!this.current || now >= this.current.unusableAt) return this.renew(deadlineAt);
    if (now >= this.current.renewAt) this.renew(deadlineAt).catch(() => undefined);
    return this.current.value;
  }

  /**
   * Returns why Logto does not let this service call the Management API, or undefined if it does. Fetches a token if there is none, or if
   * the present one lacks the scope. Throws UpstreamError if Logto cannot be called.
   */
  async findProblem(): Promise<'machine_credentials_rejected' | 'machine_scope_missing' | undefined> {
    const lacksScope = this.current?.hasScope === false;
    const deadlineAt = performance.now() + this.config.upstream.deadlineMs;
    try {
      await (lacksScope ? this.renew(deadlineAt) : this.get(deadlineAt));
    } catch (error) {
      const { code, logtoCode } = error as UpstreamError;
      if (code === 'upstream_failed' && logtoCode !== undefined) return 'machine_credentials_rejected';
      throw error;
    }
    return this.current?.hasScope === false ? 'machine_scope_missing' : undefined;
  }

  /** Discards a token that Logto rejected with 401; does nothing if it was already replaced. */
  discard(value: string): void {
    if (this.current?.value === value) this.current = undefined;
  }

  private renew(deadlineAt: number): Promise<string> {
    this.pending ??= this.fetch(deadlineAt).finally(() => (this.pending = undefined));
    return this.pending;
  }

  private async fetch(deadlineAt: number): Promise<string> {
    const { m2mAppId, m2mAppSecret, managementApiResource } = this.config.logto;
    const requestedAt = this.clock.now();
    const response = await this.transport
      .send({
        kind: 'token',
        method: 'POST',
        path: '/oidc/token',
        headers: {
          // RFC 6749 section 2.3.1: form-encode both parts first.
          authorization: `Basic ${btoa(`${encodeURIComponent(m2mAppId)}:${encodeURIComponent(m2mAppSecret)}`)}`,
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          resource: managementApiResource,
          scope: 'all',
        }).toString(),
        // Each request creates one more token, and voids none.
        repeatable: true,
        deadlineAt,
      })
      .catch((error: UpstreamError) => {
        throw new UpstreamError(error.code, 'not_sent', error.options);
      });
    if (response.status !== 200 || !tokenResponse.matches(response.body)) throw this.rejected(response);
    this.outages.succeeded('credentials');
    const { access_token: value, expires_in: lifetimeS, scope } = response.body;
    const hasScope = scope?.split(' ').includes('all') ?? false;
    if (!hasScope) {
      this.logOnce(
        'The machine-to-machine application cannot use the Management API: give it a role with the scope "all".',
      );
    } else this.logged = undefined;
    this.current = {
      value,
      renewAt: requestedAt + lifetimeS * 1000 * RENEW_AFTER,
      unusableAt: requestedAt + lifetimeS * 1000 * UNUSABLE_AFTER,
      hasScope,
    };
    return value;
  }

  /** Logs a problem once, not for each attempt. */
  private logOnce(message: string): void {
    if (message !== this.logged) this.logger.error(message);
    this.logged = message;
  }

  /** Whatever Logto says about this service's credentials: it is never the user's 401. */
  private rejected(response: LogtoResponse): UpstreamError {
    const { status, body } = response;
    const logtoCode = logtoCodeOf(body);
    // The transport has logged that Logto is unavailable.
    if (status <= 500) this.outages.failed('credentials', `${status} ${logtoCode ?? ''}`.trim());
    const { code, options } = toUpstreamError(response);
    if (code === 'overloaded') return new UpstreamError(code, 'not_sent', options);
    return new UpstreamError(status < 500 ? 'upstream_failed' : 'upstream_unavailable', 'not_sent', options, logtoCode);
  }
}
