import { Injectable } from '@nestjs/common';
import { AccessTokenStrategy, type Credentials } from './access-token.strategy.js';
import type { Caller } from './caller.js';
import { RevocationService } from './revocation.service.js';
import { TrafficLimitService } from './traffic-limit.service.js';

/** What a request must pass before its body is read: the access token, revocation, the general limit. */
@Injectable()
export class AuthenticatorService {
  constructor(
    private readonly strategy: AccessTokenStrategy,
    private readonly revocation: RevocationService,
    private readonly limit: TrafficLimitService,
  ) {}

  /**
   * Who sends these credentials from `ip`.
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
