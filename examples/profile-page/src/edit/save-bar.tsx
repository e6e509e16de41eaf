import { useEffect, useRef } from 'react';
import { useWords } from '../i18n/language';
import { ProblemNotice } from '../ui/problem';
import { useDrafts } from './drafts';

/** What is not saved yet, with the two ways on. Enter in any editor saves too. */
export function SaveBar() {
  const words = useWords();
  const { patch, saving, errors, problem, discard, save } = useDrafts();
  const count = Object.keys(patch).length;
  const refused = Object.keys(errors).length;

  const shown = useRef(errors);
  useEffect(() => {
    if (shown.current === errors) return;
    shown.current = errors;
    document.querySelector<HTMLElement>('main [aria-invalid="true"]')?.focus();
  }, [errors]);

  return (
    <div className="save-bar" hidden={count === 0} role="region" aria-label={words.unsaved(count)}>
      <ProblemNotice error={problem} />
      <p role="status">{refused > 0 ? words.fixErrors(refused) : words.unsaved(count)}</p>
      <button type="button" className="button" disabled={saving} onClick={discard}>
        {words.discard}
      </button>
      <button type="button" className="button button-primary" disabled={saving || count === 0} onClick={save}>
        {saving ? words.saving : words.save}
      </button>
    </div>
  );
}
