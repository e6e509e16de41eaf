import { Injectable } from '@nestjs/common';
import { eq, isNull, lte, or, sql } from 'drizzle-orm';
import { AppConfig } from '../../platform/config/app-config.js';
import { Clock } from '../../platform/config/clock.js';
import { Database } from '../../platform/database/database.js';
import { passwordLock } from '../../platform/database/schema.js';
import { ProblemError } from '../../platform/errors/problem-error.js';
import { rejectionHeaders } from '../../platform/http/rate-limit-headers.js';

const MINUTE_MS = 60_000;
/** The longest lock is 2^11 minutes, about 34 hours. */
const MAX_DOUBLINGS = 11;

/** An attempt, counted as wrong until the password proves correct. */
export type PasswordAttempt = typeof passwordLock.$inferSelect;

/**
 * Counts consecutive wrong passwords of a user. From the limit on, each of them locks the user for 1, 2, 4, … minutes.
 * The count is always in the database, never in Redis: it does not expire, so it must not be lost with a cache. One
 * statement counts and locks, so that concurrent attempts cannot bypass it: after a lock, one attempt is allowed, not
 * fifty.
 */
@Injectable()
export class PasswordLockService {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly config: AppConfig,
  ) {}

  /** Counts an attempt as wrong in advance. Throws `too_many_attempts` without counting while the user is locked. */
  async begin(userId: string): Promise<PasswordAttempt> {
    const allowed = this.config.limits.passwordAttempts;
    const now = new Date(this.clock.now());
    const at = sql`${now.toISOString()}::timestamptz`;
    const failures = sql`${passwordLock.failures} + 1`;
    const doublings = sql`least(${failures} - ${allowed}, ${MAX_DOUBLINGS})`;
    const [counted] = await this.database.db
      .insert(passwordLock)
      .values({ userId, failures: 1, lockedUntil: allowed <= 1 ? new Date(now.getTime() + MINUTE_MS) : null })
      .onConflictDoUpdate({
        target: passwordLock.userId,
        set: {
          failures,
          lockedUntil: sql`case when ${failures} >= ${allowed} then ${at} + power(2, ${doublings}) * interval '1 minute' end`,
        },
        setWhere: or(isNull(passwordLock.lockedUntil), lte(passwordLock.lockedUntil, now)),
      })
      .returning();
    if (!counted) throw await this.locked(userId, now);
    return counted;
  }

  /** Resets the count after the correct password. */
  async succeed(userId: string): Promise<void> {
    await this.database.db.delete(passwordLock).where(eq(passwordLock.userId, userId));
  }

  /** Removes an attempt in which nothing was compared, and the lock that it caused. */
  async undo({ userId, lockedUntil }: PasswordAttempt): Promise<void> {
    await this.database.db
      .update(passwordLock)
      .set({
        failures: sql`greatest(${passwordLock.failures} - 1, 0)`,
        ...(lockedUntil && {
          lockedUntil: sql`nullif(${passwordLock.lockedUntil}, ${lockedUntil.toISOString()}::timestamptz)`,
        }),
      })
      .where(eq(passwordLock.userId, userId));
  }

  private async locked(userId: string, now: Date): Promise<ProblemError> {
    const [row] = await this.database.db.select().from(passwordLock).where(eq(passwordLock.userId, userId));
    const resetMs = Math.max(0, (row?.lockedUntil?.getTime() ?? 0) - now.getTime());
    const quota = this.config.limits.passwordAttempts;
    return new ProblemError('too_many_attempts', {
      headers: rejectionHeaders({ name: 'wrong-passwords', quota, remaining: 0, resetMs }),
    });
  }
}
