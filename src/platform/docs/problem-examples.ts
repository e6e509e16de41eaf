import type { ErrorCode } from '../errors/error-catalogue.js';
import type { ProblemOptions } from '../errors/problem-error.js';

/** The members of example problems besides code, title and status. */
export const EXAMPLE_OPTIONS: Readonly<Partial<Record<ErrorCode, ProblemOptions>>> = {
  malformed_request: {
    detail: { code: 'unstorable_text' },
    errors: [{ pointer: '/name', code: 'unstorable_text' }],
  },
  invalid_token: { detail: { code: 'token_expired' } },
  unsupported_media_type: { detail: { code: 'media_type_not_accepted' } },
  step_up_required: { extensions: { proofs: ['password', 'email', 'signIn'], required: ['identity'] } },
  field_not_writable: { errors: [{ pointer: '/plan', code: 'field_not_writable' }] },
  precondition_failed: { detail: { code: 'profile_changed' } },
  identifier_taken: { errors: [{ pointer: '/username', code: 'taken' }] },
  validation_failed: { errors: [{ pointer: '/givenName', code: 'too_long', params: { max: 128 } }] },
};

const text = (description: string, example: string) => ({ description, schema: { type: 'string', example } });

/** Response headers, defined once and referenced. */
export const RESPONSE_HEADERS = {
  byStatus: {
    401: ['WWW-Authenticate'],
    405: ['Allow'],
    415: ['Accept-Patch', 'Accept-Encoding'],
    429: ['Retry-After', 'RateLimit', 'RateLimit-Policy'],
    502: ['Retry-After'],
    503: ['Retry-After'],
    504: ['Retry-After'],
  } as Readonly<Record<number, readonly string[]>>,
  components: {
    'X-Request-Id': text('Identifies the request in the log.', '6f1c1c1e-6a6e-4d52-9c39-3d0e8c1f8f1a'),
    'WWW-Authenticate': text(
      'Why the token was rejected (RFC 6750), or that a fresh proof is needed (RFC 9470).',
      'Bearer error="invalid_token"',
    ),
    Allow: text('The allowed methods.', 'GET, PATCH'),
    'Accept-Patch': text('The accepted media types of patches.', 'application/merge-patch+json, application/json'),
    'Accept-Encoding': text('`identity`: compressed bodies are not accepted.', 'identity'),
    'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer', example: 5 } },
    RateLimit: text('The remaining quota.', '"requests";r=0;t=3'),
    'RateLimit-Policy': text('The limit that was applied.', '"requests";q=200;w=10'),
    ETag: text(
      'The version of the document, for `If-Match` and `If-None-Match`. Send it back as received, even if a proxy has changed it.',
      '"3-Yx4mZp0wK1s"',
    ),
    Age: {
      description: "Only while Logto is unavailable: the seconds since Logto's part of the document was read.",
      schema: { type: 'integer', example: 42 },
    },
    Warning: text(
      "Only while Logto is unavailable: Logto's part of the document may be out of date.",
      '110 - "Response is Stale"',
    ),
  },
} as const;

export type ResponseHeader = keyof typeof RESPONSE_HEADERS.components;
