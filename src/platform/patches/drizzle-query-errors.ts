import { PgPreparedQuery } from 'drizzle-orm/pg-core';

/**
 * Makes Drizzle throw `convert(cause)` for a failed query, instead of its own error, whose message contains all
 * parameters.
 *
 * Relies on all PostgreSQL drivers of Drizzle running their queries through `PgPreparedQuery.prototype.queryWithCache`,
 * which is marked as internal. The replacement does not cache; this service configures no cache.
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
