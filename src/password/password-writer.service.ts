import { Injectable } from '@nestjs/common';
import { AccountCopies } from '../account/account-copies.service.js';
import { ActivityLog } from '../account/activity-log.service.js';
import type { Caller } from '../auth/caller.js';
import type { LogtoUser } from '../management-api/logto-user.js';
import { ManagementApiService } from '../management-api/management-api.service.js';
import { inDoubt } from '../management-api/upstream-error.js';
import { isDefiniteRefusal, ProofService, type ProofSelection } from '../proofs/proof.service.js';

/** Writes the password at Logto under a proof. It never enters the database, not even for a redo. */
@Injectable()
export class PasswordWriter {
  constructor(
    private readonly logto: ManagementApiService,
    private readonly proofs: ProofService,
    private readonly copies: AccountCopies,
    private readonly activity: ActivityLog,
  ) {}

  select(caller: Caller, user: LogtoUser, verificationIds: readonly string[]): Promise<ProofSelection> {
    return this.proofs.select(caller, verificationIds, { identity: true }, user);
  }

  isPresent(userId: string, password: string): Promise<boolean> {
    return this.logto.verifyPassword(userId, password);
  }

  /** `proof` is absent when the current password was given. Voids what the old password proved. */
  async set(caller: Caller, password: string, proof: ProofSelection | undefined): Promise<void> {
    const { userId } = caller;
    const update = () => this.logto.updatePassword(userId, password);
    try {
      await (proof ? this.proofs.spend(proof, update) : update());
    } catch (error) {
      if (isDefiniteRefusal(error)) throw error;
      // It may have changed: then whoever proved themselves by the old one must not go on.
      await this.settle(userId);
      throw inDoubt(error);
    }
    await this.settle(userId);
    await this.activity.record(caller, 'password_changed');
  }

  private async settle(userId: string): Promise<void> {
    await this.proofs.voidByPassword(userId);
    await this.copies.invalidate(userId);
  }
}
