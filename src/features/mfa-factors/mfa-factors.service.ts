import { Injectable } from '@nestjs/common';
import type { Caller } from '../../domain/access/caller.js';
import { ChangeWriter } from '../../domain/changes/change-writer.js';
import { UserLeaseService } from '../../domain/changes/user-lease.service.js';
import { ProofService } from '../../domain/proofs/proof.service.js';
import { LogtoUserService } from '../../domain/users/logto-user.service.js';
import { ManagementApiService } from '../../platform/management-api/management-api.service.js';
import type { MfaFactorDto } from './mfa-factors.dto.js';

/** The caller's second factors. */
@Injectable()
export class MfaFactorsService {
  constructor(
    private readonly users: LogtoUserService,
    private readonly logto: ManagementApiService,
    private readonly userLeases: UserLeaseService,
    private readonly writer: ChangeWriter,
    private readonly proofs: ProofService,
  ) {}

  async list({ userId }: Caller): Promise<MfaFactorDto[]> {
    await this.users.readCached(userId);
    const factors = await this.logto.listMfaFactors(userId);
    return factors.map(({ id, type, createdAt, lastUsedAt, name, remainCodes }) => ({
      id,
      type,
      createdAt,
      lastUsedAt: lastUsedAt ?? null,
      name: name ?? null,
      remainingCodes: remainCodes ?? null,
    }));
  }

  /** Removes a factor. Throws `not_found`, in which case the proof is not consumed. */
  async remove(caller: Caller, id: string, verificationIds: readonly string[]): Promise<void> {
    const { userId, clientId } = caller;
    await this.userLeases.withLease(caller, async (lease, { user }) => {
      const proof = await this.proofs.select(caller, verificationIds, { identity: true }, user);
      await this.writer.writeByCall(
        lease,
        { revocation: { proofs: true }, proofs: [proof] },
        (guard) => this.logto.removeMfaFactor(userId, id, guard),
        () => ({ activity: { action: 'factor_removed', clientId } }),
      );
    });
  }
}
