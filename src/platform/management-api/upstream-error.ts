import { DependencyError, type CallOutcome } from '../errors/dependency-error.js';
import type { ErrorCode } from '../errors/error-catalogue.js';
import type { ProblemOptions } from '../errors/problem-error.js';

/** A failed call to Logto. A pending change is kept for recovery if the outcome is `unknown`, and dropped otherwise. */
export class UpstreamError extends DependencyError {
  constructor(
    code: ErrorCode,
    outcome: CallOutcome,
    options: ProblemOptions = {},
    /** Logto's own dotted code, for decisions and logs; never part of a response. */
    readonly logtoCode?: string,
  ) {
    super(code, outcome, options);
  }
}
