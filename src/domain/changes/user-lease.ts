import { performance } from 'node:perf_hooks';
import type { Database, Db, Transaction } from '../../platform/database/database.js';
import type { JsonObject } from '../../platform/json/json.js';
import type { UserRow } from '../users/user-row.repository.js';
import type { LeaseTiming } from './lease-timing.js';
import type { PendingChange } from './pending-change.js';
import { changesRow, type RowChange, type UserLeaseRepository } from './user-lease.repository.js';
import { leaseUnavailable } from './user-queue.js';

/**
 * The lease of one user, held by this process: nobody else changes the user. Everything is written to the row only while the lease
 * is still ours; otherwise the methods throw `overloaded`.
 */
export class UserLease {
  /** A pending change must not be dropped by accident, so only its own end releases the lease. */
  private state: 'open' | 'pending' | 'over';
  private expiresAt: number;

  constructor(
    private readonly leases: UserLeaseRepository,
    private readonly timing: LeaseTiming,
    readonly userId: string,
    private readonly id: string,
    /** As it was when the lease was acquired. */
    readonly row: UserRow,
    acquiredAt: number,
  ) {
    this.state = row.pending ? 'pending' : 'open';
    this.expiresAt = acquiredAt + timing.leaseMs;
  }

  get pending(): PendingChange | undefined {
    return this.row.pending as PendingChange | undefined;
  }

  /** Renews the lease unless enough of it is left for so many calls to Logto. */
  async ensureTimeFor(calls: number): Promise<void> {
    const now = performance.now();
    if (this.expiresAt - now >= calls * this.timing.callMs) return;
    if (!(await this.leases.renew(this.userId, this.id, this.timing.leaseMs))) throw leaseUnavailable();
    this.expiresAt = now + this.timing.leaseMs;
  }

  /** Writes the change that is about to be made. The transaction may do more; it fails as a whole. */
  async writePending(
    database: Database,
    change: PendingChange,
    more: (tx: Transaction) => Promise<void>,
  ): Promise<void> {
    let complete = false;
    try {
      await database.db.transaction(async (tx) => {
        await more(tx);
        const written = await this.leases.writePending(tx, this.userId, this.id, change as unknown as JsonObject);
        if (!written) throw leaseUnavailable();
        complete = true;
      });
    } catch (error) {
      // A COMMIT whose connection was lost may have succeeded, with the proofs consumed: recovery finds out.
      if (complete) await this.abandon('atOnce');
      throw error;
    }
    this.state = 'pending';
  }

  /** Applies the row's part of the change and releases the lease. Returns the row's new version of fields. */
  async apply(change: RowChange, tx?: Transaction): Promise<number> {
    const lasting = tx !== undefined || this.state === 'pending' || changesRow(change);
    const version = await this.leases.apply(this.userId, this.id, change, { lasting, tx });
    if (version === undefined) throw leaseUnavailable();
    this.state = 'over';
    return version;
  }

  /** Drops the pending change, if any, and releases the lease. Only if it is certain that nothing of it was applied. */
  async release(db: Db | Transaction): Promise<void> {
    await this.leases.release(db, this.userId, this.id);
    this.state = 'over';
  }

  /**
   * Leaves the pending change to recovery: `atOnce`, or `onceSettled`, when a call of unknown outcome can no longer take effect and
   * somebody else may judge what became of it.
   */
  async abandon(when: 'atOnce' | 'onceSettled'): Promise<'abandoned'> {
    this.state = 'over';
    await this.leases.renew(this.userId, this.id, when === 'onceSettled' ? this.timing.unsettledMs : 0);
    return 'abandoned';
  }

  /** Releases a lease that was not used. A pending change keeps it until it expires. */
  async close(db: Db): Promise<void> {
    if (this.state === 'open') await this.release(db);
  }
}
