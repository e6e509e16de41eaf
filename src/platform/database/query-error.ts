import { convertQueryErrors } from '../patches/drizzle-query-errors.js';

/** A query that the database rejected or never received. Contains none of the query's values. */
export class QueryError extends Error {
  override readonly name = 'QueryError';
  /** SQLSTATE, or Node's error code if the connection failed. */
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

/** Makes Drizzle throw QueryError: Drizzle's own error contains every parameter, and PostgreSQL's `detail` contains values. */
export const keepValuesOutOfErrors = (): void => convertQueryErrors((cause) => new QueryError(cause));
