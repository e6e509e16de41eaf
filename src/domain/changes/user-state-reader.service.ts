import { Injectable, Logger } from '@nestjs/common';
import { LogtoUserService, type Question } from '../users/logto-user.service.js';
import { UserRowRepository, type UserRow } from '../users/user-row.repository.js';
import type { Caller } from '../access/caller.js';
import { checkNotRevoked } from '../access/revocation.service.js';
import type { LogtoUser } from '../../platform/management-api/logto-user.js';
import { CrashPoints } from './crash-points.js';
import type { PendingChange } from './pending-change.js';
import type { UserLease } from './user-lease.js';
import { UserLeaseService } from './user-lease.service.js';
import { withLogtoValues } from './logto-values.js';
import type { UserState } from '../fields/user-state.js';

/** How often a read is made again because a change came in between, before it queues up as changes do. */
const TRIES = 3;

/** Reads both stores as of one moment: never half of a change. */
@Injectable()
export class UserStateReader {
  private readonly logger = new Logger(UserStateReader.name);

  constructor(
    private readonly rows: UserRowRepository,
    private readonly accounts: LogtoUserService,
    private readonly changes: UserLeaseService,
    private readonly steps: CrashPoints,
  ) {}

  /**
   * @param fresh asks Logto, whatever copy there is
   * @throws ProblemError `account_not_found`, `account_suspended`, or the problem of reaching Logto
   */
  async read(caller: Caller, { fresh = false } = {}): Promise<UserState> {
    const { userId } = caller;
    const found = await this.accounts.together(userId, fresh);
    if (found && !isLeftBehind(found.row)) return stateOf(found.user, found.row);
    for (let tries = 0; tries < TRIES; tries += 1) {
      const row = await this.rowOf(userId, tries === 0 ? caller.row : undefined);
      const { user, copied } = fresh
        ? { user: await this.accounts.fresh(userId), copied: false }
        : await this.accounts.recentUnder(row, userId);
      if (copied) return stateOf(user, row);
      const now = await this.rows.read(userId);
      if (now.version === row.version) return stateOf(user, now);
    }
    return this.inTurn(caller, (_turn, state) => Promise.resolve(state));
  }

  /**
   * Runs `work` in the user's turn (see UserLeaseService), with the state at its beginning. Always asks Logto: while the lease is being
   * taken, and once more if that was too early. Throws `invalid_token` when the caller's token was revoked before the turn came.
   */
  inTurn<T>(caller: Caller, work: (turn: UserLease, state: UserState) => Promise<T>): Promise<T> {
    let question: Question;
    return this.changes.run(
      caller.userId,
      async (turn) => {
        checkNotRevoked(caller, turn.row);
        return work(turn, await this.readInTurn(turn, question));
      },
      () => (question = this.accounts.ask(caller.userId)),
    );
  }

  private async readInTurn({ userId, row }: UserLease, question: Question): Promise<UserState> {
    // Or else somebody else's change may have come in between, and be in only one of the two.
    const inTime = question.moment > row.unchangedSince;
    const user = inTime ? await this.accounts.heard(question) : await this.accounts.fresh(userId);
    await this.steps.reached('accountRead', userId);
    return stateOf(user, row);
  }

  private async rowOf(userId: string, known: UserRow | undefined): Promise<UserRow> {
    const row = known ?? (await this.rows.read(userId));
    if (!isLeftBehind(row)) return row;
    try {
      await this.changes.recover(userId);
    } catch (error) {
      // The read can still be answered: what is pending is shown as not begun.
      this.logger.warn(`A change left behind could not be made good yet: ${(error as Error).message}`);
    }
    return this.rows.read(userId);
  }
}

const isLeftBehind = ({ pending, lease }: UserRow): boolean => pending !== undefined && lease === undefined;

/** A change that is not answered yet has not happened, even where Logto has it already. */
function stateOf(user: LogtoUser, { fields, fieldsVersion, pending }: UserRow): UserState {
  const before = (pending as PendingChange | undefined)?.before;
  return { user: before ? withLogtoValues(user, before) : user, fields, fieldsVersion };
}
