import { Injectable, Logger } from '@nestjs/common';
import { AccountReader, type Question } from '../account/account-reader.service.js';
import { UserRows, type UserRow } from '../account/user-rows.service.js';
import type { Caller } from '../auth/caller.js';
import { checkNotRevoked } from '../auth/revocation.service.js';
import type { LogtoUser } from '../management-api/logto-user.js';
import { ChangeSteps } from './changes/change-steps.js';
import type { PendingChange } from './changes/pending-change.js';
import type { Turn } from './changes/turn.js';
import { UserChanges } from './changes/user-changes.service.js';
import { withLogtoValues } from './logto-values.js';
import type { UserState } from './user-state.js';

/** How often a read is made again because a change came in between, before it queues up as changes do. */
const TRIES = 3;

/** Reads both stores as of one moment: never half of a change. */
@Injectable()
export class UserStateReader {
  private readonly logger = new Logger(UserStateReader.name);

  constructor(
    private readonly rows: UserRows,
    private readonly accounts: AccountReader,
    private readonly changes: UserChanges,
    private readonly steps: ChangeSteps,
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
   * Runs `work` in the user's turn (see UserChanges), with the state at its beginning. Always asks Logto: while the lease is being
   * taken, and once more if that was too early. Throws `invalid_token` when the caller's token was revoked before the turn came.
   */
  inTurn<T>(caller: Caller, work: (turn: Turn, state: UserState) => Promise<T>): Promise<T> {
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

  private async readInTurn({ userId, row }: Turn, question: Question): Promise<UserState> {
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
