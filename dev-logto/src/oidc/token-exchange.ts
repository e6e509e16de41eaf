import { errors, type Provider, type TokenEndpointGrantContext } from 'oidc-provider';
import { jwtVerify } from 'jose';
import type { Context } from '../context.js';
import { TOKEN_EXCHANGE } from './clients.js';
import { getResourceServer } from './resources.js';
import type { SigningKeys } from './signing-keys.js';

const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const IMPERSONATION_TOKEN = 'urn:logto:token-type:impersonation_token';

interface ExchangeParameters {
  subject_token?: string;
  subject_token_type?: string;
  scope?: string;
  resource?: string;
}

/**
 * Registers token exchange (RFC 8693) as in Logto. An application exchanges a subject token (created by
 * `POST /api/subject-tokens`, single-use) or a user's access token for its own access token for that user.
 * The response has no refresh token and no ID token.
 */
export const registerTokenExchange = (provider: Provider, context: Context, keys: SigningKeys): void => {
  const handler = async (ctx: TokenEndpointGrantContext<ExchangeParameters>): Promise<void> => {
    const { client, params } = ctx.oidc;
    const { subject_token: subjectToken, subject_token_type: type, resource } = params;
    if (!subjectToken) throw new errors.InvalidRequest("missing required parameter 'subject_token'");
    if (!type) throw new errors.InvalidRequest("missing required parameter 'subject_token_type'");
    const userId =
      type === IMPERSONATION_TOKEN || (type === ACCESS_TOKEN && subjectToken.startsWith('sub_'))
        ? consumeSubjectToken(context, subjectToken)
        : await getAccessTokenSubject(provider, context, keys, subjectToken, type);
    const user = context.tenant.users.get(userId);
    if (!user || user.isSuspended)
      throw new errors.InvalidGrant('subject token invalid (referenced account not found)');

    const requestedScopes = new Set(params.scope?.split(' '));
    const grant = new provider.Grant({ accountId: userId, clientId: client.clientId });
    const token = new provider.AccessToken({ accountId: userId, client, gty: TOKEN_EXCHANGE } as ConstructorParameters<
      Provider['AccessToken']
    >[0]);
    if (resource) {
      const server = getResourceServer(context, keys, resource, { userId });
      token.resourceServer = new provider.ResourceServer(resource, server);
      token.scope = (server.scope ?? '')
        .split(' ')
        .filter((name) => requestedScopes.has(name))
        .join(' ');
      grant.addResourceScope(resource, token.scope);
    } else {
      const supportedScopes = new Set(ctx.oidc.requestParamOIDCScopes);
      token.scope = [...requestedScopes].filter((name) => supportedScopes.has(name)).join(' ');
      grant.addOIDCScope(token.scope);
    }
    token.grantId = await grant.save();
    ctx.oidc.entity('Grant', grant);
    ctx.oidc.entity('AccessToken', token);
    ctx.body = {
      access_token: await token.save(),
      expires_in: token.expiration,
      scope: token.scope,
      token_type: token.tokenType,
    };
  };
  const parameters = ['subject_token', 'subject_token_type', 'actor_token', 'actor_token_type', 'scope', 'resource'];
  provider.registerGrantType<ExchangeParameters>(TOKEN_EXCHANGE, handler, parameters);
};

const consumeSubjectToken = ({ tenant }: Context, token: string): string => {
  const subjectToken = tenant.subjectTokens.get(token);
  if (!subjectToken) throw new errors.InvalidGrant('subject token not found');
  if (subjectToken.expiresAt <= tenant.clock.now()) throw new errors.InvalidGrant('subject token is expired');
  if (subjectToken.consumedAt !== null) throw new errors.InvalidGrant('subject token is already consumed');
  subjectToken.consumedAt = tenant.clock.now();
  return subjectToken.userId;
};

const getAccessTokenSubject = async (
  provider: Provider,
  { tenant, endpoint }: Context,
  keys: SigningKeys,
  token: string,
  type: string,
): Promise<string> => {
  if (type !== ACCESS_TOKEN) throw new errors.InvalidGrant('unsupported subject token type');
  const opaque = await provider.AccessToken.find(token);
  if (opaque?.accountId) return opaque.accountId;
  // Access tokens and ID tokens have the same issuer and key. Only `typ` distinguishes them.
  const options = { typ: 'at+jwt', issuer: `${endpoint}/oidc`, currentDate: new Date(tenant.clock.now()) };
  const verified = await jwtVerify(token, ({ kid }: { kid?: string }) => keys.getPublicKey(kid), options).catch(
    () => undefined,
  );
  const client = tenant.applications.get(String(verified?.payload['client_id']));
  if (!verified?.payload.sub || !client || client.isThirdParty) throw new errors.InvalidGrant('invalid subject token');
  return verified.payload.sub;
};
