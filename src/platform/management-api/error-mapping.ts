import type { ErrorCode } from '../errors/error-catalogue.js';
import type { FieldError } from '../errors/problem-error.js';
import { UpstreamError } from './upstream-error.js';
import { jsonPointer } from '../json/json-pointer.js';

/** A response of Logto that rejects a call. */
export interface RefusedAnswer {
  readonly status: number;
  readonly body: unknown;
  /** `Retry-After`, as it came. */
  readonly retryAfter?: string;
}

interface Meaning {
  readonly code: ErrorCode;
  readonly errors?: readonly FieldError[];
  readonly headers?: Readonly<Record<string, string>>;
}

const taken = (pointer: string): Meaning => ({
  code: 'identifier_taken',
  errors: [{ pointer, code: 'taken' }],
});

/** Logto limits messages by recipient in windows of 10 minutes, and says neither how long nor when. */
const MESSAGE_WINDOW_S = '600';

/** By `status code`, which together are stable; messages follow `Accept-Language` and are not read. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  '404 entity.not_found': { code: 'account_not_found' },
  '404 user.identity_not_exist': { code: 'not_found' },
  '404 oidc.session_not_found': { code: 'not_found' },
  '404 oidc.invalid_session_account_id': { code: 'not_found' },
  '404 oidc.invalid_grant': { code: 'not_found' },
  '422 user.username_already_in_use': taken('/username'),
  '422 user.email_already_in_use': taken('/primaryEmail'),
  '422 user.phone_already_in_use': taken('/primaryPhone'),
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
  '429 request.message_rate_limited': { code: 'rate_limited', headers: { 'Retry-After': MESSAGE_WINDOW_S } },
  '501 connector.not_found': { code: 'channel_not_configured' },
  '400 connector.template_not_found': { code: 'channel_not_configured' },
};

/** What Logto calls differently than the profile document: these wrap the fields, which are at the document's top. */
const WRAPPERS = new Set<unknown>(['profile', 'customData']);

/** `guard.invalid_input` names the places at fault; its values and words are not repeated. */
const invalidInput = (body: object): Meaning => {
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

const meaningOf = ({ status, body, retryAfter }: RefusedAnswer, logtoCode: string | undefined): Meaning => {
  const known = logtoCode === undefined ? undefined : MEANINGS[`${status} ${logtoCode}`];
  if (known) return known;
  if (status === 400 && logtoCode === 'guard.invalid_input') return invalidInput(body as object);
  if (status === 429) {
    return { code: 'overloaded', headers: { 'Retry-After': /^\d{1,4}$/.test(retryAfter ?? '') ? retryAfter! : '10' } };
  }
  if (status === 502 || status === 503) return { code: 'upstream_unavailable' };
  if (status === 504) return { code: 'upstream_timeout' };
  // 401 and 403 are about this service's own credential; 404 without a code is an unknown route or a body over 1 MB.
  return { code: 'upstream_failed' };
};

/** The dotted `code` of a Logto error; malformed JSON, 500 and unknown routes have none. */
export const logtoCodeOf = (body: unknown): string | undefined => {
  const code = (body as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' && /^[\w.]{1,100}$/.test(code) ? code : undefined;
};

/**
 * Logto's error as ours. Nothing of the body but its stable code and the names of fields is kept: the 401 of an
 * expired token carries that token's whole payload, and messages quote what was sent.
 */
export const upstreamErrorOf = (answer: RefusedAnswer): UpstreamError => {
  const logtoCode = logtoCodeOf(answer.body);
  const { code, ...options } = meaningOf(answer, logtoCode);
  // A 5xx says nothing of the write: a name of 65 emoji gets 500 and is stored all the same.
  const outcome = answer.status >= 500 && answer.status !== 501 ? 'unknown' : 'refused';
  return new UpstreamError(code, outcome, options, logtoCode);
};
