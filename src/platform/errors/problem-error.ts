import { ERROR_STATUS, type ErrorCode } from './error-catalogue.js';
import type { DetailMessage, FieldMessage } from './messages/messages.js';

/**
 * One value at fault: an RFC 6901 pointer into the request body (or `header:`, `query:` and a name), a stable code, and the
 * parameters of its text.
 */
export type FieldError = FieldMessage & { readonly pointer: string };

export interface ProblemOptions {
  /** What happened this time; its parameters hold no secret, no sensitive value and none of upstream's words. */
  readonly detail?: DetailMessage;
  readonly errors?: readonly FieldError[];
  /** Response headers that belong to the problem, such as `Retry-After`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** RFC 9457 extension members, such as `proofs` of `step_up_required`. */
  readonly extensions?: Readonly<Record<string, unknown>>;
  /** What led to it: kept for the log, never sent. */
  readonly cause?: unknown;
}

/** The one error that code throws on purpose. The problem filter alone turns it into HTTP. */
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
