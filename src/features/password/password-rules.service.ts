import { Injectable } from '@nestjs/common';
import { TenantRulesService } from '../../domain/tenant-rules/tenant-rules.service.js';
import type { FieldMessage } from '../../platform/errors/messages/messages.js';
import type { LogtoUser } from '../../platform/management-api/logto-user.js';
import { ManagementApiService } from '../../platform/management-api/management-api.service.js';
import { BreachedPasswordsService } from './breached-passwords.service.js';
import { toBrokenRule } from './password-issues.js';

/** Checks a new password by the tenant's policy, which Logto's Management API does not apply when it sets one. */
@Injectable()
export class PasswordRulesService {
  constructor(
    private readonly logto: ManagementApiService,
    private readonly breached: BreachedPasswordsService,
    private readonly tenantRules: TenantRulesService,
  ) {}

  /** Returns each broken rule; empty if the password can be set. Does not reveal whether it is the current password. */
  async broken(user: LogtoUser, password: string): Promise<FieldMessage[]> {
    const [check, breached] = await Promise.all([
      this.logto.checkPassword(user.id, password),
      this.breached.has(password),
    ]);
    const issues = check.unavailable ? await this.tenantRules.passwordIssues(user, password) : check.issues;
    const rules = issues.map(toBrokenRule);
    if (!check.unavailable && !check.valid && rules.length === 0) rules.push({ code: 'policy' });
    return breached && !rules.some(({ code }) => code === 'pwned') ? [...rules, { code: 'pwned' }] : rules;
  }
}
