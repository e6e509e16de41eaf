import { SignJWT } from 'jose';
import type { Provider } from 'oidc-provider';
import type { Context } from '../context.js';
import { MANAGEMENT_API_INDICATOR } from '../tenant/seed.js';
import { generateId } from '../tenant/ids.js';
import type { JsonObject } from '../tenant/types.js';
import { getClaims } from './claims.js';
import type { SigningKeys } from './signing-keys.js';

export const TOKEN_KINDS = [
  ...(['access', 'id', 'logout', 'opaque', 'organization', 'organization-audience'] as const),
  ...(['other-audience', 'machine', 'expired'] as const),
] as const;
type TokenKind = (typeof TOKEN_KINDS)[number];

export interface IssueTokenOptions {
  /**
   * - `access` (default): a JWT access token for an API resource
   * - `id`: an ID token
   * - `opaque`: an opaque access token, valid only for `/oidc/me`
   * - `organization`: an access token for an API resource, in an organization
   * - `organization-audience`: an access token for an organization, without a resource
   * - `other-audience`, `expired`: access tokens that an API must reject
   * - `logout`: a logout token, as back-channel logout sends it
   * - `machine`: a machine-to-machine application's access token; an API for users must reject it
   */
  kind?: TokenKind;
  /** Application id. Default: `profile-page` if it exists, otherwise the first application for users. */
  client?: string;
  /** API resource indicator. Default: the first resource other than the Management API. */
  resource?: string;
  /** Organization id, for the kinds with an organization. Default: a fictitious one. */
  organization?: string;
  /** Lifetime in seconds. Default: 3600. */
  ttl?: number;
  /** Space-separated scopes. They are not checked against the user's roles. */
  scope?: string;
  /** Claims to add or override in a JWT, such as `nonce`, `auth_time` or `sid`. */
  claims?: JsonObject;
}

/** As Logto's `buildOrganizationUrn()`. */
const ORGANIZATION_AUDIENCE = 'urn:logto:organization:';

const OPENID_SCOPE = 'openid profile email phone custom_data identities';

/**
 * Issues the token that a user would receive after signing in.
 * @throws Error if the user or application is unknown, or the tenant has no API resource.
 */
export const issueToken = async (
  context: Context,
  keys: SigningKeys,
  provider: Provider,
  userId: string,
  options: IssueTokenOptions = {},
): Promise<string> => {
  const { tenant } = context;
  const { kind = 'access', organization = 'dev0organiza', ttl = 3600, claims = {} } = options;
  const user = tenant.users.get(userId);
  if (!user) throw new Error(`No such user: ${userId}`);
  const client = kind === 'machine' ? findMachineId(context, options.client) : findClientId(context, options.client);
  if (kind === 'opaque') return issueOpaqueToken(provider, userId, client, options.scope ?? OPENID_SCOPE, ttl);

  const now = tenant.clock.seconds();
  const iss = `${context.endpoint}/oidc`;
  const key = keys.current;
  const sign = async (payload: JsonObject, typ?: string): Promise<string> =>
    new SignJWT({ ...payload, ...claims })
      .setProtectedHeader({ alg: key.signingAlgorithm, ...(typ && { typ }), kid: key.id })
      .sign(await keys.getPrivateKey(key));
  if (kind === 'id') {
    const scope = options.scope ?? OPENID_SCOPE;
    return sign({ ...getClaims(tenant, user, 'id_token', scope), aud: client, exp: now + ttl, iat: now, iss });
  }
  if (kind === 'logout') {
    const events = { 'http://schemas.openid.net/event/backchannel-logout': {} };
    return sign({ sub: userId, events, jti: generateId(), aud: client, iss, iat: now, exp: now + 120 }, 'logout+jwt');
  }
  const audiences: Partial<Record<TokenKind, string>> = {
    'other-audience': 'https://other.example/api',
    'organization-audience': `${ORGANIZATION_AUDIENCE}${organization}`,
  };
  const age = kind === 'expired' ? ttl + 60 : 0;
  return sign(
    {
      jti: generateId(),
      sub: kind === 'machine' ? client : userId,
      iat: now - age,
      exp: now - age + ttl,
      ...(kind === 'machine' ? options.scope && { scope: options.scope } : { scope: options.scope ?? '' }),
      client_id: client,
      iss,
      aud: audiences[kind] ?? options.resource ?? findResourceIndicator(context),
      ...(kind === 'organization' && { organization_id: organization }),
    },
    'at+jwt',
  );
};

const findClientId = ({ tenant }: Context, id?: string): string => {
  const userApplications = [...tenant.applications.values()].filter(({ type }) => type !== 'MachineToMachine');
  const client = id ? tenant.applications.get(id) : (tenant.applications.get('profile-page') ?? userApplications[0]);
  if (!client)
    throw new Error(id ? `No such application: ${id}` : 'The tenant has no application that users can sign in to.');
  return client.id;
};

const findMachineId = ({ tenant }: Context, id?: string): string => {
  const machines = [...tenant.applications.values()].filter(({ type }) => type === 'MachineToMachine');
  const machine = id ? machines.find((application) => application.id === id) : machines[0];
  if (!machine) throw new Error(`No such machine-to-machine application${id ? `: ${id}` : ''}`);
  return machine.id;
};

const findResourceIndicator = ({ tenant }: Context): string => {
  const resource = [...tenant.resources.values()].find(({ indicator }) => indicator !== MANAGEMENT_API_INDICATOR);
  if (!resource) throw new Error('The tenant has no API resource other than the Management API.');
  return resource.indicator;
};

const issueOpaqueToken = async (
  provider: Provider,
  accountId: string,
  clientId: string,
  scope: string,
  expiresIn: number,
): Promise<string> => {
  const client = await provider.Client.find(clientId);
  const grant = new provider.Grant({ accountId, clientId });
  grant.addOIDCScope(scope);
  const grantId = await grant.save();
  const token = new provider.AccessToken({
    accountId,
    client: client!,
    grantId,
    scope,
    expiresIn,
    gty: 'authorization_code',
  } as never);
  return token.save();
};
