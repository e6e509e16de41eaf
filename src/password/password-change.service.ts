import { Injectable } from '@nestjs/common';
import { AccountReader } from '../account/account-reader.service.js';
import { SessionEnding } from '../sessions/session-ending.service.js';
import type { Caller } from '../auth/caller.js';
import { ProblemError } from '../errors/problem-error.js';
import type { LogtoUser } from '../management-api/logto-user.js';
import type { ProofSelection } from '../proofs/proof.service.js';
import type { ChangePasswordDto } from './password.dto.js';
import { SAME_AS_CURRENT, type BrokenRule } from './password-issues.js';
import { PasswordRules } from './password-rules.service.js';
import { PasswordVerification } from './password-verification.service.js';
import { PasswordWriter } from './password-writer.service.js';

/** What a request for a new password brings besides its body. */
export interface ChangeHeaders {
  readonly verificationIds: readonly string[];
  readonly idTokenHint?: string;
}

/** Changes the password, or sets the first: rules first, then the proof, then the change, then the other sessions. */
@Injectable()
export class PasswordChange {
  constructor(
    private readonly accounts: AccountReader,
    private readonly rules: PasswordRules,
    private readonly verification: PasswordVerification,
    private readonly writer: PasswordWriter,
    private readonly sessions: SessionEnding,
  ) {}

  /**
   * Throws password_rejected with each rule broken, step_up_required, invalid_credentials for a wrong current password. A
   * refusal leaves the proof usable. When the other sessions could not be ended it throws Logto's problem, saying that the
   * password has changed all the same.
   */
  async change(caller: Caller, body: ChangePasswordDto, headers: ChangeHeaders): Promise<void> {
    const { newPassword, currentPassword, signOutOtherSessions = true } = body;
    const user = await this.accounts.fresh(caller.userId);
    const sid = await this.sessions.sid(caller, headers.idTokenHint);
    // Compared as sent, right or wrong, so that it tells nothing.
    const broken = newPassword === currentPassword ? [SAME_AS_CURRENT] : await this.rules.broken(user, newPassword);
    if (broken.length > 0) throw rejected(broken);

    const proof = await this.proof(caller, user, body, headers.verificationIds);
    await this.writer.set(caller, newPassword, proof);
    if (!signOutOtherSessions) return;
    await this.sessions.endOthers(caller, sid).catch((error: unknown) => {
      throw error instanceof ProblemError ? changedAllTheSame(error) : error;
    });
  }

  private async proof(
    caller: Caller,
    user: LogtoUser,
    { newPassword, currentPassword }: ChangePasswordDto,
    verificationIds: readonly string[],
  ): Promise<ProofSelection | undefined> {
    if (currentPassword !== undefined) {
      await this.verification.confirm(caller, user, currentPassword, '/currentPassword');
      return undefined;
    }
    const proof = await this.writer.select(caller, user, verificationIds);
    // Not counted: a wrong guess changes the password, so guessing learns nothing.
    if (user.hasPassword && (await this.writer.isPresent(caller.userId, newPassword))) {
      throw rejected([SAME_AS_CURRENT]);
    }
    return proof;
  }
}

const rejected = (broken: readonly BrokenRule[]): ProblemError =>
  new ProblemError('password_rejected', { errors: broken.map((rule) => ({ pointer: '/newPassword', ...rule })) });

const changedAllTheSame = ({ code, options }: ProblemError): ProblemError =>
  new ProblemError(code, {
    ...options,
    detail: 'The password has changed, but other sessions could not be ended.',
    extensions: { ...options.extensions, passwordChanged: true },
  });
