import { Injectable } from '@nestjs/common';
import { eq, isNull, lte, or, sql } from 'drizzle-orm';
import { AppConfig } from '../../platform/config/app-config.js';
import { Clock } from '../../platform/config/clock.js';
import { Database } from '../../platform/database/database.js';
import { passwordLock } from '../../platform/database/schema.js';
import { ProblemError } from '../../platform/errors/problem-error.js';
import { refusalHeaders } from '../../platform/http/rate-limit-headers.js';

const MINUTE_MS = 60_000;
/** The longest lock is 2^11 minutes, about 34 hours. */
const MAX_DOUBLINGS = 11;

/** One try, counted as wrong until it turns out right. */
export type PasswordTry = typeof passwordLock.$inferSelect;

/**
 * Consecutive wrong passwords of a user, and the lock of 1, 2, 4, … minutes that follows each from the limit on. Always in
 * the database, never in Redis: a count that has no end must not be lost with a cache. One statement counts and locks, so
 * that neither racing tries nor replicas outrun it: after a lock one try goes through, not fifty.
 */
@Injectable()
export class PasswordLockService {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly config: AppConfig,
  ) {}

  /** Counts a try as wrong in advance. Throws too_many_attempts, uncounted, while the user is locked. */
  async begin(userId: string): Promise<PasswordTry> {
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

  /** The password was right: the count starts again. */
  async succeed(userId: string): Promise<void> {
    await this.database.db.delete(passwordLock).where(eq(passwordLock.userId, userId));
  }

  /** Nothing was compared: the try did not happen, nor the lock that it began. */
  async undo({ userId, lockedUntil }: PasswordTry): Promise<void> {
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
      headers: refusalHeaders({ name: 'wrong-passwords', quota, remaining: 0, resetMs }),
    });
  }
}
