import { Injectable } from '@nestjs/common';
import { Clock } from '../config/clock.js';
import { ProblemError } from '../errors/problem-error.js';
import type { LogtoUser } from '../management-api/logto-user.js';
import { ManagementApiService } from '../management-api/management-api.service.js';
import { AccountCopies } from './account-copies.service.js';
import { UserRows, type UserRow } from './user-rows.service.js';

/**
 * The caller's account as Logto has it. Each route goes through here (or through the profile writer), because a
 * token stays valid until it expires although its user was suspended or deleted meanwhile. All methods throw
 * `account_not_found`, `account_suspended`, or the problem of reaching Logto.
 */
@Injectable()
export class AccountReader {
  private readonly inFlight = new Map<string, Promise<LogtoUser>>();

  constructor(
    private readonly logto: ManagementApiService,
    private readonly rows: UserRows,
    private readonly copies: AccountCopies,
    private readonly clock: Clock,
  ) {}

  /** Asks Logto. For writes, and for the making and using of proofs. */
  async fresh(userId: string): Promise<LogtoUser> {
    return active(await this.ask(userId));
  }

  /** A copy that still counts, or Logto's answer, which readers of one user at the same time share. */
  async recent(userId: string): Promise<LogtoUser> {
    return (await this.recentUnder(await this.rows.read(userId), userId)).user;
  }

  /** As `recent`, for one who has just read the user's row; `copied` tells whether Logto was spared. */
  async recentUnder(row: UserRow, userId: string): Promise<{ user: LogtoUser; copied: boolean }> {
    const copy = this.copies.get(userId, row);
    if (copy) return { user: active(copy), copied: true };

    // Whoever reads after a change was answered sees another version or lease, and shares no older answer.
    const moment = `${userId} ${row.version} ${row.lease ?? ''}`;
    let shared = this.inFlight.get(moment);
    if (!shared) {
      shared = this.askAndKeep(userId, row).finally(() => this.inFlight.delete(moment));
      this.inFlight.set(moment, shared);
    }
    return { user: active(await shared), copied: false };
  }

  private async askAndKeep(userId: string, row: UserRow): Promise<LogtoUser> {
    // Without a row there is no version to raise, and a change that comes now would go unnoticed.
    if (!row.exists && this.copies.enabled) await this.rows.ensure(userId);
    const askedAt = this.clock.now();
    const user = await this.ask(userId);
    this.copies.keep(user, row, askedAt);
    return user;
  }

  private async ask(userId: string): Promise<LogtoUser> {
    try {
      return await this.logto.getUser(userId);
    } catch (error) {
      if (error instanceof ProblemError && error.code === 'account_not_found') await this.copies.forget(userId);
      throw error;
    }
  }
}

function active(user: LogtoUser): LogtoUser {
  if (user.isSuspended) throw new ProblemError('account_suspended');
  return user;
}
