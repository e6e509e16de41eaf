import { Injectable } from '@nestjs/common';
import { ProblemError } from '../../platform/errors/problem-error.js';
import type { LogtoUser } from '../../platform/management-api/logto-user.js';
import { ManagementApiService } from '../../platform/management-api/management-api.service.js';
import { TenantRulesService } from '../tenant-rules/tenant-rules.service.js';
import { canSignIn } from '../users/sign-in-methods.js';
import type { ChangePlan } from './change-plan.js';

const IDENTIFIERS = ['username', 'primaryEmail', 'primaryPhone'] as const;
type Identifiers = Partial<Pick<LogtoUser, (typeof IDENTIFIERS)[number]>>;

/** Rules about identifiers, which Logto enforces in its Account API but not in its Management API. */
@Injectable()
export class IdentifierRulesService {
  constructor(
    private readonly logto: ManagementApiService,
    private readonly tenantRules: TenantRulesService,
  ) {}

  /**
   * Checks a plan by the tenant's username policy and email lists.
   * @throws ProblemError `validation_failed` with these errors and those of the plan; `last_identifier` if no way to sign in would
   *   remain
   */
  async check(plan: ChangePlan, user: LogtoUser): Promise<void> {
    const identifiers = newIdentifiers(plan);
    const violations = await this.tenantRules.faults(identifiers);
    const isNew = ({ pointer }: { pointer: string }) => !plan.errors.some((error) => error.pointer === pointer);
    const errors = [...plan.errors, ...violations.filter(isNew)];
    if (errors.length > 0) throw new ProblemError('validation_failed', { errors });
    await this.keepOne(identifiers, user);
  }

  private async keepOne(identifiers: Identifiers, user: LogtoUser): Promise<void> {
    const cleared = IDENTIFIERS.filter((name) => identifiers[name] === null);
    if (cleared.length === 0 || canSignIn({ ...user, ...identifiers }, [])) return;
    const { ssoIdentities = [] } = await this.logto.getUser(user.id, { ssoIdentities: true });
    if (ssoIdentities.length > 0) return;
    throw new ProblemError('last_identifier', {
      errors: cleared.map((name) => ({ pointer: `/${name}`, code: 'last_identifier' })),
    });
  }
}

/** Whether a plan sets or clears an identifier. */
export const changesIdentifier = (plan: ChangePlan): boolean => Object.keys(newIdentifiers(plan)).length > 0;

function newIdentifiers({ changes }: ChangePlan): Identifiers {
  const isIdentifier = ({ field }: ChangePlan['changes'][number]) => IDENTIFIERS.some((name) => name === field.name);
  return Object.fromEntries(changes.filter(isIdentifier).map(({ field, value }) => [field.name, value]));
}
