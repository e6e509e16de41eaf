import { useState } from 'react';
import type { StepUpRequest } from 'logto-profile-client';
import { useWords } from '../i18n/language';
import { Dialog } from '../ui/dialog';
import { AddressStep } from './address-step';
import { IdentityStep } from './identity-step';
import type { Resumable } from './resume';
import { wallet, type Proof } from './wallet';

interface StepUpDialogProps {
  readonly request: StepUpRequest;
  readonly action: Resumable | undefined;
  onDone(ids: readonly string[] | undefined): void;
}

/** First who it is, then, for a new email or phone, whether that is theirs; only what is missing. */
export function StepUpDialog({ request, action, onDone }: StepUpDialogProps) {
  const { stepUp } = useWords();
  const [missing, setMissing] = useState(() => wallet.missing(request));
  const gained = (proof: Proof) => {
    wallet.add(proof);
    const left = wallet.missing(request);
    if (!left.identity && left.addresses.length === 0) onDone(wallet.ids());
    else setMissing(left);
  };
  const cancel = () => onDone(undefined);
  const [address] = missing.addresses;
  return (
    <Dialog
      key={missing.identity ? 'identity' : address?.address}
      title={missing.identity ? stepUp.heading : stepUp.addressHeading}
      onClose={cancel}
    >
      {missing.identity ? (
        <IdentityStep proofs={request.proofs} action={action} onProof={gained} onCancel={cancel} />
      ) : (
        address && <AddressStep address={address} onProof={gained} onCancel={cancel} />
      )}
    </Dialog>
  );
}
