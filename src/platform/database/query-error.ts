import { DependencyError, type CallOutcome } from '../errors/dependency-error.js';
import { convertQueryErrors } from '../patches/drizzle-query-errors.js';

/** A query that failed. Contains none of the query's values. */
export class QueryError extends Error {
  override readonly name = 'QueryError';
  /** SQLSTATE, or Node's error code if the connection failed. */
  readonly code: string | undefined;
  readonly constraint: string | undefined;

  constructor(cause: unknown) {
    const { code, constraint, message } = cause as { code?: string; constraint?: string; message?: string };
    super(
      isSqlState(code) ? `The database rejected a statement: ${[code, constraint].filter(Boolean).join(' ')}` : message,
    );
    this.code = code;
    this.constraint = constraint;
  }
}

/** Seconds after which a client may try again. */
const RETRY_AFTER_S = '1';

/** The database could not execute a statement, for a reason that is not in the statement. `cause` is a QueryError. */
export class DatabaseUnavailableError extends DependencyError {
  constructor(outcome: CallOutcome, cause: unknown) {
    super('database_unavailable', outcome, { headers: { 'Retry-After': RETRY_AFTER_S }, cause });
  }

  /** The same failure, known not to have changed anything: of a statement in a transaction that was not committed. */
  notApplied(): DatabaseUnavailableError {
    return new DatabaseUnavailableError('rejected', this.cause);
  }
}

/**
 * By SQLSTATE, exact or by class (PostgreSQL, Appendix A): why a server that was reached does not execute statements now. `unknown` if
 * the statement may have been applied although the connection ended with this error.
 */
const UNAVAILABLE: Readonly<Record<string, CallOutcome>> = {
  '08': 'unknown', // connection exception
  '25006': 'rejected', // read-only transaction: a standby, or a primary that was demoted
  '25P03': 'rejected', // idle in transaction for too long
  '25P04': 'rejected', // the transaction took too long
  '28': 'not_sent', // the login was rejected
  '3D000': 'not_sent', // the database does not exist
  '40': 'rejected', // serialization failure, deadlock
  '40003': 'unknown', // statement completion unknown
  '53': 'rejected', // disk full, out of memory, too many connections
  '55006': 'rejected', // object in use
  '55P03': 'rejected', // lock not available in time
  '57014': 'rejected', // the statement took too long
  '57P': 'unknown', // shutdown, crash
  '57P03': 'not_sent', // starting up, or in recovery
  '58': 'rejected', // input or output failed
  XX001: 'rejected', // corrupted data
};

/** Errors of our own code, such as a value that cannot be serialized. By name, since another realm has other classes. */
const BUGS = new Set(['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError']);

/** SQLSTATE contains a digit, unlike Node's codes of the same length, such as `EPIPE`. */
const isSqlState = (code: unknown): code is string => typeof code === 'string' && /^(?=.*\d)[\dA-Z]{5}$/.test(code);

/**
 * Converts the error of a query, wherever it came from: the only place that decides what a failure of the database means.
 * @param isSent false if no connection was available
 */
export function toDatabaseError(cause: unknown, { isSent = true } = {}): QueryError | DatabaseUnavailableError {
  if (cause instanceof QueryError || cause instanceof DatabaseUnavailableError) return cause;
  const error = new QueryError(cause);
  const { code } = error;
  if (!isSqlState(code)) {
    if (BUGS.has((cause as Error).name)) return error;
    return new DatabaseUnavailableError(isSent ? 'unknown' : 'not_sent', error);
  }
  const outcome = UNAVAILABLE[code] ?? UNAVAILABLE[code.slice(0, 3)] ?? UNAVAILABLE[code.slice(0, 2)];
  if (outcome === undefined) return error;
  return new DatabaseUnavailableError(isSent ? outcome : 'not_sent', error);
}

/** Makes Drizzle throw the errors of `toDatabaseError`: its own contains every parameter, and PostgreSQL's `detail` contains values. */
export const keepValuesOutOfErrors = (): void => convertQueryErrors((cause) => toDatabaseError(cause));
