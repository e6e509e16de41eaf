import { Injectable } from '@nestjs/common';
import type { Caller } from '../../domain/access/caller.js';
import { SessionEndingService } from '../../domain/access/session-ending.service.js';
import { ChangeWriter } from '../../domain/changes/change-writer.js';
import { UserLeaseService } from '../../domain/changes/user-lease.service.js';
import { IdTokenHintService } from '../../domain/proofs/id-token-hint.service.js';
import { ProofService, type ProofSelection } from '../../domain/proofs/proof.service.js';
import type { FieldMessage } from '../../platform/errors/messages/messages.js';
import { ProblemError } from '../../platform/errors/problem-error.js';
import type { LogtoUser } from '../../platform/management-api/logto-user.js';
import { ManagementApiService } from '../../platform/management-api/management-api.service.js';
import type { SendGuard } from '../../platform/management-api/send-guard.js';
import { PasswordRulesService } from './password-rules.service.js';
import { PasswordVerificationService } from './password-verification.service.js';
import type { ChangePasswordDto } from './password.dto.js';

const SAME_AS_CURRENT: FieldMessage = { code: 'same_as_current' };

/** The parts of a password change that are sent in headers. */
export interface ChangeHeaders {
  readonly verificationIds: readonly string[];
  readonly idTokenHint?: string;
}

/**
 * Changes or sets the password: checks the rules, then the proof, changes the password, and ends the other sessions.
 */
@Injectable()
export class PasswordChangeService {
  constructor(
    private readonly userLeases: UserLeaseService,
    private readonly rules: PasswordRulesService,
    private readonly verification: PasswordVerificationService,
    private readonly proofs: ProofService,
    private readonly writer: ChangeWriter,
    private readonly logto: ManagementApiService,
    private readonly sessions: SessionEndingService,
    private readonly hints: IdTokenHintService,
  ) {}

  /**
   * Runs under the user's lease until the password has changed, so that no change with an earlier proof can follow it.
   * Voids all other proofs, codes and challenges; if other sessions are ended, also revokes the access tokens issued
   * until then. The password is never stored in the database, not even for recovery.
   *
   * Throws `password_rejected` with each broken rule, `step_up_required`, or `invalid_credentials` for a wrong current
   * password. A rejected change does not consume the proof, unless it compared the new password with the current one.
   * For a user with a second factor, `currentPassword` is not compared. If the other sessions cannot be ended, throws Logto's
   * problem with `passwordChanged: true`.
   */
  async change(caller: Caller, body: ChangePasswordDto, headers: ChangeHeaders): Promise<void> {
    const { clientId, userId } = caller;
    const { newPassword, currentPassword, signOutOtherSessions = true } = body;
    const sid = await this.hints.sid(caller, headers.idTokenHint);
    await this.userLeases.withLease(caller, async (lease, { user }) => {
      // Both values are from the request, so the result reveals nothing about the stored password.
      const broken = newPassword === currentPassword ? [SAME_AS_CURRENT] : await this.rules.broken(user, newPassword);
      if (broken.length > 0) throw rejected(broken);
      const proofs = await this.prove(caller, user, body, headers.verificationIds);
      let compared = false;
      const change = async (guard: SendGuard) => {
        // After the proof is consumed, which stays so: the comparison reveals whether a guess is the current password.
        if (proofs.length > 0 && user.hasPassword) {
          const isCurrent = await this.logto.verifyPassword(userId, newPassword);
          compared = true;
          if (isCurrent) throw rejected([SAME_AS_CURRENT]);
        }
        return this.logto.updatePassword(userId, newPassword, guard);
      };
      await this.writer.writeByCall(
        lease,
        { revocation: { proofs: true }, proofs, areProofsSpent: () => compared },
        change,
        (changedAt) => ({
          activity: { action: 'password_changed', clientId },
          revocation: {
            proofs: true,
            // Logto's webhook about this very change was created within that second.
            passwordChangedAt: changedAt + 1,
            ...(signOutOtherSessions && { tokensBefore: changedAt }),
          },
        }),
      );
    });
    if (!signOutOtherSessions) return;
    await this.sessions.endOthers(caller, sid).catch((error: unknown) => {
      throw error instanceof ProblemError ? withPasswordChanged(error) : error;
    });
  }

  /** Returns the proofs to consume; none if the current password was given instead. */
  private async prove(
    caller: Caller,
    user: LogtoUser,
    { currentPassword }: ChangePasswordDto,
    verificationIds: readonly string[],
  ): Promise<ProofSelection[]> {
    if (currentPassword !== undefined) {
      await this.proofs.requireAvailable('password', user);
      await this.verification.confirm(caller, user, currentPassword, '/currentPassword');
      return [];
    }
    return [await this.proofs.select(caller, verificationIds, { identity: true }, user)];
  }
}

const rejected = (broken: readonly FieldMessage[]): ProblemError =>
  new ProblemError('password_rejected', { errors: broken.map((rule) => ({ pointer: '/newPassword', ...rule })) });

const withPasswordChanged = ({ code, options }: ProblemError): ProblemError =>
  new ProblemError(code, {
    ...options,
    detail: { code: 'password_changed_without_sign_out' },
    extensions: { ...options.extensions, passwordChanged: true },
  });
