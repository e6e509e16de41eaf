import type { AllClientMetadata } from 'oidc-provider';
import type { Application, SigningKey } from '../tenant/types.js';

export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';

/**
 * An application of the tenant as the client metadata (RFC 7591 section 2) that Logto makes of it.
 * The secret is never this one: {@link secretMatches} compares with the application's own, of which
 * there may be several.
 */
export const clientMetadata = (application: Application, alg: SigningKey['signingAlgorithm']): AllClientMetadata => {
  const { type, oidcClientMetadata, customClientMetadata } = application;
  const machine = type === 'MachineToMachine';
  const isPublic = type === 'Native' || type === 'SPA';
  return {
    client_id: application.id,
    client_name: application.name,
    application_type: type === 'Native' ? 'native' : 'web',
    token_endpoint_auth_method: isPublic ? 'none' : 'client_secret_basic',
    ...(!isPublic && { client_secret: 'compared by secretMatches' }),
    grant_types: [
      ...(machine ? ['client_credentials'] : ['authorization_code', 'refresh_token']),
      ...(customClientMetadata.allowTokenExchange ? [TOKEN_EXCHANGE] : []),
    ],
    ...(machine && { response_types: [] }),
    redirect_uris: oidcClientMetadata.redirectUris,
    post_logout_redirect_uris: oidcClientMetadata.postLogoutRedirectUris,
    backchannel_logout_uri: oidcClientMetadata.backchannelLogoutUri,
    backchannel_logout_session_required: oidcClientMetadata.backchannelLogoutSessionRequired,
    id_token_signed_response_alg: alg,
  };
};

export const secretMatches = (application: Application | undefined, secret: string, now: number): boolean =>
  application?.secrets.some(({ value, expiresAt }) => value === secret && (expiresAt ?? Infinity) > now) ?? false;

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Whether a redirect URI is one of those registered. Where Logto compares exactly, a loopback one
 * may have any port here, as RFC 8252 section 7.3 has it for native apps: development servers and
 * tests take whatever port is free.
 */
export const redirectUriAllowed = (uri: string, registered: readonly string[] = []): boolean =>
  registered.includes(uri) || registered.some((allowed) => withoutPort(uri) === withoutPort(allowed));

/** Whether a browser page of this origin may read answers: it serves one of the redirect URIs. */
export const originAllowed = (origin: string, application: Application | undefined): boolean =>
  [
    ...(application?.oidcClientMetadata.redirectUris ?? []),
    ...(application?.customClientMetadata.corsAllowedOrigins ?? []),
  ].some((uri) => redirectUriAllowed(origin, [URL.canParse(uri) ? new URL(uri).origin : uri]));

const withoutPort = (uri: string): string => {
  if (!URL.canParse(uri)) return uri;
  const url = new URL(uri);
  if (url.protocol !== 'http:' || !LOOPBACK.has(url.hostname)) return uri;
  url.port = '';
  return url.href;
};
