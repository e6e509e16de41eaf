import { ReservedResource } from '@logto/core-kit';
import { errors, type KoaContextWithOIDC, type ResourceServer } from 'oidc-provider';
import type { Context } from '../context.js';
import type { SigningKeys } from './signing-keys.js';

/**
 * Describes access tokens for an API resource (RFC 8707). They are JWTs with the scopes that the roles of
 * the user, or of the machine-to-machine application, grant.
 * @throws InvalidTarget if the tenant has no such resource.
 */
export const getResourceServer = (
  { tenant, accessTokenTtl }: Context,
  keys: SigningKeys,
  indicator: string,
  subject: { userId?: string; clientId?: string },
): ResourceServer => {
  const jwt = { sign: { alg: keys.current.signingAlgorithm } };
  if (indicator === ReservedResource.Organization) return { accessTokenFormat: 'jwt', jwt, scope: '' };
  const resource = tenant.findResource(indicator);
  if (!resource) throw new errors.InvalidTarget();
  const subjectRecord = subject.userId
    ? tenant.users.get(subject.userId)
    : tenant.applications.get(subject.clientId ?? '');
  return {
    accessTokenFormat: 'jwt',
    jwt,
    accessTokenTTL: accessTokenTtl ?? resource.accessTokenTtl,
    scope: tenant.getScopeNames(subjectRecord?.roleIds ?? [], resource).join(' '),
  };
};

export const getSubject = ({ oidc }: KoaContextWithOIDC): { userId?: string; clientId?: string } => ({
  userId: oidc.session?.accountId ?? oidc.entities.Account?.accountId,
  clientId: oidc.client?.clientId,
});

/** Called for a request without a resource. Logto rejects it for machine-to-machine applications. */
export const getDefaultResource = (ctx: KoaContextWithOIDC): string => {
  if (ctx.oidc.params?.['grant_type'] === 'client_credentials') {
    throw new errors.InvalidTarget('both `resource` and `organization_id` are not provided');
  }
  return undefined as unknown as string; // As in oidc-provider's default.
};
