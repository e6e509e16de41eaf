import { CodeEntry } from './code-entry';
import type { Address, Proof } from './wallet';

interface AddressStepProps {
  readonly address: Address;
  onProof(proof: Proof): void;
  onCancel(): void;
}

/** A code to a new email or phone shows that it is the person's own. */
export const AddressStep = ({ address, onProof, onCancel }: AddressStepProps) => (
  <CodeEntry
    recipient={address.kind === 'email' ? { email: address.address } : { phone: address.address }}
    shownAs={address.address}
    sendAtOnce
    onProof={(proof) => onProof({ ...proof, for: address })}
    onCancel={onCancel}
  />
);
