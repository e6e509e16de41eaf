import { Injectable, Logger } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { Clock } from '../config/clock.js';
import { isToken } from './answer-shapes.js';
import { logtoCodeOf } from './error-mapping.js';
import { LogtoTransport } from './logto-transport.js';
import { UpstreamError } from './upstream-error.js';

interface MachineToken {
  readonly value: string;
  /** From here on a new one is fetched beside it. Both in milliseconds since the epoch. */
  readonly renewAt: number;
  /** From here on it may expire on its way. */
  readonly uselessAt: number;
}

/** Parts of a token's life: Logto's is an hour, so it is renewed 6 minutes before its end, and not used in the last. */
const RENEW_AFTER = 0.9;
const USELESS_AFTER = 59 / 60;

/**
 * The machine-to-machine access token for the Management API (client_credentials, RFC 6749 section 4.4, with a
 * resource indicator, RFC 8707). One request at a time, shared by all who wait; renewed in the background before it ends.
 */
@Injectable()
export class MachineTokenService {
  private readonly logger = new Logger(MachineTokenService.name);
  private current: MachineToken | undefined;
  private pending: Promise<string> | undefined;

  constructor(
    private readonly transport: LogtoTransport,
    private readonly config: AppConfig,
    private readonly clock: Clock,
  ) {}

  /**
   * A token that is good for at least a while. Throws UpstreamError, always `not_sent`: `upstream_failed` when Logto rejects the
   * credential, otherwise as the transport does. `deadlineAt` by `performance.now()`.
   */
  async get(deadlineAt: number): Promise<string> {
    const now = this.clock.now();
    if (!this.current || now >= this.current.uselessAt) return this.renew(deadlineAt);
    if (now >= this.current.renewAt) this.renew(deadlineAt).catch(() => undefined);
    return this.current.value;
  }

  /** Discards a token that Logto rejected with 401; does nothing if it has been replaced already. */
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
    const answer = await this.transport
      .send({
        kind: 'token',
        method: 'POST',
        path: '/oidc/token',
        headers: {
          // RFC 6749 section 2.3.1: both parts form-encoded first.
          authorization: `Basic ${btoa(`${encodeURIComponent(m2mAppId)}:${encodeURIComponent(m2mAppSecret)}`)}`,
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          resource: managementApiResource,
          scope: 'all',
        }).toString(),
        // Each request mints one more token and takes none away.
        repeatable: true,
        deadlineAt,
      })
      .catch((error: UpstreamError) => {
        throw new UpstreamError(error.code, 'not_sent', error.options);
      });
    if (answer.status !== 200 || !isToken(answer.body)) throw this.refused(answer.status, answer.body);
    const { access_token: value, expires_in: lifeS, scope } = answer.body;
    if (!scope?.split(' ').includes('all')) {
      this.logger.error('The machine application may not use the Management API: give it a role with the scope "all".');
    }
    this.current = {
      value,
      renewAt: requestedAt + lifeS * 1000 * RENEW_AFTER,
      uselessAt: requestedAt + lifeS * 1000 * USELESS_AFTER,
    };
    return value;
  }

  private refused(status: number, body: unknown): UpstreamError {
    const logtoCode = logtoCodeOf(body);
    this.logger.error(`Logto gives no machine token: ${status} ${logtoCode ?? ''}`);
    return new UpstreamError(status >= 500 ? 'upstream_unavailable' : 'upstream_failed', 'not_sent', {}, logtoCode);
  }
}
