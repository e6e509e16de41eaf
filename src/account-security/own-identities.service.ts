import { Injectable } from '@nestjs/common';
import { AccountReader } from '../account/account-reader.service.js';
import { canSignIn } from '../account/sign-in-methods.js';
import type { Caller } from '../auth/caller.js';
import { ProblemError } from '../errors/problem-error.js';
import { UserChanges } from '../fields/changes/user-changes.service.js';
import type { JsonObject } from '../json/json.js';
import { ManagementApiService } from '../management-api/management-api.service.js';
import { ProofService } from '../proofs/proof.service.js';
import { AfterRemoval } from './after-removal.service.js';
import type { IdentityDto } from './account-security.dto.js';

/** The caller's social and enterprise identities. */
@Injectable()
export class OwnIdentities {
  constructor(
    private readonly accounts: AccountReader,
    private readonly logto: ManagementApiService,
    private readonly changes: UserChanges,
    private readonly proofs: ProofService,
    private readonly after: AfterRemoval,
  ) {}

  async list({ userId }: Caller): Promise<IdentityDto[]> {
    await this.accounts.recent(userId);
    const { socialIdentities, ssoIdentities } = await this.logto.getAllIdentities(userId);
    return [
      ...socialIdentities.map(({ target, identity }) => shown(target, 'social', identity.details)),
      ...ssoIdentities.map(({ ssoIdentity }) => shown(ssoIdentity.issuer, 'enterprise', ssoIdentity.detail)),
    ];
  }

  /**
   * Throws last_identifier when nothing would be left to sign in with, before any proof is asked for, and not_found. In the
   * user's turn: else two removals at once, or one and a profile change, would each find the other's way still there.
   */
  async remove(caller: Caller, target: string, verificationIds: readonly string[]): Promise<void> {
    const { userId } = caller;
    await this.changes.run(userId, async () => {
      const [user, { ssoIdentities }] = await Promise.all([
        this.accounts.fresh(userId),
        this.logto.getAllIdentities(userId),
      ]);
      const connected = Object.hasOwn(user.identities, target);
      const { [target]: _removed, ...identities } = user.identities;
      if (connected && !canSignIn({ ...user, identities }, ssoIdentities)) throw new ProblemError('last_identifier');
      const proof = await this.proofs.select(caller, verificationIds, { identity: true }, user);
      if (!connected) throw new ProblemError('not_found');
      await this.proofs.spend(proof, () => this.logto.removeIdentity(userId, target));
    });
    await this.after.settle(caller, target);
  }
}

/** Of what the provider told, only what names the account; the rest (`rawData`) is the provider's own. */
function shown(target: string, type: IdentityDto['type'], details: JsonObject | undefined): IdentityDto {
  const text = (name: string): string | null => {
    const value = details?.[name];
    return typeof value === 'string' && value !== '' ? value : null;
  };
  return { target, type, name: text('name'), email: text('email') };
}
