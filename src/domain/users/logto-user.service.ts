import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/config/clock.js';
import { ProblemError } from '../../platform/errors/problem-error.js';
import type { LogtoUser } from '../../platform/management-api/logto-user.js';
import { ManagementApiService } from '../../platform/management-api/management-api.service.js';
import { LogtoUserCache } from './logto-user-cache.js';
import { UserRowRepository, type UserRow } from './user-row.repository.js';

/** Logto, asked for a user. See LogtoUserService.heard. */
export interface Question {
  readonly userId: string;
  readonly answer: Promise<LogtoUser>;
  /** When it was asked: by the clock, for a copy's age; and by `performance.now()`, to compare with a row. */
  readonly at: number;
  readonly moment: number;
}

/**
 * The caller's account as Logto has it. Each route goes through here (or through the profile writer), because a
 * token stays valid until it expires although its user was suspended or deleted meanwhile. All methods throw
 * `account_not_found`, `account_suspended`, or the problem of reaching Logto.
 */
@Injectable()
export class LogtoUserService {
  private readonly inFlight = new Map<string, Question>();

  constructor(
    private readonly logto: ManagementApiService,
    private readonly rows: UserRowRepository,
    private readonly copies: LogtoUserCache,
    private readonly clock: Clock,
  ) {}

  /** Asks Logto. For writes, and for the making and using of proofs. */
  async fresh(userId: string): Promise<LogtoUser> {
    return this.heard(this.ask(userId));
  }

  /** A copy that still counts, or Logto's answer, which readers of one user at the same time share. */
  async recent(userId: string): Promise<LogtoUser> {
    return (await this.recentUnder(await this.rows.read(userId), userId)).user;
  }

  /** As `recent`, for one who has just read the user's row; `copied` tells whether Logto was spared. */
  async recentUnder(row: UserRow, userId: string): Promise<{ user: LogtoUser; copied: boolean }> {
    const copy = this.copies.get(userId, row);
    if (copy) return { user: active(copy), copied: true };
    // Without a row there is no version to raise, and a change that comes now would go unnoticed.
    if (!row.exists) await this.rows.ensure(userId);
    const question = this.share(userId, row.unchangedSince);
    const user = await this.answered(question);
    this.copies.keep(user, row, question.at);
    return { user: active(user), copied: false };
  }

  /**
   * Logto's part with the row that goes with it, when no copy can spare us Logto: it is asked first, and one look at the
   * row afterwards tells whether anything changed meanwhile. Undefined when a copy may do, when something did change, or when the
   * row has to be made first.
   * @param fresh asks Logto anew, whatever copy there is and whoever is asking already
   */
  async together(userId: string, fresh: boolean): Promise<{ user: LogtoUser; row: UserRow } | undefined> {
    if (!this.rows.knows(userId) || (!fresh && this.copies.has(userId))) return undefined;
    const began = performance.now();
    const question = fresh ? this.ask(userId) : this.share(userId, -Infinity);
    const user = await this.answered(question).catch((error: unknown) => {
      // Another's question may have failed for what was so before this read began.
      if (question.moment >= began) throw error;
    });
    if (!user) return undefined;
    const row = await this.rows.read(userId);
    if (!row.exists || row.unchangedSince >= question.moment) return undefined;
    this.copies.keep(user, row, question.at);
    return { user: active(user), row };
  }

  /** Asks Logto, for one who will hear the answer later, if at all. */
  ask(userId: string): Question {
    const [at, moment] = [this.clock.now(), performance.now()];
    const answer = this.logto.getUser(userId);
    answer.catch(() => undefined); // Whoever hears it deals with it.
    return { userId, at, moment, answer };
  }

  /** The answer to a question that was put. */
  async heard(question: Question): Promise<LogtoUser> {
    return active(await this.answered(question));
  }

  /** As `heard`, of a suspended account too: it is copied like any other, or its reads would each cost Logto a call. */
  private async answered({ userId, answer }: Question): Promise<LogtoUser> {
    try {
      return await answer;
    } catch (error) {
      if (error instanceof ProblemError && error.code === 'account_not_found') await this.copies.forget(userId);
      throw error;
    }
  }

  /** The question that is on its way already, if it was put after `moment`; else one's own. */
  private share(userId: string, moment: number): Question {
    const present = this.inFlight.get(userId);
    if (present && present.moment > moment) return present;
    const question = this.ask(userId);
    this.inFlight.set(userId, question);
    const over = () => this.inFlight.get(userId) === question && this.inFlight.delete(userId);
    question.answer.then(over, over);
    return question;
  }
}

function active(user: LogtoUser): LogtoUser {
  if (user.isSuspended) throw new ProblemError('account_suspended');
  return user;
}
