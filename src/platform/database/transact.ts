import type { Db, Transaction } from './database.js';
import { DatabaseUnavailableError, toDatabaseError } from './query-error.js';

/**
 * Runs a transaction. Throws the error of the work, which that of a failed ROLLBACK would hide. After a failure of the database, the
 * outcome is unknown only if COMMIT was sent.
 * @param begin Drizzle's `transaction`, whose own errors of BEGIN and COMMIT depend on the driver
 */
export async function transact<T>(begin: Db['transaction'], work: (tx: Transaction) => Promise<T>): Promise<T> {
  let failure: { readonly error: unknown } | undefined;
  let isCommitSent = false;
  try {
    return await begin(async (tx) => {
      try {
        const result = await work(tx);
        isCommitSent = true;
        return result;
      } catch (error) {
        failure = { error };
        throw error;
      }
    });
  } catch (cause) {
    const error = failure ? failure.error : toDatabaseError(cause);
    throw error instanceof DatabaseUnavailableError && !isCommitSent ? error.notApplied() : error;
  }
}
