import { CodeEntry } from './code-entry';
import type { Address, Proof } from './proof-store';

interface AddressStepProps {
  readonly address: Address;
  onProof(proof: Proof): void;
  onCancel(): void;
}

/** Sends a code to a new email address or phone number to prove that it belongs to the user. */
export const AddressStep = ({ address, onProof, onCancel }: AddressStepProps) => (
  <CodeEntry
    recipient={address.kind === 'email' ? { email: address.address } : { phone: address.address }}
    recipientLabel={address.address}
    sendImmediately
    onProof={(proof) => onProof({ ...proof, for: address })}
    onCancel={onCancel}
  />
);
