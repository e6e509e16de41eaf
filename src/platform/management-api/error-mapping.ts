import type { ErrorCode } from '../errors/error-catalogue.js';
import type { FieldError } from '../errors/problem-error.js';
import { jsonPointer } from '../json/json-pointer.js';
import { toRetryAfter } from './retry-after.js';
import { UpstreamError } from './upstream-error.js';

/** A response in which Logto reports an error. */
export interface ErrorResponse {
  readonly status: number;
  readonly body: unknown;
  /** What its `Retry-After` says, in milliseconds. */
  readonly retryAfterMs?: number;
}

interface MappedProblem {
  readonly code: ErrorCode;
  readonly errors?: readonly FieldError[];
  readonly headers?: Readonly<Record<string, string>>;
}

const identifierTaken = (pointer: string): MappedProblem => ({
  code: 'identifier_taken',
  errors: [{ pointer, code: 'taken' }],
});

/** Logto limits messages per recipient in windows of 10 minutes, and does not say when the window ends. */
const MESSAGE_WINDOW_S = '600';

/** By `status code`, which are stable. Messages depend on `Accept-Language` and are not read. */
const PROBLEMS: Readonly<Record<string, MappedProblem>> = {
  '404 entity.not_found': { code: 'account_not_found' },
  '404 user.identity_not_exist': { code: 'not_found' },
  '404 oidc.session_not_found': { code: 'not_found' },
  '404 oidc.invalid_session_account_id': { code: 'not_found' },
  '404 oidc.invalid_grant': { code: 'not_found' },
  '422 user.username_already_in_use': identifierTaken('/username'),
  '422 user.email_already_in_use': identifierTaken('/primaryEmail'),
  '422 user.phone_already_in_use': identifierTaken('/primaryPhone'),
  '422 user.invalid_phone': {
    code: 'validation_failed',
    errors: [{ pointer: '/primaryPhone', code: 'invalid_phone' }],
  },
  '422 entity.value_too_long': { code: 'validation_failed', errors: [{ pointer: '', code: 'too_long', params: {} }] },
  '422 session.invalid_credentials': { code: 'invalid_credentials' },
  '422 password.rejected': { code: 'password_rejected' },
  '400 verification_code.code_mismatch': { code: 'invalid_code' },
  '400 verification_code.not_found': { code: 'code_expired' },
  '400 verification_code.exceed_max_try': { code: 'code_expired' },
  '400 verification_code.expired': { code: 'code_expired' },
  '501 connector.not_found': { code: 'channel_not_configured' },
  '400 connector.template_not_found': { code: 'channel_not_configured' },
  '429 request.message_rate_limited': { code: 'rate_limited', headers: { 'Retry-After': MESSAGE_WINDOW_S } },
};

/** Members of Logto's request bodies whose fields are at the top level of the profile document. */
const WRAPPERS = new Set<unknown>(['profile', 'customData']);

/** `guard.invalid_input` names the paths of the invalid values. Its values and messages are not passed on. */
const toValidationProblem = (body: object): MappedProblem => {
  const issues = (body as { data?: { issues?: { path?: unknown }[] } }).data?.issues;
  const pointers = (Array.isArray(issues) ? issues : []).map(({ path }) => {
    const keys = Array.isArray(path) ? (path as unknown[]) : [];
    const inDocument = keys.length > 1 && WRAPPERS.has(keys[0]) ? keys.slice(1) : keys;
    return jsonPointer(...inDocument.map(String));
  });
  return {
    code: 'validation_failed',
    errors: [...new Set(pointers.length > 0 ? pointers : [''])].map((pointer) => ({
      pointer,
      code: 'invalid',
    })),
  };
};

const toProblem = ({ status, body, retryAfterMs }: ErrorResponse, logtoCode: string | undefined): MappedProblem => {
  const known = logtoCode === undefined ? undefined : PROBLEMS[`${status} ${logtoCode}`];
  if (known) return known;
  // The connector's own error is in Logto's audit log.
  if (logtoCode?.startsWith('connector.')) return { code: 'message_not_sent' };
  if (status === 400 && logtoCode === 'guard.invalid_input') return toValidationProblem(body as object);
  const headers = retryAfterMs === undefined ? undefined : { 'Retry-After': toRetryAfter(retryAfterMs) };
  if (status === 429) return { code: 'overloaded', headers };
  if (status === 502 || status === 503) return { code: 'upstream_unavailable', headers };
  if (status === 504) return { code: 'upstream_timeout', headers };
  // 401 and 403 concern this service's own credentials; a 404 without a code is an unknown route or a body over 1 MiB.
  return { code: 'upstream_failed' };
};

/** Whether Logto rejected a call because there were too many, and not because of its content, such as the recipient of a message. */
export const isRateLimited = ({ status, body }: ErrorResponse): boolean =>
  status === 429 && PROBLEMS[`429 ${logtoCodeOf(body) ?? ''}`] === undefined;

/** The dotted `code` of a Logto error; undefined for malformed JSON, a 500 or an unknown route. */
export const logtoCodeOf = (body: unknown): string | undefined => {
  const code = (body as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' && /^[\w.]{1,100}$/.test(code) ? code : undefined;
};

/**
 * Converts an error response of Logto. Of its body, only the stable code and the names of fields are kept: the 401 for
 * an expired token contains the whole payload of that token, and messages quote the request.
 */
export const toUpstreamError = (response: ErrorResponse): UpstreamError => {
  const logtoCode = logtoCodeOf(response.body);
  const { code, ...options } = toProblem(response, logtoCode);
  // A 5xx does not mean that nothing was written: a name of 65 emoji causes a 500 and is stored all the same.
  const outcome = response.status >= 500 && response.status !== 501 ? 'unknown' : 'rejected';
  return new UpstreamError(code, outcome, options, logtoCode);
};
