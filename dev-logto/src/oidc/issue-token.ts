import { SignJWT } from 'jose';
import type { Provider } from 'oidc-provider';
import type { Context } from '../context.js';
import { MANAGEMENT_API_INDICATOR } from '../tenant/seed.js';
import { generateId } from '../tenant/ids.js';
import type { JsonObject } from '../tenant/types.js';
import { claimsOf } from './claims.js';
import type { SigningKeys } from './signing-keys.js';

export interface IssueTokenOptions {
  /**
   * `access` (the default): a JWT for an API resource. `id`: an ID token. `opaque`: good for
   * `/oidc/me` alone. `other-audience`, `expired`: access tokens that an API must refuse. `machine`: a
   * machine-to-machine application's own token for the same resource, which it must refuse too.
   */
  kind?: 'access' | 'id' | 'opaque' | 'other-audience' | 'machine' | 'expired';
  /** Application id; `profile-page`, or else the first that users sign in to. */
  client?: string;
  /** API resource indicator; unless given, the first that is not the Management API's. */
  resource?: string;
  /** Seconds; 3600 unless given. */
  ttl?: number;
  /** Separated by spaces; taken as given, whatever the user's roles are. */
  scope?: string;
  /** Put over the token's own claims, in JWTs: `nonce`, `auth_time` or `sid` in an ID token, say. */
  claims?: JsonObject;
}

const OPENID_SCOPE = 'openid profile email phone custom_data identities';

/**
 * A token as the provider would give it to this user after a sign-in, without one.
 * @throws Error that says what is missing: an unknown user or application, a tenant without resources.
 */
export const issueToken = async (
  context: Context,
  keys: SigningKeys,
  provider: Provider,
  userId: string,
  options: IssueTokenOptions = {},
): Promise<string> => {
  const { tenant } = context;
  const { kind = 'access', ttl = 3600, claims = {} } = options;
  const user = tenant.users.get(userId);
  if (!user) throw new Error(`No such user: ${userId}`);
  const client = kind === 'machine' ? machineOf(context, options.client) : clientOf(context, options.client);
  if (kind === 'opaque') return opaqueToken(provider, userId, client, options.scope ?? OPENID_SCOPE, ttl);

  const now = tenant.clock.seconds();
  const iss = `${context.endpoint}/oidc`;
  const key = keys.current;
  const sign = async (payload: JsonObject, typ?: string): Promise<string> =>
    new SignJWT({ ...payload, ...claims })
      .setProtectedHeader({ alg: key.signingAlgorithm, ...(typ && { typ }), kid: key.id })
      .sign(await keys.privateKey(key));
  if (kind === 'id') {
    const scope = options.scope ?? OPENID_SCOPE;
    return sign({ ...claimsOf(tenant, user, 'id_token', scope), aud: client, exp: now + ttl, iat: now, iss });
  }
  const resource = options.resource ?? resourceOf(context);
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
      aud: kind === 'other-audience' ? 'https://other.example/api' : resource,
    },
    'at+jwt',
  );
};

const clientOf = ({ tenant }: Context, id?: string): string => {
  const known = [...tenant.applications.values()].filter(({ type }) => type !== 'MachineToMachine');
  const client = id ? tenant.applications.get(id) : (tenant.applications.get('profile-page') ?? known[0]);
  if (!client) throw new Error(id ? `No such application: ${id}` : 'The tenant has no application to sign in to.');
  return client.id;
};

const machineOf = ({ tenant }: Context, id?: string): string => {
  const machines = [...tenant.applications.values()].filter(({ type }) => type === 'MachineToMachine');
  const machine = id ? machines.find((application) => application.id === id) : machines[0];
  if (!machine) throw new Error(`No such machine-to-machine application${id ? `: ${id}` : ''}`);
  return machine.id;
};

const resourceOf = ({ tenant }: Context): string => {
  const resource = [...tenant.resources.values()].find(({ indicator }) => indicator !== MANAGEMENT_API_INDICATOR);
  if (!resource) throw new Error('The tenant has no API resource of its own.');
  return resource.indicator;
};

const opaqueToken = async (
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
