import type { UsernamePolicy, UsernameViolation } from '@logto/core-kit';
import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../../platform/config/clock.js';
import type { FieldMessage } from '../../platform/errors/messages/messages.js';
import type { FieldError } from '../../platform/errors/problem-error.js';
import type { LogtoUser } from '../../platform/management-api/logto-user.js';
import { ManagementApiService } from '../../platform/management-api/management-api.service.js';
import type { PasswordIssue, SignInExperience } from '../../platform/management-api/management-api.types.js';

/** Logto sends no webhook when a rule changes: by then at the latest it is known here. */
const MAX_AGE_MS = 60_000;
/** After a failed fetch the old copy serves this long, so that not every request waits for a Logto that is down. */
const PAUSE_AFTER_FAILURE_MS = 5_000;

/** Logto's own reading of its rules. Loaded at first use: it takes the better part of a start. */
const coreKit = () => import('@logto/core-kit');

/**
 * The rules that the tenant set in Logto's sign-in experience. Logto enforces them in its Account API and not in its
 * Management API, so this service does. One copy for all; a copy too old is kept when Logto cannot give a new one.
 * Methods throw UpstreamError when there never was one.
 */
@Injectable()
export class TenantRulesService {
  private readonly logger = new Logger(TenantRulesService.name);
  private copy: { readonly rules: SignInExperience; readonly fetchedAt: number } | undefined;
  private pending: Promise<SignInExperience> | undefined;
  private pauseUntil = 0;

  constructor(
    private readonly logto: ManagementApiService,
    private readonly clock: Clock,
  ) {}

  /** The rules, at most a minute old unless Logto is out of reach. */
  async current(): Promise<SignInExperience> {
    const now = this.clock.now();
    if (this.copy && (now < this.copy.fetchedAt + MAX_AGE_MS || now < this.pauseUntil)) return this.copy.rules;
    this.pending ??= this.fetch(now).finally(() => (this.pending = undefined));
    return this.pending;
  }

  /**
   * What keeps a username or an email address from being set: the username policy, and the email block and
   * allow lists (`blockDisposableAddresses`, a service of Logto Cloud alone, cannot be asked for and is not enforced).
   */
  async faults(identifiers: Pick<Partial<LogtoUser>, 'username' | 'primaryEmail'>): Promise<FieldError[]> {
    const { username, primaryEmail } = identifiers;
    const faults: (FieldError | undefined)[] = [];
    if (typeof username === 'string') faults.push(await this.usernameFault(username));
    if (typeof primaryEmail === 'string') faults.push(await this.emailFault(primaryEmail, '/primaryEmail'));
    return faults.filter((each) => each !== undefined);
  }

  /** As `faults`, for an address at any place of a request. */
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
   * The password policy but for breached passwords, for when Logto cannot judge since its service for those is
   * down. Empty when nothing else speaks against the password.
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
      this.copy = { rules, fetchedAt: now };
      return rules;
    } catch (error) {
      if (!this.copy) throw error;
      this.logger.warn("The tenant's rules could not be fetched: the last known ones are enforced.");
      this.pauseUntil = this.clock.now() + PAUSE_AFTER_FAILURE_MS;
      return this.copy.rules;
    }
  }
}

/** A violation of the username policy; the code is Logto's. */
function usernameFault(violation: UsernameViolation, { minLength, maxLength }: UsernamePolicy): FieldMessage {
  if (violation === 'too_short') return { code: violation, params: { min: minLength } };
  if (violation === 'too_long') return { code: violation, params: { max: maxLength } };
  return { code: violation };
}
