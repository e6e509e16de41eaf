import { useState, type ReactNode } from 'react';
import { isProblem } from 'logto-profile-client';
import { useWords } from '../i18n/language';
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

/** Asks before something that cannot be undone, and stays open with the reason when it was refused. */
export function ConfirmDialog({ title, action, disabled = false, onConfirm, onClose, children }: ConfirmDialogProps) {
  const words = useWords();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  async function confirm() {
    setBusy(true);
    setError(undefined);
    try {
      await onConfirm();
      onClose();
    } catch (refusal) {
      if (!isProblem(refusal, 'step_up_required')) setError(refusal);
      setBusy(false);
    }
  }
  return (
    <Dialog title={title} onClose={onClose}>
      {children}
      <ProblemNotice error={error} />
      <div className="dialog-actions">
        <button type="button" className="button" onClick={onClose}>
          {words.cancel}
        </button>
        <button type="button" className="button button-bad" disabled={busy || disabled} onClick={() => void confirm()}>
          {action}
        </button>
      </div>
    </Dialog>
  );
}
