import { convertQueryErrors } from '../patches/drizzle-query-errors.js';

/** A query that the database rejected or that never reached it, described without any of the values concerned. */
export class QueryError extends Error {
  override readonly name = 'QueryError';
  /** SQLSTATE, or Node's code of a broken connection. */
  readonly code: string | undefined;
  readonly constraint: string | undefined;

  constructor(cause: unknown) {
    const { code, constraint, message } = cause as { code?: string; constraint?: string; message?: string };
    const fromServer = code !== undefined && /^[0-9A-Z]{5}$/.test(code);
    super(fromServer ? `The database rejected a statement: ${[code, constraint].filter(Boolean).join(' ')}` : message);
    this.code = code;
    this.constraint = constraint;
  }
}

/** Makes Drizzle throw QueryError: its own error repeats every parameter, and PostgreSQL's `detail` values; both could be logged. */
export const keepValuesOutOfErrors = (): void => convertQueryErrors((cause) => new QueryError(cause));
