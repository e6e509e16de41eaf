import type { ErrorCode } from '../errors/error-catalogue.js';
import { ProblemError, type ProblemOptions } from '../errors/problem-error.js';

/**
 * What became of a call that failed:
 * - `not_sent`: Logto has not seen it, so nothing has changed.
 * - `refused`: Logto rejected it, so nothing has changed.
 * - `unknown`: it was sent, and may have taken effect or may still.
 */
export type CallOutcome = 'not_sent' | 'refused' | 'unknown';

/** A call to Logto that failed. A two-store write redoes on `unknown` and drops on the others. */
export class UpstreamError extends ProblemError {
  constructor(
    code: ErrorCode,
    readonly outcome: CallOutcome,
    options: ProblemOptions = {},
    /** Logto's own dotted code, for decisions and logs; never part of a response. */
    readonly logtoCode?: string,
  ) {
    super(code, options);
  }
}

/** Whether a failed call certainly changed nothing at Logto: it was rejected, or never sent. */
export const isKnownNotApplied = (error: unknown): boolean =>
  error instanceof UpstreamError ? error.outcome !== 'unknown' : error instanceof ProblemError;

/** The error for the caller of a change that may have been made, or may still be: it must not read as "not made". */
export function asUnknownOutcome(error: unknown): unknown {
  if (!(error instanceof UpstreamError)) return error;
  const extensions = { ...error.options.extensions, outcome: 'unknown' };
  const options: ProblemOptions = { ...error.options, detail: { code: 'outcome_unknown' }, extensions };
  return new UpstreamError(error.code, 'unknown', options, error.logtoCode);
}
