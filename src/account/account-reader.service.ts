import { Injectable } from '@nestjs/common';
import { ProblemError } from '../errors/problem-error.js';
import type { LogtoUser } from '../management-api/logto-user.js';
import { ManagementApiService } from '../management-api/management-api.service.js';

/**
 * The caller's account as Logto has it. Each route goes through here (or through the profile writer), because a
 * token stays valid until it expires although its user was suspended or deleted meanwhile.
 */
@Injectable()
export class AccountReader {
  private readonly inFlight = new Map<string, Promise<LogtoUser>>();

  constructor(private readonly logto: ManagementApiService) {}

  /** Asks Logto. Throws `account_not_found`, `account_suspended`, or the problem of reaching Logto. */
  async fresh(userId: string): Promise<LogtoUser> {
    return active(await this.logto.getUser(userId));
  }

  /** As `fresh`, but reads of one user at the same time share one call. */
  async recent(userId: string): Promise<LogtoUser> {
    let shared = this.inFlight.get(userId);
    if (!shared) {
      shared = this.logto.getUser(userId).finally(() => this.inFlight.delete(userId));
      this.inFlight.set(userId, shared);
    }
    return active(await shared);
  }
}

function active(user: LogtoUser): LogtoUser {
  if (user.isSuspended) throw new ProblemError('account_suspended');
  return user;
}
