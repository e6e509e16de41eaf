import type { LogtoUser } from '../../platform/management-api/logto-user.js';
import type { ProofSelection } from '../proofs/proof.service.js';
import type { LogtoValues } from './logto-values.js';
import type { RowChange } from './user-lease.repository.js';

/**
 * A change that takes more than one write, as it is kept in the user's row until it is complete. Values are absolute, so recovery can
 * apply them again. Sensitive values are encrypted; passwords are never part of it.
 */
export interface PendingChange {
  /** The values to reach in Logto. */
  readonly logto: LogtoValues;
  /** The same fields before: shown to readers until the change is complete, and restored if Logto rejects a part. */
  readonly before: LogtoValues;
  readonly row: RowChange;
  /** Hashes of the proofs that it consumes. */
  readonly proofs: readonly string[];
}

/** A change that has passed all of this service's checks. */
export interface CheckedChange extends Omit<PendingChange, 'proofs'> {
  /** Logto's user, read under the lease. */
  readonly user: LogtoUser;
  readonly proofs: readonly ProofSelection[];
}
