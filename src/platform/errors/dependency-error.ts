import { ProblemError, type ProblemOptions } from './problem-error.js';
import type { ErrorCode } from './error-catalogue.js';

/**
 * What is known about an operation of Logto or of the database that failed:
 * - `not_sent`: it was never sent, so nothing has changed.
 * - `rejected`: it was rejected, so nothing has changed.
 * - `unknown`: it was sent. It may have been applied, or may still be.
 */
export type CallOutcome = 'not_sent' | 'rejected' | 'unknown';

/** A failed operation of Logto or of the database. */
export class DependencyError extends ProblemError {
  constructor(
    code: ErrorCode,
    readonly outcome: CallOutcome,
    options: ProblemOptions = {},
  ) {
    super(code, options);
  }
}

/** Whether a failed operation is known to have changed nothing: it was rejected or never sent. */
export const isKnownNotApplied = (error: unknown): boolean =>
  error instanceof DependencyError ? error.outcome !== 'unknown' : error instanceof ProblemError;

/**
 * The error for the caller of a change that may have been applied, or may still be: it must not read as "not applied".
 */
export function asUnknownOutcome(error: unknown): DependencyError {
  const { code, options } =
    error instanceof ProblemError ? error : new ProblemError('internal_error', { cause: error });
  const extensions = { ...options.extensions, outcome: 'unknown' };
  return new DependencyError(code, 'unknown', { ...options, detail: { code: 'outcome_unknown' }, extensions });
}
