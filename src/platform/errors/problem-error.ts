import { ERROR_STATUS, type ErrorCode } from './error-catalogue.js';
import type { DetailMessage, FieldMessage } from './messages/messages.js';

/**
 * An invalid value: an RFC 6901 pointer into the request body (or `header:` or `query:` and a name), a stable code, and
 * the parameters of its text.
 */
export type FieldError = FieldMessage & { readonly pointer: string };

export interface ProblemOptions {
  /** What happened in this case. The parameters contain no secrets, no sensitive values and no text of Logto's. */
  readonly detail?: DetailMessage;
  readonly errors?: readonly FieldError[];
  /** Response headers that belong to the problem, such as `Retry-After`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** RFC 9457 extension members, such as `proofs` of `step_up_required`. */
  readonly extensions?: Readonly<Record<string, unknown>>;
  /** The underlying error: for the log, never part of the response. */
  readonly cause?: unknown;
}

/** The only error that is thrown on purpose. ProblemFilter converts it to a response. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly status: number;

  constructor(
    readonly code: ErrorCode,
    readonly options: ProblemOptions = {},
  ) {
    super(code, { cause: options.cause });
    this.status = ERROR_STATUS[code];
  }
}
