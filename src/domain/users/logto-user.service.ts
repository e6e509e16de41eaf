import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/config/clock.js';
import { ProblemError } from '../../platform/errors/problem-error.js';
import type { LogtoUser } from '../../platform/management-api/logto-user.js';
import { ManagementApiService } from '../../platform/management-api/management-api.service.js';
import { LogtoUserCache } from './logto-user-cache.js';
import { UserRowRepository, type UserRow } from './user-row.repository.js';

/** A read of Logto that has started. See LogtoUserService.awaitUser. */
export interface PendingRead {
  readonly userId: string;
  readonly user: Promise<LogtoUser>;
  /** When it started: by the clock, in milliseconds since the epoch, for the age of a cached user. */
  readonly at: number;
  /** The same by `performance.now()`, to compare with a row's `unchangedSince`. */
  readonly startedAt: number;
}

/**
 * The user at Logto. Every route reads it here or under the lease, because an access token stays valid until it expires although its
 * user was suspended or deleted. All methods throw `account_not_found`, `account_suspended`, or the problem of calling Logto.
 */
@Injectable()
export class LogtoUserService {
  private readonly shared = new Map<string, PendingRead>();

  constructor(
    private readonly logto: ManagementApiService,
    private readonly rows: UserRowRepository,
    private readonly cache: LogtoUserCache,
    private readonly clock: Clock,
  ) {}

  /** Calls Logto. For writes, and for creating and using proofs. */
  async readFresh(userId: string): Promise<LogtoUser> {
    return this.awaitUser(this.startRead(userId));
  }

  /** The cached user if it still counts, otherwise Logto's, in one call for all who read this user at the same time. */
  async readCached(userId: string): Promise<LogtoUser> {
    return (await this.readCachedUnder(await this.rows.read(userId), userId)).user;
  }

  /** As `readCached`, with the user's row as it has just been read; `cached` says whether Logto was spared. */
  async readCachedUnder(row: UserRow, userId: string): Promise<{ user: LogtoUser; cached: boolean }> {
    const cached = this.cache.get(userId, row);
    if (cached) return { user: requireActive(cached), cached: true };
    // Without a row there is no version to bump, and a change that comes now would go unnoticed.
    if (!row.exists) await this.rows.ensure(userId);
    const read = this.shareRead(userId, row.unchangedSince);
    const user = await this.result(read);
    this.cache.set(user, row, read.at);
    return { user: requireActive(user), cached: false };
  }

  /**
   * The user with the row of the same moment, if the cache cannot help: calls Logto first, then looks at the row once, which says
   * whether anything changed in between. Undefined if the user may be cached, if something did change, or if there is no row yet.
   * @param options `fresh` calls Logto even if the user is cached or is being read already
   */
  async readConsistent(
    userId: string,
    { fresh }: { fresh: boolean },
  ): Promise<{ user: LogtoUser; row: UserRow } | undefined> {
    if (!this.rows.knows(userId) || (!fresh && this.cache.has(userId))) return undefined;
    const now = performance.now();
    const read = fresh ? this.startRead(userId) : this.shareRead(userId, -Infinity);
    const user = await this.result(read).catch((error: unknown) => {
      // A read that started earlier may have failed for a reason that no longer holds.
      if (read.startedAt >= now) throw error;
    });
    if (!user) return undefined;
    const row = await this.rows.read(userId);
    if (!row.exists || row.unchangedSince >= read.startedAt) return undefined;
    this.cache.set(user, row, read.at);
    return { user: requireActive(user), row };
  }

  /** Calls Logto for a caller that awaits the user later, if at all. */
  startRead(userId: string): PendingRead {
    const [at, startedAt] = [this.clock.now(), performance.now()];
    const user = this.logto.getUser(userId);
    user.catch(() => undefined); // Handled where it is awaited.
    return { userId, at, startedAt, user };
  }

  /** The result of a read that has started. */
  async awaitUser(read: PendingRead): Promise<LogtoUser> {
    return requireActive(await this.result(read));
  }

  /** Suspended users too: they are cached like others, or each of their requests would cost a call to Logto. */
  private async result({ userId, user }: PendingRead): Promise<LogtoUser> {
    try {
      return await user;
    } catch (error) {
      if (error instanceof ProblemError && error.code === 'account_not_found') await this.cache.dropUnknown(userId);
      throw error;
    }
  }

  /** The read that is under way if it started after `moment`, otherwise a new one. */
  private shareRead(userId: string, moment: number): PendingRead {
    const present = this.shared.get(userId);
    if (present && present.startedAt > moment) return present;
    const read = this.startRead(userId);
    this.shared.set(userId, read);
    const end = () => this.shared.get(userId) === read && this.shared.delete(userId);
    read.user.then(end, end);
    return read;
  }
}

function requireActive(user: LogtoUser): LogtoUser {
  if (user.isSuspended) throw new ProblemError('account_suspended');
  return user;
}
