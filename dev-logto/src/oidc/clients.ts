import type { AllClientMetadata } from 'oidc-provider';
import type { Application, SigningKey } from '../tenant/types.js';

export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';

/**
 * Converts an application to OIDC client metadata (RFC 7591 section 2), as Logto does. The client secret is
 * a placeholder, because an application can have several; {@link isSecretValid} checks them.
 */
export const toClientMetadata = (
  application: Application,
  signingAlgorithm: SigningKey['signingAlgorithm'],
): AllClientMetadata => {
  const { type, oidcClientMetadata, customClientMetadata } = application;
  const isMachine = type === 'MachineToMachine';
  const isPublic = type === 'Native' || type === 'SPA';
  return {
    client_id: application.id,
    client_name: application.name,
    application_type: type === 'Native' ? 'native' : 'web',
    token_endpoint_auth_method: isPublic ? 'none' : 'client_secret_basic',
    ...(!isPublic && { client_secret: 'checked by isSecretValid' }),
    grant_types: [
      ...(isMachine ? ['client_credentials'] : ['authorization_code', 'refresh_token']),
      ...(customClientMetadata.allowTokenExchange ? [TOKEN_EXCHANGE] : []),
    ],
    ...(isMachine && { response_types: [] }),
    redirect_uris: oidcClientMetadata.redirectUris,
    post_logout_redirect_uris: oidcClientMetadata.postLogoutRedirectUris,
    backchannel_logout_uri: oidcClientMetadata.backchannelLogoutUri,
    backchannel_logout_session_required: oidcClientMetadata.backchannelLogoutSessionRequired,
    id_token_signed_response_alg: signingAlgorithm,
  };
};

export const isSecretValid = (application: Application | undefined, secret: string, now: number): boolean =>
  application?.secrets.some(({ value, expiresAt }) => value === secret && (expiresAt ?? Infinity) > now) ?? false;

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Whether a redirect URI is registered. Unlike Logto, which compares exactly, this accepts any port for
 * loopback URIs (RFC 8252 section 7.3), because development servers and tests use any free port.
 */
export const isRedirectUriAllowed = (uri: string, registered: readonly string[] = []): boolean =>
  registered.includes(uri) || registered.some((allowed) => removeLoopbackPort(uri) === removeLoopbackPort(allowed));

/** Whether CORS allows this origin: a redirect URI of the application has it, or `corsAllowedOrigins` lists it. */
export const isOriginAllowed = (origin: string, application: Application | undefined): boolean =>
  [
    ...(application?.oidcClientMetadata.redirectUris ?? []),
    ...(application?.customClientMetadata.corsAllowedOrigins ?? []),
  ].some((uri) => isRedirectUriAllowed(origin, [URL.canParse(uri) ? new URL(uri).origin : uri]));

const removeLoopbackPort = (uri: string): string => {
  if (!URL.canParse(uri)) return uri;
  const url = new URL(uri);
  if (url.protocol !== 'http:' || !LOOPBACK.has(url.hostname)) return uri;
  url.port = '';
  return url.href;
};
