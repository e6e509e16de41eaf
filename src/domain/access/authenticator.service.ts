import { Injectable } from '@nestjs/common';
import { AccessTokenStrategy, type Credentials } from './access-token.strategy.js';
import type { Caller } from './caller.js';
import { RevocationService } from './revocation.service.js';
import { TrafficLimitService } from './traffic-limit.service.js';

/** The checks before the body of a request is read: the access token, its revocation, and the general rate limit. */
@Injectable()
export class AuthenticatorService {
  constructor(
    private readonly strategy: AccessTokenStrategy,
    private readonly revocation: RevocationService,
    private readonly limit: TrafficLimitService,
  ) {}

  /**
   * Authenticates the credentials of a request from `ip`.
   * @returns the caller, and headers for the response
   * @throws ProblemError `invalid_token`, `rate_limited`, `upstream_unavailable`, `database_unavailable`
   */
  async authenticate(
    credentials: Credentials,
    ip: string,
  ): Promise<{ caller: Caller; headers: Record<string, string> }> {
    const claims = await this.strategy.verify(credentials);
    const caller = { ...claims, ip, row: await this.revocation.check(claims) };
    return { caller, headers: this.limit.take(caller) };
  }
}
