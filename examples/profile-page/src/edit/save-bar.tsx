import { useEffect, useRef } from 'react';
import { useMessages } from '../i18n/language';
import { ProblemNotice } from '../ui/problem';
import { useDraft } from './draft-provider';

/** Shows the number of unsaved changes, with buttons to save or discard them. */
export function SaveBar() {
  const messages = useMessages();
  const { patch, saving, errors, problem, discard, save } = useDraft();
  const count = Object.keys(patch).length;
  const errorCount = Object.keys(errors).length;

  const lastErrors = useRef(errors);
  useEffect(() => {
    if (lastErrors.current === errors) return;
    lastErrors.current = errors;
    document.querySelector<HTMLElement>('main [aria-invalid="true"]')?.focus();
  }, [errors]);

  return (
    <div className="save-bar" hidden={count === 0} role="region" aria-label={messages.unsaved(count)}>
      <ProblemNotice error={problem} />
      <p role="status">{errorCount > 0 ? messages.fixErrors(errorCount) : messages.unsaved(count)}</p>
      <button type="button" className="button" disabled={saving} onClick={discard}>
        {messages.discard}
      </button>
      <button type="button" className="button button-primary" disabled={saving || count === 0} onClick={save}>
        {saving ? messages.saving : messages.save}
      </button>
    </div>
  );
}
