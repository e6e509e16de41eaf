import { Injectable } from '@nestjs/common';
import type { Caller } from '../../domain/access/caller.js';
import { PasswordLimitsService } from '../../domain/limits/password-limits.service.js';
import { ProofService, type IssuedProof } from '../../domain/proofs/proof.service.js';
import { LogtoUserService } from '../../domain/users/logto-user.service.js';
import { ProblemError } from '../../platform/errors/problem-error.js';
import type { LogtoUser } from '../../platform/management-api/logto-user.js';
import { ManagementApiService } from '../../platform/management-api/management-api.service.js';

/** Proofs by the current password. */
@Injectable()
export class PasswordVerificationService {
  constructor(
    private readonly users: LogtoUserService,
    private readonly logto: ManagementApiService,
    private readonly limits: PasswordLimitsService,
    private readonly proofs: ProofService,
  ) {}

  async hasPassword({ userId }: Caller): Promise<boolean> {
    const { hasPassword } = await this.users.readFresh(userId);
    return hasPassword ?? this.logto.hasPassword(userId);
  }

  /** Issues a proof of identity for the current password. Throws `invalid_credentials`, `too_many_attempts`. */
  async prove(caller: Caller, password: string): Promise<IssuedProof> {
    const user = await this.users.readFresh(caller.userId);
    await this.confirm(caller, user, password, '/password');
    const { securityEpoch } = caller.row;
    const proof = await this.proofs.issue(caller, 'password', { provesIdentity: true, securityEpoch });
    if (!proof) throw incorrect('/password');
    return proof;
  }

  /** Checks the current password. Counts a wrong one and throws `invalid_credentials` at `pointer`. */
  async confirm(caller: Caller, user: LogtoUser, password: string, pointer: string): Promise<void> {
    this.proofs.rejectImpersonation(caller);
    // Without a password there is nothing to guess and nothing to count. Logto's response would be the same.
    const isCorrect =
      user.hasPassword !== false &&
      (await this.limits.attempt(caller, () => this.logto.verifyPassword(caller.userId, password)));
    if (!isCorrect) throw incorrect(pointer);
  }
}

function incorrect(pointer: string): ProblemError {
  return new ProblemError('invalid_credentials', { errors: [{ pointer, code: 'invalid_credentials' }] });
}
