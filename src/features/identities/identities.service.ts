import { Injectable } from '@nestjs/common';
import { LogtoUserService } from '../../domain/users/logto-user.service.js';
import { canSignIn } from '../../domain/users/sign-in-methods.js';
import type { Caller } from '../../domain/access/caller.js';
import { ProblemError } from '../../platform/errors/problem-error.js';
import { ChangeWriter } from '../../domain/changes/change-writer.js';
import { UserLeaseService } from '../../domain/changes/user-lease.service.js';
import type { JsonObject } from '../../platform/json/json.js';
import { ManagementApiService } from '../../platform/management-api/management-api.service.js';
import { ProofService } from '../../domain/proofs/proof.service.js';
import type { IdentityDto } from './identities.dto.js';

/** The caller's social and enterprise identities. */
@Injectable()
export class IdentitiesService {
  constructor(
    private readonly users: LogtoUserService,
    private readonly logto: ManagementApiService,
    private readonly userLeases: UserLeaseService,
    private readonly writer: ChangeWriter,
    private readonly proofs: ProofService,
  ) {}

  async list({ userId }: Caller): Promise<IdentityDto[]> {
    await this.users.readCached(userId);
    const { socialIdentities, ssoIdentities } = await this.logto.getAllIdentities(userId);
    return [
      ...socialIdentities.map(({ target, identity }) => shown(target, 'social', identity.details)),
      ...ssoIdentities.map(({ ssoIdentity }) => shown(ssoIdentity.issuer, 'enterprise', ssoIdentity.detail)),
    ];
  }

  /**
   * Throws last_identifier for the last way to sign in, before a proof is required, and not_found. Under the
   * user's lease: otherwise two removals at once, or one and a profile change, would each find the other's way still there.
   */
  async remove(caller: Caller, target: string, verificationIds: readonly string[]): Promise<void> {
    const { userId, clientId } = caller;
    await this.userLeases.withLease(caller, async (lease, { user }) => {
      const { ssoIdentities } = await this.logto.getAllIdentities(userId);
      const connected = Object.hasOwn(user.identities, target);
      const { [target]: _removed, ...identities } = user.identities;
      if (connected && !canSignIn({ ...user, identities }, ssoIdentities)) throw new ProblemError('last_identifier');
      const proof = await this.proofs.select(caller, verificationIds, { identity: true }, user);
      if (!connected) throw new ProblemError('not_found');
      await this.writer.writeByCall(
        lease,
        { revocation: { proofs: true }, proofs: [proof] },
        () => this.logto.removeIdentity(userId, target),
        () => ({ activity: { action: 'identity_removed', clientId, details: { target } } }),
      );
    });
  }
}

/** Of the provider's data only what names the account; the rest (`rawData`) is the provider's own. */
function shown(target: string, type: IdentityDto['type'], details: JsonObject | undefined): IdentityDto {
  const text = (name: string): string | null => {
    const value = details?.[name];
    return typeof value === 'string' && value !== '' ? value : null;
  };
  return { target, type, name: text('name'), email: text('email') };
}
