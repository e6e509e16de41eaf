import { ReservedScope, userClaims, UserScope } from '@logto/core-kit';
import { errors, Provider, type Configuration, type KoaContextWithOIDC } from 'oidc-provider';
import type { Context } from '../context.js';
import type { JsonObject } from '../tenant/types.js';
import { createAdapter } from './adapter.js';
import { claimsOf } from './claims.js';
import { originAllowed, redirectUriAllowed, secretMatches } from './clients.js';
import { formatErrors } from './errors.js';
import { parseJsonBody } from './json-body.js';
import { defaultResource, resourceServerOf, subjectOf } from './resources.js';
import type { SigningKeys } from './signing-keys.js';
import { TimeShift } from './time-shift.js';
import { registerTokenExchange } from './token-exchange.js';

const HOUR = 3600;
const DAY = 24 * HOUR;
const SIGNING_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'ES384', 'ES512'] as const;

/** oidc-provider, the engine that Logto itself is built on, set up as Logto sets it up. */
export const createProvider = (context: Context, keys: SigningKeys): Provider => {
  const provider = new Provider(`${context.endpoint}/oidc`, configuration(context, keys));
  provider.use(formatErrors);
  provider.use(parseJsonBody);
  provider.use(forbidStaleKeys);
  adaptClients(provider, context);
  shiftIdTokens(provider, new TimeShift(context.tenant.clock), (clientId) => idTokenTtl(context, clientId));
  registerTokenExchange(provider, context, keys);
  return provider;
};

const configuration = (context: Context, keys: SigningKeys): Configuration => {
  const { tenant } = context;
  const time = new TimeShift(tenant.clock);
  const application = (clientId: string | undefined) => tenant.applications.get(clientId ?? '');
  return {
    adapter: createAdapter(tenant, keys),
    jwks: { keys: keys.all.map(({ privateJwk }) => privateJwk) as never },
    cookies: {
      // Fixed, so that a browser stays signed in when dev-logto is started again with its state.
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
          ctx.body = logoutPage(form);
        },
        postLogoutSuccessSource: (ctx) => ctx.redirect('/signed-out'),
      },
      resourceIndicators: {
        enabled: true,
        defaultResource,
        useGrantedResource: () => false,
        getResourceServerInfo: (ctx, indicator) => resourceServerOf(context, keys, indicator, subjectOf(ctx)),
      },
    },
    // Without oidc-provider's dispatcher, which lets nothing reach loopback: back-channel logout goes there.
    fetch: (url, options) => fetch(url, { ...options, dispatcher: undefined } as RequestInit),
    pkce: { required: (_ctx, client) => client.clientAuthMethod !== 'client_secret_basic' },
    extraParams: ['first_screen', 'identifier', 'login_hint', 'direct_sign_in', 'one_time_token', 'organization_id'],
    clientBasedCORS: (ctx, origin, client) =>
      ctx.URL.origin === origin || originAllowed(origin, application(client.clientId)),
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
        claims: (use, scope) => claimsOf(tenant, user, use, scope) as JsonObject & { sub: string },
      };
    },
    issueRefreshToken: (_ctx, client, code) =>
      client.grantTypeAllowed('refresh_token') &&
      (code.scopes.has('offline_access') ||
        (client.applicationType === 'web' &&
          application(client.clientId)?.customClientMetadata.alwaysIssueRefreshToken === true)),
    rotateRefreshToken: (ctx) =>
      shouldRotate(ctx, application(ctx.oidc.client?.clientId)?.customClientMetadata.rotateRefreshToken),
    formats: {
      customizers: {
        jwt: (_ctx, token, jwt) => {
          jwt.payload = time.toTenant(jwt.payload as JsonObject) as typeof jwt.payload;
          // A user's token always has a scope, be it empty; a machine's without any has none.
          if (token.kind === 'AccessToken') jwt.payload.scope ??= '';
        },
      },
    },
    ttl: {
      IdToken: (_ctx, _token, client) => idTokenTtl(context, client.clientId),
      RefreshToken: (ctx, token, client) =>
        ctx?.oidc.entities.RotatedRefreshToken && client.applicationType === 'web' && client.clientAuthMethod === 'none'
          ? ctx.oidc.entities.RotatedRefreshToken.remainingTTL
          : (application(client.clientId)?.customClientMetadata.refreshTokenTtlInDays ?? 14) * DAY,
      AccessToken: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? context.accessTokenTtl ?? HOUR,
      ClientCredentials: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? HOUR,
      Interaction: HOUR,
      Session: 14 * DAY,
      Grant: 180 * DAY,
    },
  };
};

const idTokenTtl = ({ tenant }: Context, clientId: string): number =>
  tenant.applications.get(clientId)?.customClientMetadata.idTokenTtl ?? HOUR;

/** oidc-provider's own rule for public clients, unless the application has rotation switched off. */
const shouldRotate = (ctx: KoaContextWithOIDC, enabled = true): boolean => {
  const { RefreshToken: token, Client: client } = ctx.oidc.entities;
  if (!enabled || !token || !client || token.totalLifetime() >= 365.25 * DAY) return false;
  return client.clientAuthMethod === 'none' || token.ttlPercentagePassed() >= 70;
};

type Policy = (
  ctx: KoaContextWithOIDC,
  client: { clientId: string; clientAuthMethod?: string },
  token: { clientId?: string },
) => boolean;

/** Applications with a secret may look at every token, public ones at their own. */
const mayIntrospect: Policy = (_ctx, client, token) =>
  client.clientAuthMethod !== 'none' || token.clientId === client.clientId;

const mayRevoke: Policy = (_ctx, client, token) => token.clientId === client.clientId;

/** Where the tenant's applications know better than oidc-provider's clients. */
const adaptClients = (provider: Provider, { tenant }: Context): void => {
  const { prototype } = provider.Client;
  const metadata = (id: string) => tenant.applications.get(id)?.oidcClientMetadata;
  Object.assign(prototype, {
    compareClientSecret(this: { clientId: string }, secret: string) {
      return secretMatches(tenant.applications.get(this.clientId), secret, tenant.clock.now());
    },
    redirectUriAllowed(this: { clientId: string }, uri: string) {
      return redirectUriAllowed(uri, metadata(this.clientId)?.redirectUris);
    },
    postLogoutRedirectUriAllowed(this: { clientId: string }, uri: string) {
      return redirectUriAllowed(uri, metadata(this.clientId)?.postLogoutRedirectUris);
    },
  });
};

/** ID tokens are issued by the tenant's clock. Nothing is touched while it shows the real time. */
const shiftIdTokens = (provider: Provider, time: TimeShift, idTokenTtl: (clientId: string) => number): void => {
  const { prototype } = provider.IdToken;
  const { issue } = prototype;
  prototype.issue = async function (options) {
    const { seconds } = time;
    if (options.use !== 'idtoken' || seconds === 0) return issue.call(this, options);
    const now = Math.floor(Date.now() / 1000);
    const { available, client } = this;
    const authTime = available['auth_time'];
    if (typeof authTime === 'number') available['auth_time'] = authTime + seconds;
    this.set('iat', now + seconds);
    const ttl = idTokenTtl(client.clientId);
    return issue.call(this, { ...options, expiresAt: now + seconds + ttl });
  };
};

/** Logto's words for those who cache the key set. */
const forbidStaleKeys = async (ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> => {
  await next();
  if (ctx.path === '/jwks') ctx.set('cache-control', 'no-cache, max-age=0, must-revalidate');
};

/** Signs out at once, as Logto does: the form is sent by script. */
const logoutPage = (form: string): string => `<!DOCTYPE html>
<html lang="en">
<head><meta charset="UTF-8"><meta name="viewport" content="width=device-width, initial-scale=1.0"><title>Sign out</title></head>
<body onload="document.getElementById('op.logoutForm').submit();">
  ${form}
  <input type="hidden" form="op.logoutForm" value="yes" name="logout" />
  <noscript><button form="op.logoutForm">Sign out</button></noscript>
</body>
</html>
`;
