import { ERROR_CATALOGUE, type ErrorCode } from './error-catalogue.js';
import type { FieldError, ProblemError } from './problem-error.js';
import { GERMAN_TITLES, translateDetail, type Language } from './translations.js';

/** The media type of RFC 9457. */
export const PROBLEM_JSON = 'application/problem+json';

/** A problem details object (RFC 9457) as this service answers it. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly code: ErrorCode;
  readonly requestId: string;
  readonly errors?: readonly FieldError[];
  readonly [extension: string]: unknown;
}

/** Where a code is explained. RFC 9457 section 3.1.1 recommends the full path for relative references. */
export const problemType = (code: ErrorCode) => `/docs/errors#${code}`;

/** What an error says to the caller, in their language. */
export function toProblem({ code, options }: ProblemError, requestId: string, language: Language): Problem {
  const { status, title } = ERROR_CATALOGUE[code];
  return {
    type: problemType(code),
    title: language === 'de' ? GERMAN_TITLES[code] : title,
    status,
    ...(options.detail !== undefined && { detail: translateDetail(options.detail, language) }),
    code,
    requestId,
    ...(options.errors && {
      errors: options.errors.map((error) => ({ ...error, detail: translateDetail(error.detail, language) })),
    }),
    ...options.extensions,
  };
}
