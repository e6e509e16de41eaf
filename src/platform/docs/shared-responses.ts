import { ERROR_STATUS, type ErrorCode } from '../errors/error-catalogue.js';
import { titleText } from '../errors/messages/messages.js';
import { ProblemError } from '../errors/problem-error.js';
import { PROBLEM_JSON, toProblem } from '../errors/problem.js';
import { EXAMPLE_OPTIONS, RESPONSE_HEADERS } from './problem-examples.js';

/** The problems of all routes that need an access token. */
const AUTHENTICATED: readonly ErrorCode[] = [
  'invalid_token',
  'client_not_allowed',
  'insufficient_scope',
  'rate_limited',
  'headers_too_large',
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
    const name = codes.map(pascalCase).join('Or');
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
  if (!path.startsWith('/v1/')) return hasBody ? [...reading, 'internal_error'] : [];
  return [...AUTHENTICATED, ...USING_LOGTO, ...reading, ...(hasBody ? (['validation_failed'] as const) : [])];
}

function headersOf(status: number): Record<string, unknown> {
  const names = ['X-Request-Id', ...(RESPONSE_HEADERS.byStatus[status] ?? [])];
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

const pascalCase = (code: string) => code.replace(/(^|_)(\w)/g, (_match, _gap, letter: string) => letter.toUpperCase());
