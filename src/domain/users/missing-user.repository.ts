import { Injectable } from '@nestjs/common';
import { and, asc, gt, inArray, isNotNull, isNull, sql } from 'drizzle-orm';
import { Database } from '../../platform/database/database.js';
import { profileUser } from '../../platform/database/schema.js';

/** A user with a row in this database. */
export interface KnownUser {
  readonly userId: string;
  /** When reconciliation first found that Logto does not know the user. */
  readonly missingSince: Date | null;
}

const PAGE_SIZE = 1_000;

/** Which users of this database are marked as missing at Logto. */
@Injectable()
export class MissingUserRepository {
  constructor(private readonly database: Database) {}

  /** All users of this database, page by page. */
  async *pages(): AsyncGenerator<KnownUser[]> {
    let last = '';
    for (;;) {
      const page = await this.database.db
        .select({ userId: profileUser.userId, missingSince: profileUser.missingSince })
        .from(profileUser)
        .where(gt(profileUser.userId, last))
        .orderBy(asc(profileUser.userId))
        .limit(PAGE_SIZE);
      if (page.length === 0) return;
      yield page;
      last = page.at(-1)!.userId;
    }
  }

  /** Marks users as missing since `at`, unless they are marked already. */
  async mark(userIds: readonly string[], at: Date): Promise<void> {
    for (const batch of inBatches(userIds)) {
      await this.database.db
        .update(profileUser)
        .set({ missingSince: at })
        .where(and(inArray(profileUser.userId, batch), isNull(profileUser.missingSince)));
    }
  }

  async unmark(userIds: readonly string[]): Promise<void> {
    for (const batch of inBatches(userIds)) {
      await this.database.db
        .update(profileUser)
        .set({ missingSince: null })
        .where(and(inArray(profileUser.userId, batch), isNotNull(profileUser.missingSince)));
    }
  }

  /**
   * Whether this replica should run a job now: true for one replica in each interval.
   * @param intervalMs how long after one run the next one is due
   */
  async claimRun(job: string, now: Date, intervalMs: number): Promise<boolean> {
    const next = new Date(now.getTime() + intervalMs);
    const result = await this.database.db.execute(
      sql`insert into logto_profile.job_run (job, due_at) values (${job}, ${next.toISOString()}::timestamptz)
          on conflict (job) do update set due_at = excluded.due_at where job_run.due_at <= ${now.toISOString()}::timestamptz
          returning 1`,
    );
    return (result as unknown as { rows: unknown[] }).rows.length === 1;
  }
}

function* inBatches(userIds: readonly string[]): Generator<string[]> {
  for (let start = 0; start < userIds.length; start += PAGE_SIZE) yield userIds.slice(start, start + PAGE_SIZE);
}
