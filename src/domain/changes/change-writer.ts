import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import { asUnknownOutcome, DependencyError, isKnownNotApplied } from '../../platform/errors/dependency-error.js';
import { ProblemError } from '../../platform/errors/problem-error.js';
import { ManagementApiService } from '../../platform/management-api/management-api.service.js';
import type { SendGuard } from '../../platform/management-api/send-guard.js';
import { FieldStores } from '../fields/stores/field-stores.js';
import type { UserState } from '../fields/user-state.js';
import { ProofService, type ProofSelection } from '../proofs/proof.service.js';
import { CrashPoints } from './crash-points.js';
import type { CheckedChange, PendingChange } from './pending-change.js';
import type { UserLease } from './user-lease.js';
import { changesRow, type Revocation, type RowChange } from './user-lease.repository.js';

export interface CallOptions {
  readonly revocation?: Revocation;
  readonly proofs: readonly ProofSelection[];
  readonly areProofsSpent?: () => boolean;
}

/** How much of a change the stores have. */
interface Progress {
  state: UserState;
  /** Whether a store has some of it already. */
  applied: boolean;
}

/**
 * Writes a change to every store that it concerns, all or nothing. No transaction is open during a call to a store.
 *
 * One call, or one statement here, is atomic by itself. Anything more is first written to the user's row as a pending change, in the
 * transaction that consumes the proofs; then the calls are made; then one statement applies the row's part and clears the pending
 * change.
 */
@Injectable()
export class ChangeWriter {
  private readonly logger = new Logger(ChangeWriter.name);

  constructor(
    private readonly database: Database,
    private readonly stores: FieldStores,
    private readonly logto: ManagementApiService,
    private readonly proofs: ProofService,
    private readonly crashPoints: CrashPoints,
  ) {}

  /**
   * @returns the state after the change
   * @throws what a store rejected: then nothing has changed in any store, and the proofs are usable again. Or, with an unknown
   *   outcome, what kept the change from being completed: then recovery completes or reverts it.
   */
  async write(lease: UserLease, { state, target, before, record, proofs }: CheckedChange): Promise<UserState> {
    const calls = this.stores.calls(state, target);
    const row = { ...record, values: this.stores.toRow(target) };
    const result = (reached: UserState, fieldsVersion: number): UserState => ({
      ...this.stores.withRowValues(reached, target),
      fieldsVersion,
    });
    if (calls.length === 0) return result(state, await this.changeRow(lease, row, proofs));
    const changeId = randomUUID();
    const [onlyCall] = calls;
    if (onlyCall && calls.length === 1 && proofs.length === 0 && !changesRow(row)) {
      const reached = await this.makeOnlyCall(lease, (guard) => onlyCall(state, { changeId, guard }));
      return result(reached, await this.finishCalls(lease, row));
    }

    const pending: PendingChange = {
      changeId,
      target: this.stores.calledValues(target),
      before: this.stores.calledValues(before),
      row,
      proofs: proofs.flatMap(({ hashes }) => hashes),
    };
    await this.writePending(lease, pending, proofs);
    const progress: Progress = { state, applied: false };
    try {
      await this.makeCalls(lease, pending, progress);
    } catch (error) {
      throw (await this.undo(lease, pending, progress, error)) ? error : asUnknownOutcome(error);
    }
    return result(progress.state, await this.finishCalls(lease, row));
  }

  /**
   * Makes a call to Logto that changes no value of the document: a new password, a removed factor. What it revokes is pending before
   * the call, so that a crash never leaves the call made and an intruder's proofs valid. Until an unknown outcome is settled, nobody
   * can use a proof, because that needs the lease.
   * @param options `areProofsSpent` says, after a rejection, that the proofs stay consumed although nothing has changed
   * @param keep what the row keeps once the call has succeeded
   * @throws what Logto or `call` rejected: then the proofs are usable again. Or an unknown outcome: then recovery revokes.
   */
  async writeByCall<T>(
    lease: UserLease,
    { revocation, proofs, areProofsSpent = () => false }: CallOptions,
    call: (guard: SendGuard) => Promise<T>,
    keep: (result: T) => Pick<RowChange, 'activity' | 'revocation'>,
  ): Promise<T> {
    const pending: PendingChange = {
      changeId: randomUUID(),
      target: {},
      before: {},
      row: { revocation },
      proofs: proofs.flatMap(({ hashes }) => hashes),
    };
    await this.writePending(lease, pending, proofs);
    let result: T;
    try {
      result = await this.call(lease, call);
    } catch (error) {
      if (!isKnownNotApplied(error)) throw asUnknownOutcome(error);
      await this.drop(lease, areProofsSpent() ? { ...pending, proofs: [] } : pending);
      throw error;
    }
    await this.finishCalls(lease, { revocation, ...keep(result) });
    return result;
  }

  /** Consumes the proofs and keeps this in the row, all or nothing, if nothing changes at Logto. Throws `step_up_required`. */
  async writeRow(
    lease: UserLease,
    row: Pick<RowChange, 'activity' | 'revocation'>,
    proofs: readonly ProofSelection[],
  ): Promise<void> {
    await this.changeRow(lease, row, proofs);
  }

  /**
   * Resumes a pending change that an earlier holder of the lease abandoned; drops it if a store rejects it. Throws if a store cannot
   * be called, or if the outcome is unknown again.
   */
  async resume(lease: UserLease, pending: PendingChange): Promise<void> {
    const user = await this.logto.getUser(lease.userId).catch(async (error: unknown) => {
      if (isGone(error)) await this.drop(lease, pending);
      throw error;
    });
    const { fields, fieldsVersion } = lease.row;
    const state = { user, fields, fieldsVersion, loaded: await this.stores.load(lease.userId) };
    const progress: Progress = { state, applied: this.isPartlyApplied(state, pending) };
    try {
      await this.makeCalls(lease, pending, progress);
    } catch (error) {
      if (await this.undo(lease, pending, progress, error)) return;
      throw error;
    }
    await this.finish(lease, pending.row);
  }

  private async writePending(
    lease: UserLease,
    pending: PendingChange,
    proofs: readonly ProofSelection[],
  ): Promise<void> {
    try {
      await lease.writePending(this.database, pending, async (tx) => {
        for (const proof of proofs) await this.proofs.consume(tx, proof);
      });
    } catch (error) {
      throw isUnknown(error) ? asUnknownOutcome(error) : error;
    }
    await this.crashPoints.hit('pendingWritten', lease.userId);
  }

  private async changeRow(lease: UserLease, row: RowChange, proofs: readonly ProofSelection[]): Promise<number> {
    try {
      if (proofs.length === 0) return await this.finish(lease, row);
      return await this.database.db.transaction(async (tx) => {
        for (const proof of proofs) await this.proofs.consume(tx, proof);
        return lease.apply(row, tx);
      });
    } catch (error) {
      throw isUnknown(error) ? asUnknownOutcome(error) : error;
    }
  }

  private async makeOnlyCall(lease: UserLease, call: (guard: SendGuard) => Promise<UserState>): Promise<UserState> {
    try {
      return await this.call(lease, call);
    } catch (error) {
      throw isKnownNotApplied(error) ? error : asUnknownOutcome(error);
    }
  }

  private async makeCalls(lease: UserLease, { changeId, target }: PendingChange, progress: Progress): Promise<void> {
    for (const call of this.stores.calls(progress.state, target)) {
      progress.state = await this.call(lease, (guard) => call(progress.state, { changeId, guard }));
      progress.applied = true;
    }
  }

  /** Whether a call of the change was made: fewer calls lead to the target now than before the change. */
  private isPartlyApplied(state: UserState, { target, before }: PendingChange): boolean {
    const all = this.stores.calls(this.stores.withValues(state, before), target);
    return this.stores.calls(state, target).length < all.length;
  }

  /**
   * Reverts a change that a store rejected, and drops it. False if it is left to recovery, because its outcome is unknown or the stores
   * cannot be called now.
   */
  private async undo(
    lease: UserLease,
    pending: PendingChange,
    { state, applied }: Progress,
    error: unknown,
  ): Promise<boolean> {
    if (!(error instanceof DependencyError) || error.outcome === 'unknown') return false;
    if (applied && !isGone(error)) {
      if (error.outcome === 'not_sent' || !isAboutValues(error)) return false;
      try {
        await this.revert(lease, pending, state);
      } catch (revertError) {
        this.logger.warn(
          `A change that was rejected in part could not be reverted yet: ${(revertError as Error).message}`,
        );
        return false;
      }
    }
    await this.drop(lease, pending);
    return true;
  }

  private async revert(lease: UserLease, { changeId, before }: PendingChange, state: UserState): Promise<void> {
    let present = state;
    for (const call of this.stores.calls(state, before)) {
      const from = present;
      present = await this.call(lease, (guard) => call(from, { changeId: `${changeId}-reverted`, guard }));
    }
  }

  /**
   * Drops the pending change and makes its proofs usable again.
   * @throws with an unknown outcome if the database fails or another replica has the lease: the change is then resumed
   */
  private async drop(lease: UserLease, pending: PendingChange): Promise<void> {
    try {
      await lease.drop(this.database, (tx) => this.proofs.restore(tx, pending.proofs));
    } catch (error) {
      throw asUnknownOutcome(error);
    }
  }

  private call<T>(lease: UserLease, call: (guard: SendGuard) => Promise<T>): Promise<T> {
    return lease.call(async (guard) => {
      await this.crashPoints.hit('beforeCall', lease.userId);
      const result = await call(guard);
      await this.crashPoints.hit('afterCall', lease.userId);
      return result;
    });
  }

  /** Ends a change whose calls were made, so that a failure here leaves its outcome unknown to the caller. */
  private async finishCalls(lease: UserLease, row: RowChange): Promise<number> {
    try {
      return await this.finish(lease, row);
    } catch (error) {
      throw asUnknownOutcome(error);
    }
  }

  private async finish(lease: UserLease, row: RowChange): Promise<number> {
    await this.crashPoints.hit('beforeFinish', lease.userId);
    const version = await lease.apply(row);
    await this.crashPoints.hit('finished', lease.userId);
    return version;
  }
}

const isUnknown = (error: unknown): boolean => error instanceof DependencyError && error.outcome === 'unknown';

const isGone = (error: unknown): boolean => error instanceof ProblemError && error.code === 'account_not_found';

/** Rejected because of its values, and not because of the caller or the rate: it would be rejected again. */
const isAboutValues = ({ code }: ProblemError): boolean =>
  ['identifier_taken', 'validation_failed', 'upstream_failed'].includes(code);
