import { useState } from 'react';
import type { StepUpRequest } from 'logto-profile-client';
import { useMessages } from '../i18n/language';
import { Dialog } from '../ui/dialog';
import { AddressStep } from './address-step';
import { IdentityStep } from './identity-step';
import type { ResumableAction } from './resume';
import { proofStore, type Proof } from './proof-store';

interface StepUpDialogProps {
  readonly request: StepUpRequest;
  readonly action: ResumableAction | undefined;
  onDone(ids: readonly string[] | undefined): void;
}

/** Asks for the missing proofs: first of identity, then of each new email address or phone number. */
export function StepUpDialog({ request, action, onDone }: StepUpDialogProps) {
  const { stepUp } = useMessages();
  const [missing, setMissing] = useState(() => proofStore.findMissing(request));
  const addProof = (proof: Proof) => {
    proofStore.add(proof);
    const stillMissing = proofStore.findMissing(request);
    if (!stillMissing.identity && stillMissing.addresses.length === 0) onDone(proofStore.getIds());
    else setMissing(stillMissing);
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
        <IdentityStep proofs={request.proofs} action={action} onProof={addProof} onCancel={cancel} />
      ) : (
        address && <AddressStep address={address} onProof={addProof} onCancel={cancel} />
      )}
    </Dialog>
  );
}
