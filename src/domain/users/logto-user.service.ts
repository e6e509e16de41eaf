import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/config/clock.js';
import { ProblemError } from '../../platform/errors/problem-error.js';
import type { LogtoUser } from '../../platform/management-api/logto-user.js';
import { ManagementApiService } from '../../platform/management-api/management-api.service.js';
import { UpstreamError } from '../../platform/management-api/upstream-error.js';
import { LogtoUserCache } from './logto-user-cache.js';
import { UserRowRepository, type UserRow } from './user-row.repository.js';

/** A read of Logto that has started. See LogtoUserService.awaitUser. */
export interface PendingRead {
  readonly userId: string;
  readonly user: Promise<LogtoUser>;
  /** When it started, in milliseconds since the epoch: the age of a cached user counts from here. */
  readonly at: number;
  /** The same by `performance.now()`, to compare with a row's `unchangedSince`. */
  readonly startedAt: number;
}

/** A user from the cache or from Logto. */
export interface CachedRead {
  readonly user: LogtoUser;
  /** False if Logto was called. */
  readonly cached: boolean;
  /** Set if the user was too old but Logto is unavailable: the time since it was read, in milliseconds. */
  readonly staleMs?: number;
}

/**
 * Reads users from Logto. Every route reads the user here or under the lease, because an access token stays valid until it expires,
 * even if its user is suspended or deleted. All methods throw `account_not_found`, `account_suspended`, or an UpstreamError.
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

  /** Always calls Logto. For writes, and for creating and consuming proofs. */
  async readFresh(userId: string): Promise<LogtoUser> {
    return this.awaitUser(this.startRead(userId));
  }

  /** As `readFresh`. `at`: when Logto responded, in seconds since the epoch, by its clock. */
  async readTimed(userId: string): Promise<{ user: LogtoUser; at: number }> {
    const { user, at } = await this.logto
      .getTimedUser(userId)
      .catch((error: unknown) => this.dropIfUnknown(userId, error));
    return { user: requireActive(user), at };
  }

  /**
   * The cached user if it is valid, otherwise Logto's. Concurrent reads of a user share one call. If Logto is unavailable, a cached user
   * that is too old otherwise is returned.
   */
  async readCached(userId: string): Promise<LogtoUser> {
    return (await this.readCachedUnder(await this.rows.read(userId), userId)).user;
  }

  /** As `readCached`, with the user's row that was just read. */
  async readCachedUnder(row: UserRow, userId: string): Promise<CachedRead> {
    const cached = this.cache.get(userId, row);
    if (cached) return { user: requireActive(cached), cached: true };
    // Without a row there is no version to bump, so a change during the read would go unnoticed.
    if (!row.exists) await this.rows.ensure(userId);
    const read = this.shareRead(userId, row.unchangedSince);
    try {
      const user = await this.result(read);
      this.cache.set(user, row, read.at);
      return { user: requireActive(user), cached: false };
    } catch (error) {
      const stale = this.findStale(userId, row, error);
      if (!stale) throw error;
      return stale;
    }
  }

  /** Whether the user may be cached; the row decides. */
  mayBeCached(userId: string): boolean {
    return this.cache.has(userId);
  }

  /** The cached user under a row that was just read, if it is valid. Does not call Logto. */
  findCached(row: UserRow, userId: string): LogtoUser | undefined {
    const cached = this.cache.get(userId, row);
    return cached && requireActive(cached);
  }

  /** The cached user, even if it is too old, if `error` says that Logto is unavailable. */
  findStale(userId: string, row: UserRow, error: unknown): CachedRead | undefined {
    const stale = isUnavailable(error) ? this.cache.getStale(userId, row) : undefined;
    return stale && { user: requireActive(stale.user), cached: true, staleMs: stale.ageMs };
  }

  /**
   * The user and the row as of one moment, for a user that is not cached: calls Logto, then reads the row once, which shows whether
   * anything changed in between. Undefined if the user may be cached, if something changed, or if the row does not exist yet.
   * @param options `fresh` calls Logto even if the user is cached or another read has started
   */
  async readConsistent(
    userId: string,
    { fresh }: { fresh: boolean },
  ): Promise<{ user: LogtoUser; row: UserRow; staleMs?: number } | undefined> {
    if (!this.rows.knows(userId) || (!fresh && this.cache.has(userId))) return undefined;
    const now = performance.now();
    const read = fresh ? this.startRead(userId) : this.shareRead(userId, -Infinity);
    let user: LogtoUser;
    try {
      user = await this.result(read);
    } catch (error) {
      if (!fresh) {
        const row = await this.rows.read(userId);
        const stale = this.findStale(userId, row, error);
        if (stale) return { ...stale, row };
      }
      // A read that started earlier may have failed for a reason that no longer applies.
      if (read.startedAt < now) return undefined;
      throw error;
    }
    const row = await this.rows.read(userId);
    if (!row.exists || row.unchangedSince >= read.startedAt) return undefined;
    this.cache.set(user, row, read.at);
    return { user: requireActive(user), row };
  }

  /** Starts a read whose result may be awaited later, or never. */
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

  /** Includes suspended users: they are cached too, because otherwise each of their requests would call Logto. */
  private async result({ userId, user }: PendingRead): Promise<LogtoUser> {
    return user.catch((error: unknown) => this.dropIfUnknown(userId, error));
  }

  private async dropIfUnknown(userId: string, error: unknown): Promise<never> {
    if (error instanceof ProblemError && error.code === 'account_not_found') await this.cache.dropUnknown(userId);
    throw error;
  }

  /** The current read if it started after `moment`, otherwise a new one. */
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

/** Whether Logto could not be reached or did not work. A full queue of this service, or Logto's rate limit, is no such failure. */
const isUnavailable = (error: unknown): boolean =>
  error instanceof UpstreamError &&
  ['upstream_unavailable', 'upstream_timeout', 'upstream_failed'].includes(error.code);
