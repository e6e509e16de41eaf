/**
 * The codes of all problems, with their HTTP status. Titles are in `messages/`. docs/errors.md explains each code; a
 * test compares the two.
 */
export const ERROR_STATUS = {
  malformed_request: 400,
  invalid_token: 401,
  step_up_required: 401,
  invalid_proof: 401,
  invalid_signature: 401,
  insufficient_scope: 403,
  client_not_allowed: 403,
  account_suspended: 403,
  field_not_writable: 403,
  not_found: 404,
  account_not_found: 404,
  method_not_allowed: 405,
  request_timeout: 408,
  identifier_taken: 409,
  idempotency_conflict: 409,
  precondition_failed: 412,
  precondition_required: 428,
  payload_too_large: 413,
  unsupported_media_type: 415,
  validation_failed: 422,
  invalid_credentials: 422,
  invalid_code: 422,
  code_expired: 422,
  password_rejected: 422,
  last_identifier: 422,
  rate_limited: 429,
  too_many_attempts: 429,
  headers_too_large: 431,
  internal_error: 500,
  channel_not_configured: 501,
  upstream_failed: 502,
  message_not_sent: 502,
  upstream_unavailable: 503,
  overloaded: 503,
  database_unavailable: 503,
  upstream_timeout: 504,
} as const satisfies Record<string, number>;

/** The stable `code` of a problem. */
export type ErrorCode = keyof typeof ERROR_STATUS;

/**
 * Seconds after which the request can be sent again, for problems that pass by themselves. An error that knows better has its own
 * `Retry-After`.
 */
export const RETRY_AFTER_S: Readonly<Partial<Record<ErrorCode, number>>> = {
  message_not_sent: 10,
  upstream_unavailable: 5,
  upstream_timeout: 5,
  overloaded: 1,
  database_unavailable: 1,
};
