import type { ErrorCode } from './error-catalogue.js';
import { detailText, fieldErrorText, titleText, type Language } from './messages/messages.js';
import type { ProblemError } from './problem-error.js';

/** The media type of RFC 9457. */
export const PROBLEM_JSON = 'application/problem+json';

/** A problem details object (RFC 9457) as this service sends it. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly code: ErrorCode;
  readonly requestId: string;
  readonly errors?: readonly { readonly pointer: string; readonly code: string; readonly detail: string }[];
  readonly [extension: string]: unknown;
}

/** The page that explains a code. RFC 9457 section 3.1.1 recommends the full path for relative references. */
const problemType = (code: ErrorCode) => `/docs/errors#${code}`;

/** Converts an error to a problem, with texts in the caller's language. */
export function toProblem({ code, status, options }: ProblemError, requestId: string, language: Language): Problem {
  return {
    type: problemType(code),
    title: titleText(code, language),
    status,
    ...(options.detail && { detail: detailText(options.detail, language) }),
    code,
    requestId,
    ...(options.errors && {
      errors: options.errors.map((error) => ({
        pointer: error.pointer,
        code: error.code,
        detail: fieldErrorText(error, language),
      })),
    }),
    ...options.extensions,
  };
}
