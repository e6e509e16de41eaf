import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { UserRowRepository } from '../users/user-row.repository.js';
import { Database } from '../../platform/database/database.js';
import { ChangeWriter } from './change-writer.js';
import { CrashPoints } from './crash-points.js';
import { LeaseTiming } from './lease-timing.js';
import { UserLease } from './user-lease.js';
import { leaseUnavailable, UserQueue } from './user-queue.js';

/** Longest wait between two looks at another replica's lease, in milliseconds. */
const MAX_PAUSE_MS = 100;

/**
 * One user's changes one after the other: in this process by a queue, among replicas by the lease in the user's row. Whoever
 * gets the turn first makes good what a crashed one left behind.
 */
@Injectable()
export class UserLeaseService {
  private readonly logger = new Logger(UserLeaseService.name);
  private readonly queue = new UserQueue();

  constructor(
    private readonly rows: UserRowRepository,
    private readonly database: Database,
    private readonly commit: ChangeWriter,
    private readonly timing: LeaseTiming,
    private readonly steps: CrashPoints,
  ) {}

  /**
   * Runs `work` in the user's turn. Throws `overloaded` when the turn does not come in time, else what `work` throws.
   * @param meanwhile called once those before are done, while the lease is being taken
   */
  run<T>(userId: string, work: (turn: UserLease) => Promise<T>, meanwhile?: () => void): Promise<T> {
    return this.queue.run(userId, async () => {
      meanwhile?.();
      const turn = await this.cleanTurn(userId);
      try {
        await this.steps.reached('leaseTaken', userId);
        return await work(turn);
      } finally {
        await turn.end(this.database.db).catch((error: Error) => {
          this.logger.warn(`A lease was not given back, and will run out: ${error.message}`);
        });
      }
    });
  }

  /** Makes good what a crashed writer of this user left behind. */
  recover(userId: string): Promise<void> {
    return this.run(userId, () => Promise.resolve());
  }

  private async cleanTurn(userId: string): Promise<UserLease> {
    for (;;) {
      const turn = await this.take(userId);
      if (!turn.pending) return turn;
      await this.commit.redo(turn, turn.pending);
    }
  }

  private async take(userId: string): Promise<UserLease> {
    const lease = randomUUID();
    const giveUpAt = performance.now() + this.timing.patienceMs;
    for (let pause = 5; ; pause = Math.min(pause * 1.5, MAX_PAUSE_MS)) {
      const now = performance.now();
      const row = await this.rows.take(userId, lease, this.timing.leaseMs);
      if (row) return new UserLease(this.rows, this.timing, userId, lease, row, now);
      if (now >= giveUpAt) throw leaseUnavailable();
      // At random, so that two replicas do not keep step with each other.
      await delay(pause * (0.5 + Math.random()));
    }
  }
}
