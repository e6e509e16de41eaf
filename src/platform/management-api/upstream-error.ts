import type { ErrorCode } from '../errors/error-catalogue.js';
import { ProblemError, type ProblemOptions } from '../errors/problem-error.js';

/**
 * What is known about a failed call:
 * - `not_sent`: Logto never received it, so nothing has changed.
 * - `rejected`: Logto rejected it, so nothing has changed.
 * - `unknown`: it was sent. It may have been applied, or may still be.
 */
export type CallOutcome = 'not_sent' | 'rejected' | 'unknown';

/** A failed call to Logto. A pending change is kept for recovery if the outcome is `unknown`, and dropped otherwise. */
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

/** Whether a failed call is known to have changed nothing at Logto: it was rejected or never sent. */
export const isKnownNotApplied = (error: unknown): boolean =>
  error instanceof UpstreamError ? error.outcome !== 'unknown' : error instanceof ProblemError;

/**
 * The error for the caller of a change that may have been applied, or may still be: it must not read as "not applied".
 */
export function asUnknownOutcome(error: unknown): unknown {
  if (!(error instanceof UpstreamError)) return error;
  const extensions = { ...error.options.extensions, outcome: 'unknown' };
  const options: ProblemOptions = { ...error.options, detail: { code: 'outcome_unknown' }, extensions };
  return new UpstreamError(error.code, 'unknown', options, error.logtoCode);
}
