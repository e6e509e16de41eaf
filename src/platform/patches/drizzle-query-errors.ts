import { PgPreparedQuery } from 'drizzle-orm/pg-core';

/**
 * Makes Drizzle throw `convert(cause)` for each query that fails, in place of its own error, which repeats every parameter
 * in its message.
 *
 * Relies on each PostgreSQL driver of Drizzle running its queries through `PgPreparedQuery.prototype.queryWithCache`,
 * which is marked as internal, and on this service configuring no cache: the replacement has none.
 */
export function convertQueryErrors(convert: (cause: unknown) => Error): void {
  const queries = PgPreparedQuery.prototype as unknown as { queryWithCache: typeof runQuery };
  queries.queryWithCache = runQuery;

  async function runQuery<T>(_text: string, _parameters: unknown[], query: () => Promise<T>): Promise<T> {
    try {
      return await query();
    } catch (error) {
      throw convert(error);
    }
  }
}
