import { Injectable } from '@nestjs/common';
import { eq } from 'drizzle-orm';
import { LRUCache } from 'lru-cache';
import { AppConfig } from '../../platform/config/app-config.js';
import { Clock } from '../../platform/config/clock.js';
import { Database } from '../../platform/database/database.js';
import {
  activity,
  codeRequest,
  idempotencyKey,
  passwordLock,
  profileUser,
  signInNonce,
  verificationRecord,
} from '../../platform/database/schema.js';
import type { LogtoUser } from '../../platform/management-api/logto-user.js';
import { UserRowRepository, type UserRow } from './user-row.repository.js';
import { WebhookArrivalsService } from './webhook-arrivals.service.js';

interface CachedUser {
  readonly user: LogtoUser;
  /** The row's version when the read of Logto started. */
  readonly logtoVersion: number;
  /** When it started, in milliseconds since the epoch. */
  readonly readAt: number;
}

const MAX_USERS = 50_000;
/** Of the users as JSON. Parsed, they use two to three times as much memory. */
const MAX_BYTES = 32 * 1024 * 1024;

/**
 * Logto's users in memory. A cached user is valid only while the user's row has the version that it was read under, no change has called
 * Logto since, and it is younger than `CACHE_MAX_AGE_MS`. So replicas do not need to notify each other.
 */
@Injectable()
export class LogtoUserCache {
  private readonly users = new LRUCache<string, CachedUser>({
    max: MAX_USERS,
    maxSize: MAX_BYTES,
    sizeCalculation: ({ user }) => JSON.stringify(user).length,
  });

  constructor(
    private readonly rows: UserRowRepository,
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly config: AppConfig,
    private readonly webhooks: WebhookArrivalsService,
  ) {}

  /** The cached user, if it is valid. @param row read for this request */
  get(userId: string, row: UserRow): LogtoUser | undefined {
    const cached = this.unchanged(userId, row);
    return cached && this.isYoung(cached) ? cached.user : undefined;
  }

  /**
   * The cached user for a time when Logto is unavailable: unchanged as far as this service knows, and last read within
   * `STALE_IF_ERROR_S`.
   */
  getStale(userId: string, row: UserRow): { user: LogtoUser; ageMs: number } | undefined {
    const cached = this.unchanged(userId, row);
    const ageMs = cached && this.clock.now() - cached.readAt;
    return ageMs !== undefined && ageMs <= this.config.staleIfErrorMs ? { user: cached!.user, ageMs } : undefined;
  }

  /** Whether the user may be cached, so that reading the row could save a call to Logto. */
  has(userId: string): boolean {
    const cached = this.users.get(userId);
    return cached !== undefined && this.isYoung(cached);
  }

  /** Caches the result of a read of Logto that started at `readAt`, when the row was `row`. */
  set(user: LogtoUser, row: UserRow, readAt: number): void {
    // Under a lease Logto's user may change after it was read, and the version is bumped only at the end.
    if (this.maxAgeMs === 0 || row.lease || row.pending) return;
    const { logtoVersion } = row;
    const present = this.users.peek(user.id);
    // Readers that share a read would each measure the size of the user.
    if (present?.user !== user || present.logtoVersion !== logtoVersion) {
      this.users.set(user.id, { user, logtoVersion, readAt });
    }
  }

  /** Invalidates the cached user on every replica, after Logto's user has changed. */
  async invalidate(userId: string): Promise<void> {
    this.users.delete(userId);
    await this.rows.bumpLogtoVersion(userId);
  }

  /** Drops a cached user that Logto does not know. Stored data stays until `erase`, which webhooks and reconciliation call. */
  async dropUnknown(userId: string): Promise<void> {
    this.users.delete(userId);
    await this.rows.removeEmpty(userId);
  }

  /** Erases all data of a user that Logto has deleted. */
  async erase(userId: string): Promise<void> {
    this.users.delete(userId);
    await this.database.db.transaction(async (tx) => {
      for (const table of [
        profileUser,
        verificationRecord,
        codeRequest,
        signInNonce,
        passwordLock,
        idempotencyKey,
        activity,
      ]) {
        await tx.delete(table).where(eq(table.userId, userId));
      }
    });
  }

  private unchanged(userId: string, row: UserRow): CachedUser | undefined {
    const cached = this.users.get(userId);
    // A missing row was erased together with its user, who may still be cached on other replicas.
    if (!cached || !row.exists || (row.lease && row.callStarted)) return undefined;
    const version = row.lease ? row.logtoVersion - 2 : row.logtoVersion;
    return cached.logtoVersion === version ? cached : undefined;
  }

  private isYoung({ readAt }: CachedUser): boolean {
    return this.clock.now() - readAt < this.maxAgeMs;
  }

  private get maxAgeMs(): number {
    return this.webhooks.areArriving ? this.config.cacheMaxAgeWithWebhooksMs : this.config.cacheMaxAgeMs;
  }
}
