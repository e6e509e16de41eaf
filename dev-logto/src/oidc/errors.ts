import type { KoaContextWithOIDC } from 'oidc-provider';

/** Logto's English messages for OAuth 2.0 error codes. Other codes use {@link createFallbackMessage}. */
const MESSAGES: Record<string, string> = {
  aborted: 'The end-user aborted interaction.',
  access_denied: 'Access denied.',
  invalid_client_metadata: 'Invalid client metadata provided.',
  invalid_grant: 'Grant request is invalid.',
  invalid_issuer: 'Invalid issuer.',
  invalid_redirect_uri: "`redirect_uri` did not match any of the client's registered `redirect_uris`.",
  invalid_request: 'Request is invalid.',
  invalid_target: 'Invalid resource indicator.',
  invalid_token: 'Invalid token provided.',
  server_error: 'An unknown OIDC error occurred. Please try again later.',
  unsupported_grant_type: 'Unsupported `grant_type` requested.',
  unsupported_response_mode: 'Unsupported `response_mode` requested.',
  unsupported_response_type: 'Unsupported `response_type` requested.',
};

const createFallbackMessage = (code: string): string => `An OIDC error occurred: ${code}.`;

interface ErrorBody {
  error: string;
  error_description?: string;
  scope?: string;
}

/** Adds Logto's `code`, `message` and `error_uri` to an OAuth 2.0 error (RFC 6749 section 5.2). */
const toLogtoError = (body: ErrorBody): object => {
  const { error, error_description: description = '' } = body;
  const isSessionMissing =
    (description.includes('session') && description.includes('not found')) ||
    description.includes('authorization request has expired');
  if (isSessionMissing)
    return { code: 'session.not_found', message: 'Session not found. Please go back and sign in again.', ...body };
  const code = `oidc.${error}`;
  return {
    code,
    message:
      error === 'invalid_scope' ? `Invalid scope: ${description}.` : (MESSAGES[error] ?? createFallbackMessage(code)),
    ...(error === 'invalid_grant' && { error_uri: 'https://openid.sh/debug/invalid_grant' }),
    ...body,
  };
};

/** Koa middleware that converts oidc-provider's error responses to Logto's format. */
export const formatErrors = async (ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> => {
  await next();
  if (ctx.status < 400 || !isErrorBody(ctx.body)) return;
  ctx.body = toLogtoError(ctx.body);
  ctx.type = 'json';
};

const isErrorBody = (body: unknown): body is ErrorBody =>
  typeof body === 'object' && body !== null && typeof (body as ErrorBody).error === 'string';
