import { Injectable, Logger } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import type { LogtoUser } from '../../platform/management-api/logto-user.js';
import { ManagementApiService } from '../../platform/management-api/management-api.service.js';
import { asUnknownOutcome, UpstreamError, type CallOutcome } from '../../platform/management-api/upstream-error.js';
import { ProofService, type ProofSelection } from '../proofs/proof.service.js';
import { callsTowards, noLogtoValues, reachedInPart, type LogtoCall } from './logto-values.js';
import { CrashPoints } from './crash-points.js';
import type { CheckedChange, PendingChange } from './pending-change.js';
import { changesRow, type UserLease } from './user-lease.js';
import type { Revocation, RowChange } from './user-lease.repository.js';

/** The state of the stores that a change leads to. */
export interface WrittenChange {
  readonly user: LogtoUser;
  readonly fieldsVersion: number;
}

/** How much of a change Logto has. */
interface Progress {
  user: LogtoUser;
  /** Whether Logto has some of it already. */
  applied: boolean;
}

/**
 * Writes a change to every store that it concerns, all or nothing. No transaction is open during a call to Logto.
 *
 * One call to Logto, or one statement here, is atomic by itself. Anything more is first written to the user's row as a pending change,
 * in the transaction that consumes the proofs; then the calls to Logto are made; then one statement applies the row's part and clears
 * the pending change.
 */
@Injectable()
export class ChangeWriter {
  private readonly logger = new Logger(ChangeWriter.name);

  constructor(
    private readonly database: Database,
    private readonly logto: ManagementApiService,
    private readonly proofs: ProofService,
    private readonly crashPoints: CrashPoints,
  ) {}

  /**
   * @throws what Logto rejected: then nothing has changed in any store, and the proofs are usable again. Or, with an unknown
   *   outcome, what kept the change from being completed: then recovery completes or reverts it.
   */
  async write(lease: UserLease, change: CheckedChange): Promise<WrittenChange> {
    const calls = callsTowards(change.user, change.logto);
    const proofs = change.proofs.flatMap(({ hashes }) => hashes);
    if (calls.length === 0) return { user: change.user, fieldsVersion: await this.changeRow(lease, change) };
    if (calls.length === 1 && proofs.length === 0 && !changesRow(change.row)) {
      const user = await this.changeLogto(lease, calls[0]!, change.user);
      return { user, fieldsVersion: await this.finish(lease, change.row) };
    }

    const pending: PendingChange = { logto: change.logto, before: change.before, row: change.row, proofs };
    await this.writePending(lease, pending, change.proofs);
    const progress: Progress = { user: change.user, applied: false };
    try {
      await this.callLogto(lease, pending, progress);
    } catch (error) {
      const isAbandoned = (await this.giveUp(lease, pending, progress, error)) === 'abandoned';
      throw isAbandoned ? asUnknownOutcome(error) : error;
    }
    return { user: progress.user, fieldsVersion: await this.finish(lease, pending.row) };
  }

  /**
   * Makes a call to Logto that changes no value of the document: a new password, a removed factor. What it revokes is pending before
   * the call, so that a crash never leaves the call made and an intruder's proofs valid. Until an unknown outcome is settled, nobody
   * can use a proof, because that needs the lease.
   * @param keep what the row keeps once the call has succeeded
   * @throws what Logto rejected: then the proofs are usable again. Or an unknown outcome: then recovery revokes.
   */
  async writeByCall<T>(
    lease: UserLease,
    { revocation, proofs }: { revocation?: Revocation; proofs: readonly ProofSelection[] },
    call: () => Promise<T>,
    keep: (result: T) => Pick<RowChange, 'activity' | 'revocation'>,
  ): Promise<T> {
    const [logto, before] = [noLogtoValues(), noLogtoValues()];
    const hashes = proofs.flatMap((proof) => proof.hashes);
    const pending: PendingChange = { logto, before, row: { set: {}, remove: [], revocation }, proofs: hashes };
    await this.writePending(lease, pending, proofs);
    let result: T;
    try {
      // Time for two calls: one that hashes a password may wait in the password queue for as long again.
      result = await this.call(lease, call, 2);
    } catch (error) {
      if (outcomeOf(error) === 'unknown') {
        await lease.abandon('onceSettled');
        throw asUnknownOutcome(error);
      }
      await this.drop(lease, pending);
      throw error;
    }
    await this.finish(lease, { set: {}, remove: [], revocation, ...keep(result) });
    return result;
  }

  /** Consumes the proofs and keeps this in the row, all or nothing, if nothing changes at Logto. Throws `step_up_required`. */
  async writeRow(
    lease: UserLease,
    row: Pick<RowChange, 'activity' | 'revocation'>,
    proofs: readonly ProofSelection[],
  ): Promise<void> {
    await this.changeRow(lease, { row: { set: {}, remove: [], ...row }, proofs });
  }

  /**
   * Resumes a pending change that an earlier holder of the lease abandoned; drops it if Logto rejects it. Throws if Logto cannot be
   * called, or if the outcome is unknown again.
   */
  async resume(lease: UserLease, pending: PendingChange): Promise<void> {
    const user = await this.logto.getUser(lease.userId).catch(async (error: unknown) => {
      if (!isGone(error)) await lease.abandon('atOnce');
      else await this.drop(lease, pending);
      throw error;
    });
    const progress: Progress = { user, applied: reachedInPart(user, pending.logto, pending.before) };
    try {
      await this.callLogto(lease, pending, progress);
    } catch (error) {
      if ((await this.giveUp(lease, pending, progress, error)) === 'dropped') return;
      throw error;
    }
    await this.finish(lease, pending.row);
  }

  private async writePending(
    lease: UserLease,
    pending: PendingChange,
    proofs: readonly ProofSelection[],
  ): Promise<void> {
    await lease.writePending(this.database, pending, async (tx) => {
      for (const proof of proofs) await this.proofs.consume(tx, proof);
    });
    await this.crashPoints.hit('pendingWritten', lease.userId);
  }

  private async changeRow(lease: UserLease, { row, proofs }: Pick<CheckedChange, 'row' | 'proofs'>): Promise<number> {
    if (proofs.length === 0) return this.finish(lease, row);
    return this.database.db.transaction(async (tx) => {
      for (const proof of proofs) await this.proofs.consume(tx, proof);
      return lease.apply(row, tx);
    });
  }

  private async changeLogto(lease: UserLease, call: LogtoCall, user: LogtoUser): Promise<LogtoUser> {
    try {
      return await this.call(lease, () => call(this.logto, user));
    } catch (error) {
      if (outcomeOf(error) !== 'unknown') throw error;
      await lease.abandon('onceSettled');
      throw asUnknownOutcome(error);
    }
  }

  private async callLogto(lease: UserLease, pending: PendingChange, progress: Progress): Promise<void> {
    for (const call of callsTowards(progress.user, pending.logto)) {
      progress.user = await this.call(lease, () => call(this.logto, progress.user));
      progress.applied = true;
    }
  }

  /** Reverts what can be reverted; otherwise leaves the change to recovery. */
  private async giveUp(
    lease: UserLease,
    pending: PendingChange,
    { user, applied }: Progress,
    error: unknown,
  ): Promise<'dropped' | 'abandoned'> {
    const outcome = outcomeOf(error);
    if (outcome === 'unknown') return lease.abandon('onceSettled');
    if (applied && !isGone(error)) {
      if (outcome === 'not_sent' || !isAboutValues(error)) return lease.abandon('atOnce');
      try {
        for (const call of callsTowards(user, pending.before)) await this.call(lease, () => call(this.logto, user));
      } catch (revertError) {
        this.logger.warn(
          `A change that Logto rejected in part could not be reverted yet: ${(revertError as Error).message}`,
        );
        return lease.abandon('onceSettled');
      }
    }
    return this.drop(lease, pending);
  }

  private async drop(lease: UserLease, pending: PendingChange): Promise<'dropped'> {
    await this.database.db.transaction(async (tx) => {
      await this.proofs.restore(tx, pending.proofs);
      await lease.release(tx);
    });
    return 'dropped';
  }

  private async call<T>(lease: UserLease, call: () => Promise<T>, calls = 1): Promise<T> {
    await lease.ensureTimeFor(calls);
    await this.crashPoints.hit('beforeCall', lease.userId);
    const result = await call();
    await this.crashPoints.hit('afterCall', lease.userId);
    return result;
  }

  private async finish(lease: UserLease, row: RowChange): Promise<number> {
    await this.crashPoints.hit('beforeFinish', lease.userId);
    const version = await lease.apply(row);
    await this.crashPoints.hit('finished', lease.userId);
    return version;
  }
}

const outcomeOf = (error: unknown): CallOutcome => (error instanceof UpstreamError ? error.outcome : 'unknown');

const isGone = (error: unknown): boolean => error instanceof UpstreamError && error.code === 'account_not_found';

/** Rejected because of its values, and not because of the caller or the rate: it would be rejected again. */
const isAboutValues = (error: unknown): boolean =>
  error instanceof UpstreamError && ['identifier_taken', 'validation_failed', 'upstream_failed'].includes(error.code);
