import { performance } from 'node:perf_hooks';
import type { RowChange, UserRow, UserRowRepository } from '../users/user-row.repository.js';
import type { Database, Db, Transaction } from '../../platform/database/database.js';
import type { JsonObject } from '../../platform/json/json.js';
import type { PendingChange } from './pending-change.js';
import type { LeaseTiming } from './lease-timing.js';
import { leaseUnavailable } from './user-queue.js';

/**
 * One user's lease in our hands: nobody else changes that user meanwhile. All that a turn writes to the row is written only
 * while the lease is still ours.
 */
export class UserLease {
  /** While something is pending, only its end may give the lease back: it must not be forgotten. */
  private state: 'open' | 'pending' | 'over';
  private until: number;

  constructor(
    private readonly rows: UserRowRepository,
    private readonly timing: LeaseTiming,
    readonly userId: string,
    private readonly lease: string,
    /** As it was when the lease was taken. */
    readonly row: UserRow,
    takenAt: number,
  ) {
    this.state = row.pending ? 'pending' : 'open';
    this.until = takenAt + timing.leaseMs;
  }

  get pending(): PendingChange | undefined {
    return this.row.pending as unknown as PendingChange | undefined;
  }

  /** Makes the lease long enough for so many calls to Logto. Throws when it was lost. */
  async secure(calls: number): Promise<void> {
    const now = performance.now();
    if (this.until - now >= calls * this.timing.callMs) return;
    if (!(await this.rows.extend(this.userId, this.lease, this.timing.leaseMs))) throw leaseUnavailable();
    this.until = now + this.timing.leaseMs;
  }

  /** Writes what is about to happen. The transaction may do more; it fails as a whole. */
  async begin(database: Database, change: PendingChange, more: (tx: Transaction) => Promise<void>): Promise<void> {
    let complete = false;
    try {
      await database.db.transaction(async (tx) => {
        await more(tx);
        const written = await this.rows.setPending(tx, this.userId, this.lease, change as unknown as JsonObject);
        if (!written) throw leaseUnavailable();
        complete = true;
      });
    } catch (error) {
      // A connection that is lost at COMMIT may have written it, and taken the proofs: dropping it now would lose them.
      if (complete) await this.leave('untilAsked');
      throw error;
    }
    this.state = 'pending';
  }

  /** Applies the row's part, and ends the turn. Gives the row's new version of fields. */
  async finish(change: RowChange, tx?: Transaction): Promise<number> {
    const lasting = tx !== undefined || this.state === 'pending' || touchesRow(change);
    const version = await this.rows.finish(this.userId, this.lease, change, { lasting, tx });
    if (version === undefined) throw leaseUnavailable();
    this.state = 'over';
    return version;
  }

  /** Drops what is pending, if anything, and ends the turn; for when it is certain that nothing of it has happened. */
  async drop(db: Db | Transaction): Promise<void> {
    await this.rows.release(db, this.userId, this.lease);
    this.state = 'over';
  }

  /**
   * Ends the turn with what is pending left in place. Until it is settled: for as long as a call of unknown outcome may still
   * land, nobody else may change or judge anything. Until asked: whoever comes next goes on with it.
   */
  async leave(until: 'untilSettled' | 'untilAsked'): Promise<'left'> {
    this.state = 'over';
    await this.rows.extend(this.userId, this.lease, until === 'untilSettled' ? this.timing.unsettledMs : 0);
    return 'left';
  }

  /** Ends the turn where nothing else has. What is pending stays for whoever meets it after the lease. */
  async end(db: Db): Promise<void> {
    if (this.state === 'open') await this.drop(db);
  }
}

/** Whether the row has more to keep than a line of history, which may be lost with a crash. */
export const touchesRow = ({ set, remove, idempotency, revocation }: RowChange): boolean =>
  Object.keys(set).length + remove.length > 0 || idempotency !== undefined || revocation !== undefined;
