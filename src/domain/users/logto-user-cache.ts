import { Injectable } from '@nestjs/common';
import { eq } from 'drizzle-orm';
import { LRUCache } from 'lru-cache';
import { AppConfig } from '../../platform/config/app-config.js';
import { Clock } from '../../platform/config/clock.js';
import { Database } from '../../platform/database/database.js';
import {
  activity,
  codeSend,
  idempotencyKey,
  passwordLock,
  profileUser,
  signInNonce,
  verificationRecord,
} from '../../platform/database/schema.js';
import type { LogtoUser } from '../../platform/management-api/logto-user.js';
import { UserRowRepository, type UserRow } from './user-row.repository.js';

interface Copy {
  readonly user: LogtoUser;
  /** The row's version when Logto was asked. */
  readonly version: number;
  /** When Logto was asked, in milliseconds since the epoch. */
  readonly askedAt: number;
}

const MAX_COPIES = 50_000;
/** Of the copies as JSON; parsed, they take two to three times as much. */
const MAX_BYTES = 32 * 1024 * 1024;

/**
 * Copies of Logto's part of users, in memory. One counts only while the version in the user's row is still the one it was
 * made under, nobody holds the user's lease, and it is younger than the bound; so a replica needs no word from another.
 */
@Injectable()
export class LogtoUserCache {
  private readonly copies = new LRUCache<string, Copy>({
    max: MAX_COPIES,
    maxSize: MAX_BYTES,
    sizeCalculation: ({ user }) => JSON.stringify(user).length,
  });

  constructor(
    private readonly rows: UserRowRepository,
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly config: AppConfig,
  ) {}

  /** The copy, when it still counts; `row` was read for this request. */
  get(userId: string, row: UserRow): LogtoUser | undefined {
    const copy = this.copies.get(userId);
    // A row that is gone was erased with its account, and other replicas may still hold copies from before.
    if (!copy || !row.exists || row.lease || copy.version !== row.version) return undefined;
    return this.age(copy) < this.config.cacheMaxAgeMs ? copy.user : undefined;
  }

  /** Whether there is one that the user's row could make count: without, there is no need to look at the row first. */
  has(userId: string): boolean {
    const copy = this.copies.get(userId);
    return copy !== undefined && this.age(copy) < this.config.cacheMaxAgeMs;
  }

  /** Keeps what Logto answered when it was asked at `askedAt`; the version was that of `row` then. */
  keep(user: LogtoUser, row: UserRow, askedAt: number): void {
    // Under a lease Logto's part may change after it was read, and the version is raised only at the end.
    if (this.config.cacheMaxAgeMs === 0 || row.lease || row.pending) return;
    const { version } = row;
    const present = this.copies.peek(user.id);
    // Readers who share an answer need not each have it measured.
    if (present?.user !== user || present.version !== version) this.copies.set(user.id, { user, version, askedAt });
  }

  /** Logto's part has changed, as a webhook or an own call says: no replica's copy counts any more. */
  async invalidate(userId: string): Promise<void> {
    this.copies.delete(userId);
    await this.rows.raise(userId);
  }

  /** Logto knows no such user; what is kept of one is left for `erase`, which the webhook of a deletion calls. */
  async forget(userId: string): Promise<void> {
    this.copies.delete(userId);
    await this.rows.removeEmpty(userId);
  }

  /** The account is gone: so is everything kept about it here. */
  async erase(userId: string): Promise<void> {
    this.copies.delete(userId);
    await this.database.db.transaction(async (tx) => {
      for (const table of [
        profileUser,
        verificationRecord,
        codeSend,
        signInNonce,
        passwordLock,
        idempotencyKey,
        activity,
      ]) {
        await tx.delete(table).where(eq(table.userId, userId));
      }
    });
  }

  private age({ askedAt }: Copy): number {
    return this.clock.now() - askedAt;
  }
}
