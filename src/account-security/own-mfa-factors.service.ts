import { Injectable } from '@nestjs/common';
import { AccountReader } from '../account/account-reader.service.js';
import { ActivityLog } from '../account/activity-log.service.js';
import type { Caller } from '../auth/caller.js';
import { ManagementApiService } from '../management-api/management-api.service.js';
import { ProofService, type ProofSelection } from '../proofs/proof.service.js';
import type { MfaFactorDto } from './account-security.dto.js';

/** The caller's second factors. */
@Injectable()
export class OwnMfaFactors {
  constructor(
    private readonly accounts: AccountReader,
    private readonly logto: ManagementApiService,
    private readonly proofs: ProofService,
    private readonly activity: ActivityLog,
  ) {}

  async list({ userId }: Caller): Promise<MfaFactorDto[]> {
    await this.accounts.recent(userId);
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

  /** Throws not_found; the proof stays usable then. */
  async remove(caller: Caller, id: string, proof: ProofSelection): Promise<void> {
    await this.proofs.spend(proof, () => this.logto.removeMfaFactor(caller.userId, id));
    await this.activity.record(caller, 'factor_removed');
  }
}
