import type { Pending, ValuesByStore } from '../fields/stores/field-stores.js';
import type { UserState } from '../fields/user-state.js';
import type { ProofSelection } from '../proofs/proof.service.js';
import type { RowChange } from './user-lease.repository.js';

/**
 * A change that takes more than one write, as it is kept in the user's row until it is complete. Values are absolute, so recovery can
 * write them again. Sensitive values are encrypted; passwords are never part of it.
 */
export interface PendingChange extends Pending {
  readonly changeId: string;
  /** The values to reach by calls. */
  readonly target: ValuesByStore;
  /** Shown to readers until the change is complete, and restored if a store rejects a part. */
  readonly before: ValuesByStore;
  /** What the row keeps at the end. */
  readonly row: RowChange;
  /** Hashes of the proofs that it consumes. */
  readonly proofs: readonly string[];
}

/** A change that has passed all of this service's checks. */
export interface CheckedChange {
  /** Read under the lease. */
  readonly state: UserState;
  /** The values to reach in every store; sensitive ones are encrypted. */
  readonly target: ValuesByStore;
  readonly before: ValuesByStore;
  /** What the row keeps beside its values. */
  readonly record: Omit<RowChange, 'values'>;
  readonly proofs: readonly ProofSelection[];
}
