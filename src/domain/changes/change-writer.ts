import { Injectable, Logger } from '@nestjs/common';
import type { Revocation, RowChange } from '../users/user-row.repository.js';
import { Database } from '../../platform/database/database.js';
import type { LogtoUser } from '../../platform/management-api/logto-user.js';
import { ManagementApiService } from '../../platform/management-api/management-api.service.js';
import { asUnknownOutcome, UpstreamError, type CallOutcome } from '../../platform/management-api/upstream-error.js';
import { ProofService, type ProofSelection } from '../proofs/proof.service.js';
import { callsTowards, noLogtoValues, reachedInPart, type LogtoCall } from './logto-values.js';
import { CrashPoints } from './crash-points.js';
import type { CheckedChange, PendingChange } from './pending-change.js';
import { touchesRow, type UserLease } from './user-lease.js';

/** What a change has made. */
export interface Committed {
  readonly user: LogtoUser;
  readonly fieldsVersion: number;
}

/** How far a change has come at Logto. */
interface Progress {
  user: LogtoUser;
  /** Some of it is there. */
  landed: boolean;
}

/**
 * Makes a change in every store it concerns, whole or not at all. No transaction is open while Logto answers.
 *
 * One call to Logto, or one statement here, is whole by itself. Anything more is written to the user's row first (`pending`,
 * in one transaction with the taking of proofs), then made at Logto, then applied here and cleared in one statement.
 */
@Injectable()
export class ChangeWriter {
  private readonly logger = new Logger(ChangeWriter.name);

  constructor(
    private readonly database: Database,
    private readonly logto: ManagementApiService,
    private readonly proofs: ProofService,
    private readonly steps: CrashPoints,
  ) {}

  /**
   * Throws what Logto refused: then nothing has changed in any store, and the proofs are usable again. Or that the outcome
   * is unknown or the rest has to wait: then it is finished, or undone, by whoever comes next.
   */
  async commit(turn: UserLease, change: CheckedChange): Promise<Committed> {
    const calls = callsTowards(change.user, change.logto);
    const proofs = change.proofs.flatMap(({ hashes }) => hashes);
    if (calls.length === 0) return { user: change.user, fieldsVersion: await this.changeRow(turn, change) };
    if (calls.length === 1 && proofs.length === 0 && !touchesRow(change.row)) {
      const user = await this.changeLogto(turn, calls[0]!, change.user);
      return { user, fieldsVersion: await this.finish(turn, change.row) };
    }

    const pending: PendingChange = { logto: change.logto, before: change.before, row: change.row, proofs };
    await this.begin(turn, pending, change.proofs);
    const progress: Progress = { user: change.user, landed: false };
    try {
      await this.carryOut(turn, pending, progress);
    } catch (error) {
      const left = (await this.stop(turn, pending, progress, error)) === 'left';
      throw left ? asUnknownOutcome(error) : error;
    }
    return { user: progress.user, fieldsVersion: await this.finish(turn, pending.row) };
  }

  /**
   * Makes a call to Logto that changes no value of the document: a new password, a factor removed. What it revokes is pending
   * before the call, so that no crash leaves the call made and an intruder's proofs valid; until an unknown outcome is settled,
   * nobody can use a proof, since that takes the lease.
   * @param keep what the row keeps once the call has succeeded
   * @throws what Logto rejected: then the proofs are usable again. Or that the outcome is unknown: then what it revokes is revoked.
   */
  async perform<T>(
    turn: UserLease,
    { revocation, proofs }: { revocation?: Revocation; proofs: readonly ProofSelection[] },
    call: () => Promise<T>,
    keep: (result: T) => Pick<RowChange, 'activity' | 'revocation'>,
  ): Promise<T> {
    const [logto, before] = [noLogtoValues(), noLogtoValues()];
    const hashes = proofs.flatMap((proof) => proof.hashes);
    const pending: PendingChange = { logto, before, row: { set: {}, remove: [], revocation }, proofs: hashes };
    await this.begin(turn, pending, proofs);
    let result: T;
    try {
      // Twice: a password waits for its turn for as long again.
      result = await this.call(turn, call, 2);
    } catch (error) {
      if (outcomeOf(error) === 'unknown') {
        await turn.leave('untilSettled');
        throw asUnknownOutcome(error);
      }
      await this.drop(turn, pending);
      throw error;
    }
    await this.finish(turn, { set: {}, remove: [], revocation, ...keep(result) });
    return result;
  }

  /** Consumes proofs and keeps this in the row, all or nothing, where nothing changes at Logto. Throws `step_up_required`. */
  async record(
    turn: UserLease,
    row: Pick<RowChange, 'activity' | 'revocation'>,
    proofs: readonly ProofSelection[],
  ): Promise<void> {
    await this.changeRow(turn, { row: { set: {}, remove: [], ...row }, proofs });
  }

  /**
   * Makes the change that an earlier turn left behind, from where it stopped; drops it when Logto refuses it. Throws
   * when Logto cannot be asked, or leaves the outcome open again.
   */
  async redo(turn: UserLease, pending: PendingChange): Promise<void> {
    const user = await this.logto.getUser(turn.userId).catch(async (error: unknown) => {
      if (!isGone(error)) await turn.leave('untilAsked');
      else await this.drop(turn, pending);
      throw error;
    });
    const progress: Progress = { user, landed: reachedInPart(user, pending.logto, pending.before) };
    try {
      await this.carryOut(turn, pending, progress);
    } catch (error) {
      if ((await this.stop(turn, pending, progress, error)) === 'dropped') return;
      throw error;
    }
    await this.finish(turn, pending.row);
  }

  private async begin(turn: UserLease, pending: PendingChange, proofs: readonly ProofSelection[]): Promise<void> {
    await turn.begin(this.database, pending, async (tx) => {
      for (const proof of proofs) await this.proofs.take(tx, proof);
    });
    await this.steps.reached('pendingWritten', turn.userId);
  }

  private async changeRow(turn: UserLease, { row, proofs }: Pick<CheckedChange, 'row' | 'proofs'>): Promise<number> {
    if (proofs.length === 0) return this.finish(turn, row);
    return this.database.db.transaction(async (tx) => {
      for (const proof of proofs) await this.proofs.take(tx, proof);
      return turn.finish(row, tx);
    });
  }

  private async changeLogto(turn: UserLease, call: LogtoCall, user: LogtoUser): Promise<LogtoUser> {
    try {
      return await this.call(turn, () => call(this.logto, user));
    } catch (error) {
      if (outcomeOf(error) !== 'unknown') throw error;
      await turn.leave('untilSettled');
      throw asUnknownOutcome(error);
    }
  }

  private async carryOut(turn: UserLease, pending: PendingChange, progress: Progress): Promise<void> {
    for (const call of callsTowards(progress.user, pending.logto)) {
      progress.user = await this.call(turn, () => call(this.logto, progress.user));
      progress.landed = true;
    }
  }

  private async stop(
    turn: UserLease,
    pending: PendingChange,
    { user, landed }: Progress,
    error: unknown,
  ): Promise<'dropped' | 'left'> {
    const outcome = outcomeOf(error);
    if (outcome === 'unknown') return turn.leave('untilSettled');
    if (landed && !isGone(error)) {
      if (outcome === 'not_sent' || !isAboutValues(error)) return turn.leave('untilAsked');
      try {
        for (const call of callsTowards(user, pending.before)) await this.call(turn, () => call(this.logto, user));
      } catch (undoError) {
        this.logger.warn(
          `A change that Logto refused in part could not be undone yet: ${(undoError as Error).message}`,
        );
        return turn.leave('untilSettled');
      }
    }
    return this.drop(turn, pending);
  }

  private async drop(turn: UserLease, pending: PendingChange): Promise<'dropped'> {
    await this.database.db.transaction(async (tx) => {
      await this.proofs.giveBack(tx, pending.proofs);
      await turn.drop(tx);
    });
    return 'dropped';
  }

  private async call<T>(turn: UserLease, call: () => Promise<T>, calls = 1): Promise<T> {
    await turn.secure(calls);
    await this.steps.reached('beforeCall', turn.userId);
    const result = await call();
    await this.steps.reached('afterCall', turn.userId);
    return result;
  }

  private async finish(turn: UserLease, row: RowChange): Promise<number> {
    await this.steps.reached('beforeFinish', turn.userId);
    const version = await turn.finish(row);
    await this.steps.reached('finished', turn.userId);
    return version;
  }
}

const outcomeOf = (error: unknown): CallOutcome => (error instanceof UpstreamError ? error.outcome : 'unknown');

const isGone = (error: unknown): boolean => error instanceof UpstreamError && error.code === 'account_not_found';

/** Refused because of what was asked for, and not because of who asked or how often: it will be refused again. */
const isAboutValues = (error: unknown): boolean =>
  error instanceof UpstreamError && ['identifier_taken', 'validation_failed', 'upstream_failed'].includes(error.code);
