import { ReservedResource } from '@logto/core-kit';
import { errors, type KoaContextWithOIDC, type ResourceServer } from 'oidc-provider';
import type { Context } from '../context.js';
import type { SigningKeys } from './signing-keys.js';

/**
 * What a token for this API resource (RFC 8707) looks like: always a JWT. Its scopes are those that
 * the roles grant of the user, or where there is none of the machine-to-machine application.
 * @throws InvalidTarget for an indicator that is none of the tenant's.
 */
export const resourceServerOf = (
  { tenant, accessTokenTtl }: Context,
  keys: SigningKeys,
  indicator: string,
  subject: { userId?: string; clientId?: string },
): ResourceServer => {
  const jwt = { sign: { alg: keys.current.signingAlgorithm } };
  if (indicator === ReservedResource.Organization) return { accessTokenFormat: 'jwt', jwt, scope: '' };
  const resource = tenant.resourceByIndicator(indicator);
  if (!resource) throw new errors.InvalidTarget();
  const holder = subject.userId ? tenant.users.get(subject.userId) : tenant.applications.get(subject.clientId ?? '');
  return {
    accessTokenFormat: 'jwt',
    jwt,
    accessTokenTTL: accessTokenTtl ?? resource.accessTokenTtl,
    scope: tenant.scopesOf(holder?.roleIds ?? [], resource).join(' '),
  };
};

export const subjectOf = ({ oidc }: KoaContextWithOIDC): { userId?: string; clientId?: string } => ({
  userId: oidc.session?.accountId ?? oidc.entities.Account?.accountId,
  clientId: oidc.client?.clientId,
});

/** What to do when a request names no resource: nothing, but for machines, which Logto refuses. */
export const defaultResource = (ctx: KoaContextWithOIDC): string => {
  if (ctx.oidc.params?.['grant_type'] === 'client_credentials') {
    throw new errors.InvalidTarget('both `resource` and `organization_id` are not provided');
  }
  return undefined as unknown as string; // As the library's own default does.
};
