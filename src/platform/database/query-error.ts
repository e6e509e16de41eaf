import { PgPreparedQuery } from 'drizzle-orm/pg-core';

/** A query that the database refused or that never reached it, described without any of the values concerned. */
export class QueryError extends Error {
  override readonly name = 'QueryError';
  /** SQLSTATE, or Node's code of a broken connection. */
  readonly code: string | undefined;
  readonly constraint: string | undefined;

  constructor(cause: unknown) {
    const { code, constraint, message } = cause as { code?: string; constraint?: string; message?: string };
    const fromServer = code !== undefined && /^[0-9A-Z]{5}$/.test(code);
    super(fromServer ? `The database refused a statement: ${[code, constraint].filter(Boolean).join(' ')}` : message);
    this.code = code;
    this.constraint = constraint;
  }
}

/**
 * Makes Drizzle throw QueryError. Its own error repeats every parameter in its message, and PostgreSQL's repeats values
 * in `detail`: both would end up in the log.
 */
export function keepValuesOutOfErrors(): void {
  const queries = PgPreparedQuery.prototype as unknown as { queryWithCache: typeof runQuery };
  queries.queryWithCache = runQuery;
}

async function runQuery<T>(_text: string, _parameters: unknown[], query: () => Promise<T>): Promise<T> {
  try {
    return await query();
  } catch (error) {
    throw new QueryError(error);
  }
}
