import { useState, type ReactNode } from 'react';
import { isProblem } from 'logto-profile-client';
import { useMessages } from '../i18n/language';
import { Dialog } from './dialog';
import { ProblemNotice } from './problem';

interface ConfirmDialogProps {
  readonly title: string;
  readonly action: string;
  readonly disabled?: boolean;
  onConfirm(): Promise<void>;
  onClose(): void;
  readonly children?: ReactNode;
}

/** Asks the user to confirm an irreversible action. Stays open and shows the error if the action fails. */
export function ConfirmDialog({ title, action, disabled = false, onConfirm, onClose, children }: ConfirmDialogProps) {
  const messages = useMessages();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  async function confirm() {
    setBusy(true);
    setError(undefined);
    try {
      await onConfirm();
      onClose();
    } catch (reason) {
      if (!isProblem(reason, 'step_up_required')) setError(reason);
      setBusy(false);
    }
  }
  return (
    <Dialog title={title} onClose={onClose}>
      {children}
      <ProblemNotice error={error} />
      <div className="dialog-actions">
        <button type="button" className="button" onClick={onClose}>
          {messages.cancel}
        </button>
        <button type="button" className="button button-bad" disabled={busy || disabled} onClick={() => void confirm()}>
          {action}
        </button>
      </div>
    </Dialog>
  );
}
