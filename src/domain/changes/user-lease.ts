import { performance } from 'node:perf_hooks';
import type { Database, Db, Transaction } from '../../platform/database/database.js';
import type { JsonObject } from '../../platform/json/json.js';
import type { UserRow } from '../users/user-row.repository.js';
import type { LeaseTiming } from './lease-timing.js';
import type { PendingChange } from './pending-change.js';
import { changesRow, type RowChange, type UserLeaseRepository } from './user-lease.repository.js';
import { leaseUnavailable } from './user-queue.js';

/**
 * The lease of one user, held by this process: nobody else changes the user. The methods write to the row only while the lease is
 * ours, and otherwise throw `overloaded`.
 */
export class UserLease {
  /** `pending`: only the end of the pending change releases the lease. */
  private state: 'unused' | 'pending' | 'ended';
  private expiresAt: number;

  constructor(
    private readonly leases: UserLeaseRepository,
    private readonly timing: LeaseTiming,
    readonly userId: string,
    private readonly id: string,
    /** The row when the lease was acquired. */
    readonly row: UserRow,
    acquiredAt: number,
  ) {
    this.state = row.pending ? 'pending' : 'unused';
    this.expiresAt = acquiredAt + timing.leaseMs;
  }

  get pending(): PendingChange | undefined {
    return this.row.pending as PendingChange | undefined;
  }

  /** Renews the lease unless enough time is left for this number of calls to Logto. */
  async ensureTimeFor(calls: number): Promise<void> {
    const now = performance.now();
    if (this.expiresAt - now >= calls * this.timing.callMs) return;
    if (!(await this.leases.renew(this.userId, this.id, this.timing.leaseMs))) throw leaseUnavailable();
    this.expiresAt = now + this.timing.leaseMs;
  }

  /** Records a change before it is made. @param more runs in the same transaction */
  async writePending(
    database: Database,
    change: PendingChange,
    more: (tx: Transaction) => Promise<void>,
  ): Promise<void> {
    await database.db.transaction(async (tx) => {
      await more(tx);
      const written = await this.leases.writePending(tx, this.userId, this.id, change as unknown as JsonObject);
      if (!written) throw leaseUnavailable();
    });
    this.state = 'pending';
  }

  /** Applies the row's part of the change and releases the lease. @returns the new `fields_version` */
  async apply(change: RowChange, tx?: Transaction): Promise<number> {
    const durable = tx !== undefined || this.state === 'pending' || changesRow(change);
    const version = await this.leases.apply(this.userId, this.id, change, { durable, tx });
    if (version === undefined) throw leaseUnavailable();
    this.state = 'ended';
    return version;
  }

  /** Releases the lease and drops a pending change. Call it only if nothing of the change was applied. */
  async release(db: Db | Transaction): Promise<void> {
    await this.leases.release(db, this.userId, this.id);
    this.state = 'ended';
  }

  /**
   * Leaves the pending change to recovery: `atOnce`, or `onceSettled`, when a call with an unknown outcome can no longer take effect.
   */
  async abandon(when: 'atOnce' | 'onceSettled'): Promise<void> {
    this.state = 'ended';
    await this.leases.renew(this.userId, this.id, when === 'onceSettled' ? this.timing.unsettledMs : 0);
  }

  /** Releases an unused lease. With a pending change, the lease stays until it expires. */
  async close(db: Db): Promise<void> {
    if (this.state === 'unused') await this.release(db);
  }
}
