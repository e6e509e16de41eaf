import { passwordPolicyGuard, usernamePolicyGuard, isEmailBlocklistItem } from '@logto/core-kit';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Context } from '../context.js';
import type { Tenant } from '../tenant/tenant.js';
import type { SignInExperience } from '../tenant/types.js';
import { parseInput } from './parse-input.js';
import { RequestError, notFound } from './request-error.js';
import { jsonObject } from './user-schema.js';

const { length, characterTypes, rejects } = passwordPolicyGuard.shape;

/** Has no defaults, because Logto returns the policy as it was sent. A patch replaces the entire policy. */
const passwordPolicy = z
  .object({
    length: length.removeDefault().partial(),
    characterTypes: characterTypes.removeDefault().partial(),
    rejects: rejects.removeDefault().partial(),
  })
  .partial();

const signInExperiencePatch = z
  .object({
    passwordPolicy,
    usernamePolicy: usernamePolicyGuard,
    emailBlocklistPolicy: z.object({
      blockDisposableAddresses: z.boolean().optional(),
      blockSubaddressing: z.boolean().optional(),
      customBlocklist: z.string().array().optional(),
      customAllowlist: z.string().array().optional(),
    }),
    verificationCodePolicy: z.object({
      expirationDuration: z.number().int().min(60).max(3600).optional(),
      maxRetryAttempts: z.number().int().min(1).max(100).optional(),
    }),
    sentinelPolicy: z.object({ maxAttempts: z.number().optional(), lockoutDuration: z.number().optional() }),
    signInMode: z.enum(['SignIn', 'Register', 'SignInAndRegister']),
    signIn: jsonObject,
    signUp: jsonObject,
    mfa: jsonObject,
    forgotPasswordMethods: z.string().array().nullable(),
  })
  .partial();

/** Routes for the sign-in experience. dev-logto applies only the policies; other settings are stored and returned. */
export function signInExperienceRoutes(app: FastifyInstance, { tenant, passwords, faults }: Context): void {
  app.get('/sign-in-exp', () => tenant.signInExperience);

  app.patch('/sign-in-exp', (request) => {
    const change = parseInput(signInExperiencePatch, request.body) as Partial<SignInExperience>;
    if (Object.keys(change).length === 0) throw new RequestError(422, 'entity.invalid_input');
    if (change.emailBlocklistPolicy) change.emailBlocklistPolicy = checkBlocklist(change.emailBlocklistPolicy);
    if (change.usernamePolicy?.['caseSensitive'] === false) {
      const conflicts = findCaseConflicts(tenant);
      if (conflicts.totalConflicts > 0) {
        throw new RequestError(409, 'sign_in_experiences.username_policy_case_conflicts_exist', { data: conflicts });
      }
    }
    return Object.assign(tenant.signInExperience, change);
  });

  app.get('/sign-in-exp/username-policy/case-sensitivity-conflicts', (request) => {
    const query = z.object({ limit: z.coerce.number().int().min(1).max(100).default(20) });
    const { limit } = parseInput(query, request.query, 'query');
    return findCaseConflicts(tenant, limit);
  });

  app.post('/sign-in-exp/default/check-password', async (request, reply) => {
    const body = z.object({ password: z.string(), userId: z.string().optional() });
    const { password, userId } = parseInput(body, request.body);
    const user = userId === undefined ? undefined : tenant.users.get(userId);
    if (userId !== undefined && !user) throw notFound();
    try {
      const policy = tenant.signInExperience.passwordPolicy;
      const issues = await passwords.check(password, policy, user, faults.breachedPasswordServiceDown);
      return await reply
        .code(issues.length > 0 ? 400 : 200)
        .send(issues.length > 0 ? { result: false, issues } : { result: true });
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      throw new RequestError(400, 'request.invalid_input', { data: { message: error.message } });
    }
  });
}

function checkBlocklist(policy: SignInExperience['emailBlocklistPolicy']): SignInExperience['emailBlocklistPolicy'] {
  if (policy['blockDisposableAddresses']) {
    const details = 'Disposable email domain validation is not supported in this environment';
    throw new RequestError(400, 'request.invalid_input', { values: { details } });
  }
  const checked = { ...policy };
  for (const list of ['customBlocklist', 'customAllowlist']) {
    const items = policy[list] as string[] | undefined;
    if (!items) continue;
    const invalid = items.filter((item) => !isEmailBlocklistItem(item));
    if (invalid.length > 0) {
      const values = { items: invalid.join(', ') };
      throw new RequestError(400, 'sign_in_experiences.invalid_custom_email_blocklist_format', { values });
    }
    checked[list] = [...new Set(items)];
  }
  return checked;
}

function findCaseConflicts(tenant: Tenant, limit = 20) {
  const idsByLowerCase = new Map<string, string[]>();
  for (const { id, username } of tenant.users.values()) {
    if (username)
      idsByLowerCase.set(username.toLowerCase(), [...(idsByLowerCase.get(username.toLowerCase()) ?? []), id]);
  }
  const conflicts = [...idsByLowerCase].filter(([, userIds]) => userIds.length > 1);
  return {
    totalConflicts: conflicts.length,
    samples: conflicts.slice(0, limit).map(([usernameLower, userIds]) => ({ usernameLower, userIds })),
  };
}
