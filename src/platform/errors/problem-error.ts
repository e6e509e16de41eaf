import { ERROR_CATALOGUE, type ErrorCode } from './error-catalogue.js';

/** One value at fault: an RFC 6901 pointer into the request body (or `header:`, `query:` name), a stable code, and words. */
export interface FieldError {
  readonly pointer: string;
  readonly code: string;
  readonly detail: string;
}

export interface ProblemOptions {
  /** What happened this time, for a person; never a secret, a sensitive value or upstream's words. */
  readonly detail?: string;
  readonly errors?: readonly FieldError[];
  /** Response headers that belong to the answer, such as `Retry-After`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** RFC 9457 extension members, such as `proofs` of `step_up_required`. */
  readonly extensions?: Readonly<Record<string, unknown>>;
  /** What led to it: kept for the log, never answered. */
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
    this.status = ERROR_CATALOGUE[code].status;
  }
}
