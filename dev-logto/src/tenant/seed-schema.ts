import { emailRegEx, phoneRegEx, usernameRegEx } from '@logto/core-kit';
import { z } from 'zod';
import { MANAGEMENT_API_ROLE, type Seed } from './seed.js';

const text = z.string();
const object = z.record(z.unknown());
const uris = z.string().url().array();

const user = z
  .object({
    id: text,
    username: text.regex(usernameRegEx, 'invalid username'),
    password: text.min(1),
    primaryEmail: text.regex(emailRegEx, 'invalid email'),
    primaryPhone: text.regex(phoneRegEx, 'invalid phone number: use digits only, starting with the country code'),
    name: text,
    avatar: text.url(),
    customData: object,
    profile: object,
    identities: z.record(z.object({ userId: text, details: object.optional() })),
    isSuspended: z.boolean(),
    roleIds: text.array(),
  })
  .partial()
  .passthrough();

const application = z
  .object({
    id: text.min(1),
    name: text.optional(),
    type: z.enum(['Native', 'SPA', 'Traditional', 'MachineToMachine']),
    secret: text.optional(),
    redirectUris: uris.optional(),
    postLogoutRedirectUris: uris.optional(),
    backchannelLogoutUri: text.url().optional(),
    backchannelLogoutSessionRequired: z.boolean().optional(),
    customClientMetadata: object.optional(),
    isThirdParty: z.boolean().optional(),
    roles: text.array().optional(),
  })
  .strict();

const seed = z
  .object({
    users: user.array(),
    applications: application.array(),
    resources: z
      .object({
        id: text.optional(),
        name: text,
        indicator: text.url(),
        accessTokenTtl: z.number().int().positive().optional(),
        scopes: text.array().optional(),
      })
      .strict()
      .array(),
    roles: z
      .object({
        id: text,
        name: text,
        description: text.optional(),
        type: z.enum(['User', 'MachineToMachine']).optional(),
        scopes: text.array().optional(),
      })
      .strict()
      .array(),
    connectors: z
      .object({
        id: text,
        type: z.enum(['Email', 'Sms', 'Social']),
        target: text,
        connectorId: text,
        templates: text.array(),
      })
      .strict()
      .array(),
    hooks: z
      .object({
        id: text.optional(),
        name: text.optional(),
        events: text.array().min(1),
        config: z.object({ url: text.url(), headers: z.record(text).optional(), retries: z.number().optional() }),
        signingKey: text.optional(),
      })
      .strict()
      .array(),
    signInExperience: object,
  })
  .partial()
  .strict();

/**
 * Validates a seed read from a file.
 *
 * @param source name of the file, used in the error message
 * @throws Error that lists each invalid value with its path.
 */
export function parseSeed(input: unknown, source: string): Seed {
  const result = seed.safeParse(input ?? {});
  const problems = result.success
    ? findUnknownRoles(result.data as Seed)
    : result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  if (problems.length > 0) throw new Error(`${source} is not a valid seed:\n  ${problems.join('\n  ')}`);
  return result.data as Seed;
}

function findUnknownRoles({ roles = [], applications = [], users = [] }: Seed): string[] {
  const known = new Set([MANAGEMENT_API_ROLE, ...roles.map(({ id }) => id)]);
  const used = [
    ...applications.flatMap((application) => application.roles ?? []),
    ...users.flatMap((seedUser) => seedUser.roleIds ?? []),
  ];
  return used.filter((id) => !known.has(id)).map((id) => `unknown role: ${id}`);
}
