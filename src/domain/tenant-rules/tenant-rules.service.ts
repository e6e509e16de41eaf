import type { UsernamePolicy, UsernameViolation } from '@logto/core-kit';
import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../../platform/config/clock.js';
import type { FieldMessage } from '../../platform/errors/messages/messages.js';
import type { FieldError } from '../../platform/errors/problem-error.js';
import type { PasswordIssue, SignInExperience } from '../../platform/management-api/logto-responses.js';
import type { LogtoUser } from '../../platform/management-api/logto-user.js';
import { ManagementApiService } from '../../platform/management-api/management-api.service.js';

/** Logto sends no webhook when a rule changes; a change applies here after this time at the latest. */
const MAX_AGE_MS = 60_000;
/** How long cached rules are used after a failed fetch, so that not every request waits for Logto while it is down. */
const PAUSE_AFTER_FAILURE_MS = 5_000;

/** Logto's own implementation of its rules. Loaded at first use: it would take most of the start. */
const coreKit = () => import('@logto/core-kit');

/**
 * The rules of the tenant, set in Logto's sign-in experience. Logto enforces them in its Account API but not in its
 * Management API, so this service enforces them. They are cached for all users; if Logto is unavailable, outdated rules
 * stay in use. Methods throw UpstreamError if the rules were never fetched.
 */
@Injectable()
export class TenantRulesService {
  private readonly logger = new Logger(TenantRulesService.name);
  private cached: { readonly rules: SignInExperience; readonly fetchedAt: number } | undefined;
  private pending: Promise<SignInExperience> | undefined;
  private pauseUntil = 0;
  private isOutdated = false;

  constructor(
    private readonly logto: ManagementApiService,
    private readonly clock: Clock,
  ) {}

  /** Returns the rules, at most a minute old unless Logto is unavailable. */
  async current(): Promise<SignInExperience> {
    const now = this.clock.now();
    if (this.cached && (now < this.cached.fetchedAt + MAX_AGE_MS || now < this.pauseUntil)) return this.cached.rules;
    this.pending ??= this.fetch(now).finally(() => (this.pending = undefined));
    return this.pending;
  }

  /**
   * Checks a username by the username policy, and an email address by the block and allow lists.
   * `blockDisposableAddresses` is not enforced: it needs a service that only Logto Cloud has.
   */
  async faults(identifiers: Pick<Partial<LogtoUser>, 'username' | 'primaryEmail'>): Promise<FieldError[]> {
    const { username, primaryEmail } = identifiers;
    const faults: (FieldError | undefined)[] = [];
    if (typeof username === 'string') faults.push(await this.usernameFault(username));
    if (typeof primaryEmail === 'string') faults.push(await this.emailFault(primaryEmail, '/primaryEmail'));
    return faults.filter((each) => each !== undefined);
  }

  /** Checks an email address, which is at `pointer` in the request. */
  async emailFault(email: string, pointer: string): Promise<FieldError | undefined> {
    const {
      blockSubaddressing,
      customBlocklist = [],
      customAllowlist = [],
    } = (await this.current()).emailBlocklistPolicy ?? {};
    const localPart = email.slice(0, email.lastIndexOf('@'));
    if (blockSubaddressing && localPart.includes('+')) {
      return { pointer, code: 'email_subaddressing_not_allowed' };
    }
    if (customBlocklist.length + customAllowlist.length === 0) return undefined;
    const { matchesEmailBlocklistItem } = await coreKit();
    const listed = (items: string[]) => items.some((item) => matchesEmailBlocklistItem(item, email));
    if (!listed(customBlocklist) && (customAllowlist.length === 0 || listed(customAllowlist))) return undefined;
    return { pointer, code: 'email_not_allowed' };
  }

  /**
   * Checks a password by the policy, except for breaches, for when Logto cannot check it because its breached-password
   * service is down. Returns an empty list if no other rule is broken.
   */
  async passwordIssues(user: LogtoUser, password: string): Promise<PasswordIssue[]> {
    const { passwordPolicy } = await this.current();
    const { PasswordPolicyChecker } = await coreKit();
    const checker = new PasswordPolicyChecker({
      ...passwordPolicy,
      rejects: { ...passwordPolicy.rejects, pwned: false },
    });
    return checker.check(password, {
      name: user.name ?? undefined,
      username: user.username ?? undefined,
      email: user.primaryEmail ?? undefined,
      phoneNumber: user.primaryPhone ?? undefined,
    });
  }

  private async usernameFault(username: string): Promise<FieldError | undefined> {
    const { validateUsernameAgainstPolicy, defaultUsernamePolicy } = await coreKit();
    const { usernamePolicy = defaultUsernamePolicy } = await this.current();
    const violation = validateUsernameAgainstPolicy(username, usernamePolicy);
    return violation && { pointer: '/username', ...usernameFault(violation, usernamePolicy) };
  }

  private async fetch(now: number): Promise<SignInExperience> {
    try {
      const rules = await this.logto.getSignInExperience();
      this.cached = { rules, fetchedAt: now };
      this.isOutdated = false;
      return rules;
    } catch (error) {
      if (!this.cached) throw error;
      if (!this.isOutdated) {
        this.logger.warn("The tenant's rules could not be fetched; the last known rules stay in use until they can.");
      }
      this.isOutdated = true;
      this.pauseUntil = this.clock.now() + PAUSE_AFTER_FAILURE_MS;
      return this.cached.rules;
    }
  }
}

/** Converts a violation of the username policy; the code is Logto's. */
function usernameFault(violation: UsernameViolation, { minLength, maxLength }: UsernamePolicy): FieldMessage {
  if (violation === 'too_short') return { code: violation, params: { min: minLength } };
  if (violation === 'too_long') return { code: violation, params: { max: maxLength } };
  return { code: violation };
}
