import type { RowChange } from '../users/user-row.repository.js';
import type { ProofSelection } from '../proofs/proof.service.js';
import type { LogtoUser } from '../../platform/management-api/logto-user.js';
import type { LogtoValues } from './logto-values.js';

/**
 * A change that is more than one write, as it lies in the user's row while it is made: absolute values, so that whoever
 * finds it can make it again. Sensitive values are sealed; passwords are never in it.
 */
export interface PendingChange {
  /** The values to reach in Logto. */
  readonly logto: LogtoValues;
  /** The same fields before: shown while the change is not answered, and put back when Logto refuses a part. */
  readonly before: LogtoValues;
  readonly row: RowChange;
  /** Hashes of the proofs used up by it. */
  readonly proofs: readonly string[];
}

/** A change that has passed every check of ours. */
export interface CheckedChange extends Omit<PendingChange, 'proofs'> {
  /** Logto's user, read under the lease. */
  readonly user: LogtoUser;
  readonly proofs: readonly ProofSelection[];
}
