import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../platform/config/app-config.js';
import { ProblemError } from '../../platform/errors/problem-error.js';
import { AccessTokenStrategy, type Credentials } from './access-token.strategy.js';
import type { Caller } from './caller.js';
import { RevocationService } from './revocation.service.js';
import { TrafficLimitService } from './traffic-limit.service.js';

/** The checks before the body of a request is read: the access token, its revocation, the application, the general rate limit. */
@Injectable()
export class AuthenticatorService {
  constructor(
    private readonly strategy: AccessTokenStrategy,
    private readonly revocation: RevocationService,
    private readonly limit: TrafficLimitService,
    private readonly config: AppConfig,
  ) {}

  /**
   * Authenticates the credentials of a request from `ip`.
   * @returns the caller, and headers for the response
   * @throws ProblemError `invalid_token`, `client_not_allowed`, `rate_limited`, `overloaded`, `upstream_unavailable`,
   *   `database_unavailable`
   */
  async authenticate(
    credentials: Credentials,
    ip: string,
  ): Promise<{ caller: Caller; headers: Record<string, string> }> {
    const claims = await this.strategy.verify(credentials);
    const caller = { ...claims, ip, row: await this.revocation.check(claims) };
    // Before the limit: an application that is not allowed must not consume the user's requests.
    const { allowedClientIds } = this.config;
    if (allowedClientIds.length > 0 && !allowedClientIds.includes(caller.clientId)) {
      throw new ProblemError('client_not_allowed');
    }
    return { caller, headers: this.limit.take(caller) };
  }
}
