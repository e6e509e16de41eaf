import { Injectable } from '@nestjs/common';
import type { Caller } from '../../domain/access/caller.js';
import { ChangeWriter } from '../../domain/changes/change-writer.js';
import { UserLeaseService } from '../../domain/changes/user-lease.service.js';
import { ProofService } from '../../domain/proofs/proof.service.js';
import { LogtoUserService } from '../../domain/users/logto-user.service.js';
import { canSignIn } from '../../domain/users/sign-in-methods.js';
import { ProblemError } from '../../platform/errors/problem-error.js';
import { isObject, type Json } from '../../platform/json/json.js';
import { ManagementApiService } from '../../platform/management-api/management-api.service.js';
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
      ...socialIdentities.map(({ target, identity }) => toDto(target, 'social', identity.details)),
      ...ssoIdentities.map(({ ssoIdentity }) => toDto(ssoIdentity.issuer, 'enterprise', ssoIdentity.detail)),
    ];
  }

  /**
   * Removes a social identity. Throws `last_identifier` for the last way to sign in, before requiring a proof, and
   * `not_found`. Runs under the user's lease: otherwise, of two concurrent removals, or a removal and a profile change,
   * each would count on the way to sign in that the other removes.
   */
  async remove(caller: Caller, target: string, verificationIds: readonly string[]): Promise<void> {
    const { userId, clientId } = caller;
    await this.userLeases.withLease(caller, async (lease, { user }) => {
      const { ssoIdentities } = await this.logto.getAllIdentities(userId);
      const isLinked = Object.hasOwn(user.identities, target);
      const { [target]: _removed, ...identities } = user.identities;
      if (isLinked && !canSignIn({ ...user, identities }, ssoIdentities)) throw new ProblemError('last_identifier');
      const proof = await this.proofs.select(caller, verificationIds, { identity: true }, user);
      if (!isLinked) throw new ProblemError('not_found');
      await this.writer.writeByCall(
        lease,
        { revocation: { proofs: true }, proofs: [proof] },
        (guard) => this.logto.removeIdentity(userId, target, guard),
        () => ({ activity: { action: 'identity_removed', clientId, details: { target } } }),
      );
    });
  }
}

/** Takes only the name and email from the provider's data; the rest (`rawData`) depends on the provider. */
function toDto(target: string, type: IdentityDto['type'], details: Json | undefined): IdentityDto {
  const text = (name: string): string | null => {
    const value = isObject(details) ? details[name] : undefined;
    return typeof value === 'string' && value !== '' ? value : null;
  };
  return { target, type, name: text('name'), email: text('email') };
}
