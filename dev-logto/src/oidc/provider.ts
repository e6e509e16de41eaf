import { ReservedScope, userClaims, UserScope } from '@logto/core-kit';
import { errors, Provider, type Configuration, type KoaContextWithOIDC } from 'oidc-provider';
import type { Context } from '../context.js';
import type { JsonObject } from '../tenant/types.js';
import { createAdapter } from './adapter.js';
import { getClaims } from './claims.js';
import { isOriginAllowed, isRedirectUriAllowed, isSecretValid } from './clients.js';
import { formatErrors } from './errors.js';
import { convertJsonToForm } from './json-body.js';
import { getDefaultResource, getResourceServer, getSubject } from './resources.js';
import type { SigningKeys } from './signing-keys.js';
import { TimeShift } from './time-shift.js';
import { registerTokenExchange } from './token-exchange.js';

const HOUR = 3600;
const DAY = 24 * HOUR;
const SIGNING_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'ES384', 'ES512'] as const;

/** Creates an oidc-provider instance with Logto's configuration. */
export const createProvider = (context: Context, keys: SigningKeys): Provider => {
  const provider = new Provider(`${context.endpoint}/oidc`, createConfiguration(context, keys));
  provider.use(formatErrors);
  provider.use(convertJsonToForm);
  provider.use(disableKeySetCaching);
  useTenantApplications(provider, context);
  shiftIdTokens(provider, new TimeShift(context.tenant.clock), (clientId) => getIdTokenTtl(context, clientId));
  registerTokenExchange(provider, context, keys);
  return provider;
};

const createConfiguration = (context: Context, keys: SigningKeys): Configuration => {
  const { tenant } = context;
  const timeShift = new TimeShift(tenant.clock);
  const getApplication = (clientId: string | undefined) => tenant.applications.get(clientId ?? '');
  return {
    adapter: createAdapter(tenant, keys),
    jwks: { keys: keys.all.map(({ privateJwk }) => privateJwk) as never },
    cookies: {
      // Fixed, so that browsers stay signed in after a restart with a state file.
      keys: ['development only'],
      long: { signed: true, httpOnly: true, sameSite: 'lax', path: '/', overwrite: true },
      short: { signed: true, httpOnly: true, sameSite: 'lax', path: '/', overwrite: true },
    },
    clientDefaults: { id_token_signed_response_alg: keys.current.signingAlgorithm },
    enabledJWA: {
      idTokenSigningAlgValues: [...SIGNING_ALGORITHMS],
      userinfoSigningAlgValues: [...SIGNING_ALGORITHMS],
      introspectionSigningAlgValues: [...SIGNING_ALGORITHMS],
      authorizationSigningAlgValues: [...SIGNING_ALGORITHMS],
    },
    scopes: [...Object.values(ReservedScope), ...Object.values(UserScope)],
    claims: userClaims as unknown as Configuration['claims'],
    conformIdTokenClaims: false,
    renderError: (ctx, out) => {
      ctx.body = out;
    },
    features: {
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      revocation: { enabled: true, allowedPolicy: mayRevoke },
      introspection: { enabled: true, allowedPolicy: mayIntrospect },
      clientCredentials: { enabled: true },
      deviceFlow: { enabled: true },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        logoutSource: (ctx, form) => {
          ctx.body = renderLogoutPage(form);
        },
        postLogoutSuccessSource: (ctx) => ctx.redirect('/signed-out'),
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: getDefaultResource,
        useGrantedResource: () => false,
        getResourceServerInfo: (ctx, indicator) => getResourceServer(context, keys, indicator, getSubject(ctx)),
      },
    },
    // oidc-provider's dispatcher blocks loopback addresses, which back-channel logout needs here.
    fetch: (url, options) => fetch(url, { ...options, dispatcher: undefined } as RequestInit),
    pkce: { required: (_ctx, client) => client.clientAuthMethod !== 'client_secret_basic' },
    extraParams: ['first_screen', 'identifier', 'login_hint', 'direct_sign_in', 'one_time_token', 'organization_id'],
    clientBasedCORS: (ctx, origin, client) =>
      ctx.URL.origin === origin || isOriginAllowed(origin, getApplication(client.clientId)),
    interactions: {
      url: (_ctx, { prompt, params }) =>
        `/${prompt.name === 'login' ? 'sign-in' : 'consent'}?app_id=${encodeURIComponent(String(params['client_id']))}`,
    },
    findAccount: (_ctx, sub) => {
      const user = tenant.users.get(sub);
      if (!user) throw new errors.InvalidGrant('user not found');
      if (user.isSuspended) throw new errors.InvalidGrant('user is suspended');
      return {
        accountId: sub,
        claims: (use, scope) => getClaims(tenant, user, use, scope) as JsonObject & { sub: string },
      };
    },
    issueRefreshToken: (_ctx, client, code) =>
      client.grantTypeAllowed('refresh_token') &&
      (code.scopes.has('offline_access') ||
        (client.applicationType === 'web' &&
          getApplication(client.clientId)?.customClientMetadata.alwaysIssueRefreshToken === true)),
    rotateRefreshToken: (ctx) =>
      shouldRotateRefreshToken(ctx, getApplication(ctx.oidc.client?.clientId)?.customClientMetadata.rotateRefreshToken),
    formats: {
      customizers: {
        jwt: (_ctx, token, jwt) => {
          jwt.payload = timeShift.toTenantTime(jwt.payload as JsonObject) as typeof jwt.payload;
          // Users' tokens always have a `scope`, even if it is empty. Machines' tokens omit an empty one.
          if (token.kind === 'AccessToken') jwt.payload.scope ??= '';
        },
      },
    },
    ttl: {
      IdToken: (_ctx, _token, client) => getIdTokenTtl(context, client.clientId),
      RefreshToken: (ctx, token, client) =>
        ctx?.oidc.entities.RotatedRefreshToken && client.applicationType === 'web' && client.clientAuthMethod === 'none'
          ? ctx.oidc.entities.RotatedRefreshToken.remainingTTL
          : (getApplication(client.clientId)?.customClientMetadata.refreshTokenTtlInDays ?? 14) * DAY,
      AccessToken: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? context.accessTokenTtl ?? HOUR,
      ClientCredentials: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? HOUR,
      Interaction: HOUR,
      Session: 14 * DAY,
      Grant: 180 * DAY,
    },
  };
};

const getIdTokenTtl = ({ tenant }: Context, clientId: string): number =>
  tenant.applications.get(clientId)?.customClientMetadata.idTokenTtl ?? HOUR;

/** oidc-provider's default policy, unless rotation is disabled for the application. */
const shouldRotateRefreshToken = (ctx: KoaContextWithOIDC, enabled = true): boolean => {
  const { RefreshToken: token, Client: client } = ctx.oidc.entities;
  if (!enabled || !token || !client || token.totalLifetime() >= 365.25 * DAY) return false;
  return client.clientAuthMethod === 'none' || token.ttlPercentagePassed() >= 70;
};

type Policy = (
  ctx: KoaContextWithOIDC,
  client: { clientId: string; clientAuthMethod?: string },
  token: { clientId?: string },
) => boolean;

/** Confidential clients can introspect all tokens, public clients only their own. */
const mayIntrospect: Policy = (_ctx, client, token) =>
  client.clientAuthMethod !== 'none' || token.clientId === client.clientId;

const mayRevoke: Policy = (_ctx, client, token) => token.clientId === client.clientId;

/** Makes clients check secrets and redirect URIs against the tenant's applications. */
const useTenantApplications = (provider: Provider, { tenant }: Context): void => {
  const { prototype } = provider.Client;
  const getMetadata = (id: string) => tenant.applications.get(id)?.oidcClientMetadata;
  Object.assign(prototype, {
    compareClientSecret(this: { clientId: string }, secret: string) {
      return isSecretValid(tenant.applications.get(this.clientId), secret, tenant.clock.now());
    },
    redirectUriAllowed(this: { clientId: string }, uri: string) {
      return isRedirectUriAllowed(uri, getMetadata(this.clientId)?.redirectUris);
    },
    postLogoutRedirectUriAllowed(this: { clientId: string }, uri: string) {
      return isRedirectUriAllowed(uri, getMetadata(this.clientId)?.postLogoutRedirectUris);
    },
  });
};

/** Shifts the times in ID tokens to the tenant's clock. Changes nothing if that clock shows the real time. */
const shiftIdTokens = (provider: Provider, timeShift: TimeShift, getTtl: (clientId: string) => number): void => {
  const { prototype } = provider.IdToken;
  const { issue } = prototype;
  prototype.issue = async function (options) {
    const { seconds } = timeShift;
    if (options.use !== 'idtoken' || seconds === 0) return issue.call(this, options);
    const now = Math.floor(Date.now() / 1000);
    const { available, client } = this;
    const authTime = available['auth_time'];
    if (typeof authTime === 'number') available['auth_time'] = authTime + seconds;
    this.set('iat', now + seconds);
    return issue.call(this, { ...options, expiresAt: now + seconds + getTtl(client.clientId) });
  };
};

/** Sets Logto's `Cache-Control` header on the key set. */
const disableKeySetCaching = async (ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> => {
  await next();
  if (ctx.path === '/jwks') ctx.set('cache-control', 'no-cache, max-age=0, must-revalidate');
};

/** Renders a page that submits the sign-out form by script, as Logto does. */
const renderLogoutPage = (form: string): string => `<!DOCTYPE html>
<html lang="en">
<head><meta charset="UTF-8"><meta name="viewport" content="width=device-width, initial-scale=1.0"><title>Sign out</title></head>
<body onload="document.getElementById('op.logoutForm').submit();">
  ${form}
  <input type="hidden" form="op.logoutForm" value="yes" name="logout" />
  <noscript><button form="op.logoutForm">Sign out</button></noscript>
</body>
</html>
`;
