/**
 * Every problem this service answers with: its HTTP status and its title (RFC 9457 `title`: the same for each
 * occurrence). docs/errors.md explains each; a test holds the two together.
 */
export const ERROR_CATALOGUE = {
  malformed_request: { status: 400, title: 'The request could not be read.' },
  invalid_token: { status: 401, title: 'The access token is missing or not valid.' },
  step_up_required: { status: 401, title: 'A fresh proof of identity is needed.' },
  invalid_proof: { status: 401, title: 'The proof was refused.' },
  invalid_signature: { status: 401, title: 'The signature is not valid.' },
  insufficient_scope: { status: 403, title: 'The access token lacks a scope.' },
  client_not_allowed: { status: 403, title: 'This application may not use this service.' },
  account_suspended: { status: 403, title: 'The account is suspended.' },
  field_not_writable: { status: 403, title: 'A field may not be changed.' },
  not_found: { status: 404, title: 'There is nothing here.' },
  account_not_found: { status: 404, title: 'The account no longer exists.' },
  method_not_allowed: { status: 405, title: 'The method is not allowed here.' },
  request_timeout: { status: 408, title: 'The request took too long to arrive.' },
  identifier_taken: { status: 409, title: 'Another account uses this identifier.' },
  idempotency_conflict: { status: 409, title: 'The idempotency key was used for another request.' },
  precondition_failed: { status: 412, title: 'The profile has changed meanwhile.' },
  precondition_required: { status: 428, title: 'An If-Match header is required.' },
  payload_too_large: { status: 413, title: 'The request is too large.' },
  unsupported_media_type: { status: 415, title: 'The media type is not supported.' },
  validation_failed: { status: 422, title: 'Some values are not valid.' },
  invalid_credentials: { status: 422, title: 'The password is not right.' },
  invalid_code: { status: 422, title: 'The code is not right.' },
  code_expired: { status: 422, title: 'The code is no longer valid.' },
  password_rejected: { status: 422, title: 'The password does not meet the policy.' },
  last_identifier: { status: 422, title: 'Nothing would be left to sign in with.' },
  rate_limited: { status: 429, title: 'Too many requests.' },
  too_many_attempts: { status: 429, title: 'Too many attempts.' },
  headers_too_large: { status: 431, title: 'The request headers are too large.' },
  internal_error: { status: 500, title: 'Something went wrong here.' },
  channel_not_configured: { status: 501, title: 'This kind of message cannot be sent.' },
  upstream_failed: { status: 502, title: 'Logto refused this service.' },
  upstream_unavailable: { status: 503, title: 'Logto cannot be reached.' },
  overloaded: { status: 503, title: 'Too much is waiting; try again soon.' },
  database_unavailable: { status: 503, title: 'The database is unavailable.' },
  upstream_timeout: { status: 504, title: 'Logto did not answer in time.' },
} as const satisfies Record<string, { status: number; title: string }>;

/** The stable `code` of a problem. */
export type ErrorCode = keyof typeof ERROR_CATALOGUE;
