import { Injectable } from '@nestjs/common';
import type { FieldMessage } from '../../platform/errors/messages/messages.js';
import type { LogtoUser } from '../../platform/management-api/logto-user.js';
import { ManagementApiService } from '../../platform/management-api/management-api.service.js';
import { TenantRulesService } from '../../domain/tenant-rules/tenant-rules.service.js';
import { BreachedPasswordsService } from './breached-passwords.service.js';
import { brokenRule } from './password-issues.js';

/** Whether a password may be set: the tenant's policy, which Logto's own way of setting one does not apply. */
@Injectable()
export class PasswordRulesService {
  constructor(
    private readonly logto: ManagementApiService,
    private readonly breached: BreachedPasswordsService,
    private readonly tenantRules: TenantRulesService,
  ) {}

  /** Each rule that the password breaks; empty when it may be set. Never says whether it is the present one. */
  async broken(user: LogtoUser, password: string): Promise<FieldMessage[]> {
    const [check, breached] = await Promise.all([
      this.logto.checkPassword(user.id, password),
      this.breached.has(password),
    ]);
    const issues = check.unavailable ? await this.tenantRules.passwordIssues(user, password) : check.issues;
    const rules = issues.map(brokenRule);
    if (!check.unavailable && !check.valid && rules.length === 0) rules.push({ code: 'policy' });
    return breached && !rules.some(({ code }) => code === 'pwned') ? [...rules, { code: 'pwned' }] : rules;
  }
}
