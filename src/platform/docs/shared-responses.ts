import { ERROR_STATUS, type ErrorCode } from '../errors/error-catalogue.js';
import { titleText } from '../errors/messages/messages.js';
import { ProblemError } from '../errors/problem-error.js';
import { PROBLEM_JSON, toProblem } from '../errors/problem.js';
import { EXAMPLE_OPTIONS, RESPONSE_HEADERS } from './problem-examples.js';

/** The problems of all routes. */
const ALL: readonly ErrorCode[] = ['headers_too_large'];
/** The problems of all routes that need an access token. */
const AUTHENTICATED: readonly ErrorCode[] = [
  'invalid_token',
  'client_not_allowed',
  'insufficient_scope',
  'rate_limited',
  'internal_error',
  'database_unavailable',
  'upstream_unavailable',
];
/** The problems of all routes that read the user from Logto. */
const USING_LOGTO: readonly ErrorCode[] = [
  'account_suspended',
  'account_not_found',
  'overloaded',
  'upstream_failed',
  'upstream_timeout',
];
/** The problems of reading a body, before it is validated. */
const READING_BODY: readonly ErrorCode[] = [
  'malformed_request',
  'request_timeout',
  'payload_too_large',
  'unsupported_media_type',
];

/** The names of responses with several codes. One with a single code has the name of the code. */
const RESPONSE_NAMES: Readonly<Record<string, readonly ErrorCode[]>> = {
  Forbidden: ['account_suspended', 'client_not_allowed', 'insufficient_scope'],
  WriteForbidden: ['account_suspended', 'client_not_allowed', 'field_not_writable', 'insufficient_scope'],
  ProofRequired: ['invalid_token', 'step_up_required'],
  ProofRejected: ['invalid_proof', 'invalid_token', 'step_up_required'],
  ResourceNotFound: ['account_not_found', 'not_found'],
  Conflict: ['idempotency_conflict', 'identifier_taken'],
  ChangeInvalid: ['last_identifier', 'validation_failed'],
  CodeRejected: ['code_expired', 'invalid_code', 'validation_failed'],
  PasswordIncorrect: ['invalid_credentials', 'validation_failed'],
  PasswordChangeRejected: ['invalid_credentials', 'password_rejected', 'validation_failed'],
  TooManyRequests: ['rate_limited', 'too_many_attempts'],
  BadGateway: ['message_not_sent', 'upstream_failed'],
  ServiceUnavailable: ['database_unavailable', 'overloaded', 'upstream_unavailable'],
};
const NAMES_BY_CODES = new Map(Object.entries(RESPONSE_NAMES).map(([name, codes]) => [codes.join(), name]));

interface Response {
  readonly description: string;
  readonly headers?: Record<string, unknown>;
  readonly content?: Record<string, unknown>;
}

/** Collects the problem responses of all operations, so that equal responses are defined once. */
export class SharedResponses {
  readonly responses: Record<string, Response> = {};
  readonly examples: Record<string, { summary: string; value: unknown }> = {};

  /** Returns the responses of an operation by status, as references. */
  referencesFor(codes: Iterable<ErrorCode>): Record<string, { $ref: string }> {
    const byStatus = new Map<number, ErrorCode[]>();
    for (const code of [...new Set(codes)].sort()) {
      const status = ERROR_STATUS[code];
      byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
    }
    const entries = [...byStatus].map(([status, group]) => [status, { $ref: this.shared(status, group) }]);
    return Object.fromEntries(entries) as Record<string, { $ref: string }>;
  }

  private shared(status: number, codes: readonly ErrorCode[]): string {
    const name = NAMES_BY_CODES.get(codes.join()) ?? codes.map(pascalCase).join('Or');
    this.responses[name] ??= {
      description: codes.map((code) => titleText(code, 'en')).join(' Or: '),
      headers: headersOf(status),
      content: {
        [PROBLEM_JSON]: {
          schema: { $ref: '#/components/schemas/Problem' },
          examples: Object.fromEntries(codes.map((code) => [code, { $ref: this.example(code) }])),
        },
      },
    };
    return `#/components/responses/${name}`;
  }

  private example(code: ErrorCode): string {
    const error = new ProblemError(code, EXAMPLE_OPTIONS[code]);
    const value = toProblem(error, '6f1c1c1e-6a6e-4d52-9c39-3d0e8c1f8f1a', 'en');
    this.examples[code] = { summary: value.title, value };
    return `#/components/examples/${code}`;
  }
}

export interface Route {
  readonly path: string;
  /** In lower case. */
  readonly method: string;
}

/** The codes of an operation besides those that it declares itself. */
export function sharedCodes({ path, method, hasBody }: Route & { hasBody: boolean }): ErrorCode[] {
  // A body is read even if the operation does not expect one.
  const reading = method === 'get' ? (['malformed_request'] as const) : READING_BODY;
  if (!path.startsWith('/v1/')) return [...ALL, ...(hasBody ? ([...reading, 'internal_error'] as const) : [])];
  return [...ALL, ...AUTHENTICATED, ...USING_LOGTO, ...reading, ...(hasBody ? (['validation_failed'] as const) : [])];
}

function headersOf(status: number): Record<string, unknown> {
  const names = ['X-Request-Id', ...(RESPONSE_HEADERS.byStatus[status] ?? [])];
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

const pascalCase = (code: string) => code.replace(/(^|_)(\w)/g, (_match, _gap, letter: string) => letter.toUpperCase());
