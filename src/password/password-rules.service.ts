import { PasswordPolicyChecker } from '@logto/core-kit';
import { Injectable } from '@nestjs/common';
import type { LogtoUser } from '../management-api/logto-user.js';
import { ManagementApiService } from '../management-api/management-api.service.js';
import { BreachedPasswords } from './breached-passwords.service.js';
import { brokenRule, PWNED, type BrokenRule } from './password-issues.js';

/** Whether a password may be set: the tenant's policy, which Logto's own way of setting one does not apply. */
@Injectable()
export class PasswordRules {
  constructor(
    private readonly logto: ManagementApiService,
    private readonly breached: BreachedPasswords,
  ) {}

  /** Each rule that the password breaks; empty when it may be set. Never says whether it is the present one. */
  async broken(user: LogtoUser, password: string): Promise<BrokenRule[]> {
    const [check, breached] = await Promise.all([
      this.logto.checkPassword(user.id, password),
      this.breached.has(password),
    ]);
    const rules = check.unavailable ? await this.brokenHere(user, password) : check.issues.map(brokenRule);
    if (!check.unavailable && !check.valid && rules.length === 0) rules.push(brokenRule({ code: 'policy' }));
    return breached && !rules.some(({ code }) => code === PWNED.code) ? [...rules, PWNED] : rules;
  }

  /** Logto cannot judge without its breached-password service; the rest of the policy is judged here, by its own code. */
  private async brokenHere(user: LogtoUser, password: string): Promise<BrokenRule[]> {
    const { passwordPolicy } = await this.logto.getSignInExperience();
    const checker = new PasswordPolicyChecker({
      ...passwordPolicy,
      rejects: { ...passwordPolicy.rejects, pwned: false },
    });
    const issues = await checker.check(password, {
      name: user.name ?? undefined,
      username: user.username ?? undefined,
      email: user.primaryEmail ?? undefined,
      phoneNumber: user.primaryPhone ?? undefined,
    });
    return issues.map(brokenRule);
  }
}
