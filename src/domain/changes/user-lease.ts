import type { Database, Transaction } from '../../platform/database/database.js';
import { isKnownNotApplied } from '../../platform/errors/dependency-error.js';
import type { JsonObject } from '../../platform/json/json.js';
import type { SendGuard } from '../../platform/management-api/send-guard.js';
import type { UserRow } from '../users/user-row.repository.js';
import type { LeaseTiming } from './lease-timing.js';
import type { PendingChange } from './pending-change.js';
import { changesRow, type LeaseUse, type RowChange, type UserLeaseRepository } from './user-lease.repository.js';
import { leaseUnavailable } from './user-queue.js';

/**
 * The lease of one user, held by this process: nobody else changes the user. It is short, and renewed until it is closed. During a call
 * it lasts longer, by the time for which a call may still take effect after a crash of this process. The methods write to the row only
 * while the lease is ours, and otherwise throw `overloaded`.
 */
export class UserLease implements SendGuard {
  /** `pending`: only the end of the pending change releases the lease. */
  private state: 'unused' | 'pending' | 'ended';
  /** Until when this process may send a call. All times are by `performance.now()`. */
  private validUntil: number;
  /** Until when a call of ours may take effect. */
  private unsettledUntil = 0;
  private isCalling = false;
  /** Whether a store was called, by this holder or by the one that abandoned the pending change. */
  private called: boolean;
  /** Of the present call: how many requests were sent and have no response. Undefined if the store does not use this guard. */
  private openRequests: number | undefined;
  private renewal: Promise<void> | undefined;
  private readonly timer: NodeJS.Timeout;

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
    this.called = row.pending !== undefined;
    this.validUntil = acquiredAt + timing.leaseMs;
    // A failed renewal is tried again; until one succeeds, calls may be sent only while the lease is valid.
    const renew = () =>
      (this.renewal ??= this.renew()
        .catch(() => undefined)
        .finally(() => (this.renewal = undefined)));
    this.timer = setInterval(() => void renew(), timing.renewEveryMs).unref();
  }

  get pending(): PendingChange | undefined {
    return this.row.pending as PendingChange | undefined;
  }

  maySend(): boolean {
    const now = performance.now();
    if (this.state === 'ended' || now >= this.validUntil) return false;
    this.openRequests = (this.openRequests ?? 0) + 1;
    this.unsettledUntil = now + this.timing.unsettledMs;
    return true;
  }

  onResponse(): void {
    this.openRequests = (this.openRequests ?? 0) - 1;
  }

  /**
   * Makes a call that changes something in a store.
   * @param make passes the guard on to Logto's API; another store is called immediately
   */
  async call<T>(make: (guard: SendGuard) => Promise<T>): Promise<T> {
    this.isCalling = true;
    this.called = true;
    this.openRequests = undefined;
    try {
      // A renewal that is under way would shorten the lease.
      await this.renewal;
      await this.renew();
      if (performance.now() >= this.validUntil) throw leaseUnavailable();
      this.unsettledUntil = performance.now() + this.timing.unsettledMs;
      const result = await make(this);
      this.unsettledUntil = 0;
      return result;
    } catch (error) {
      if (isKnownNotApplied(error) || this.openRequests === 0) this.unsettledUntil = 0;
      throw error;
    } finally {
      this.isCalling = false;
    }
  }

  /** Records a change before it is made. @param more runs in the same transaction */
  async writePending(
    database: Database,
    change: PendingChange,
    more: (tx: Transaction) => Promise<void>,
  ): Promise<void> {
    // If the connection is lost during COMMIT, the change may be recorded.
    this.state = 'pending';
    try {
      await database.db.transaction(async (tx) => {
        await more(tx);
        const written = await this.leases.writePending(tx, this.userId, this.id, change as unknown as JsonObject);
        if (!written) throw leaseUnavailable();
      });
    } catch (error) {
      if (isKnownNotApplied(error)) this.state = 'unused';
      throw error;
    }
  }

  /** Applies the row's part of the change and releases the lease. @returns the new `fields_version` */
  async apply(change: RowChange, tx?: Transaction): Promise<number> {
    const durable = tx !== undefined || this.state === 'pending' || changesRow(change);
    const version = await this.leases.apply(this.userId, this.id, change, { durable, tx, ...this.use });
    if (version === undefined) throw leaseUnavailable();
    this.end();
    return version;
  }

  /**
   * Drops the pending change and releases the lease. Call it only if nothing of the change was applied.
   * @param more runs in the same transaction
   */
  async drop(database: Database, more: (tx: Transaction) => Promise<void>): Promise<void> {
    await database.db.transaction(async (tx) => {
      await more(tx);
      if (!(await this.leases.release(this.userId, this.id, this.use, tx))) throw leaseUnavailable();
    });
    this.end();
  }

  /**
   * Ends the use of the lease, and releases it unless a change is pending: recovery resumes that change. If a call may still take
   * effect, the lease lasts until it no longer can.
   */
  async close(): Promise<void> {
    if (this.state === 'ended') return;
    const isPending = this.state === 'pending';
    this.end();
    await this.renewal;
    const settlesInMs = this.settlesInMs;
    if (isPending || settlesInMs > 0) await this.leases.expire(this.userId, this.id, settlesInMs);
    else await this.leases.release(this.userId, this.id, this.use);
  }

  private get use(): LeaseUse {
    return { acquired: this.row.logtoVersion, called: this.called };
  }

  private get settlesInMs(): number {
    return Math.max(0, this.unsettledUntil - performance.now());
  }

  private end(): void {
    this.state = 'ended';
    clearInterval(this.timer);
  }

  private async renew(): Promise<void> {
    const now = performance.now();
    const { leaseMs, unsettledMs } = this.timing;
    const settlesInMs = this.isCalling ? unsettledMs : this.settlesInMs;
    const renewal = [this.userId, this.id, leaseMs + settlesInMs, this.called] as const;
    const isOurs = (await this.leases.renew(...renewal)) || (await this.leases.renewExpired(...renewal));
    this.validUntil = isOurs ? now + leaseMs : 0;
    if (!isOurs) throw leaseUnavailable();
  }
}
