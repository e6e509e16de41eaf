import { Injectable } from '@nestjs/common';
import { canSignIn } from '../users/sign-in-methods.js';
import { ProblemError, type FieldError } from '../../platform/errors/problem-error.js';
import type { LogtoUser } from '../../platform/management-api/logto-user.js';
import { ManagementApiService } from '../../platform/management-api/management-api.service.js';
import { TenantRulesService } from '../tenant-rules/tenant-rules.service.js';
import type { ChangePlan } from './change-plan.js';
import { withLogtoValues } from '../changes/logto-values.js';

const IDENTIFIERS = ['username', 'primaryEmail', 'primaryPhone'] as const;

/** Rules about what users sign in with, which Logto enforces in its Account API and not in its Management API. */
@Injectable()
export class IdentifierRulesService {
  constructor(
    private readonly logto: ManagementApiService,
    private readonly tenantRules: TenantRulesService,
  ) {}

  /** What the tenant's username policy and email lists have against the change; nothing of fields already found at fault. */
  async faults({ logto }: ChangePlan, found: readonly FieldError[]): Promise<FieldError[]> {
    const faults = await this.tenantRules.faults(logto.user);
    return faults.filter(({ pointer }) => !found.some((other) => other.pointer === pointer));
  }

  /** Throws `last_identifier` when the change would leave nothing to sign in with; Logto would let it. */
  async keepOne(user: LogtoUser, { logto }: ChangePlan): Promise<void> {
    const cleared = IDENTIFIERS.filter((name) => logto.user[name] === null);
    if (cleared.length === 0) return;
    const after = withLogtoValues(user, logto);
    if (canSignIn(after, [])) return;
    const { ssoIdentities = [] } = await this.logto.getUser(user.id, { ssoIdentities: true });
    if (ssoIdentities.length > 0) return;
    throw new ProblemError('last_identifier', {
      errors: cleared.map((name) => ({ pointer: `/${name}`, code: 'last_identifier' })),
    });
  }
}
