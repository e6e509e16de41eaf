import { useEffect, useState } from 'react';
import { isProblem, type SensitiveFieldName } from 'logto-profile-client';
import { useLanguage } from '../i18n/language';
import { useSession } from '../session';
import { takeResumedAction } from '../step-up/resume';
import { useStepUp } from '../step-up/step-up';
import { ProblemNotice } from '../ui/problem';
import { formatValue } from './format';
import type { Json } from './json';
import type { Field } from './model';

/** How long a revealed value stays on the screen. */
const REVEAL_MS = 60_000;

/** Shows a sensitive value for a minute after a proof of identity. The value is only in the state of this component. */
export function Reveal({ field }: { field: Field }) {
  const { api } = useSession();
  const { locale, messages } = useLanguage();
  const { runResumable, proofStore } = useStepUp();
  const [value, setValue] = useState<Json>();
  const [error, setError] = useState<unknown>();

  async function reveal() {
    setError(undefined);
    try {
      const { data } = await runResumable({ type: 'reveal', name: field.name }, () =>
        // The page works with any catalogue, so the type of the sample's names does not apply.
        api.POST('/v1/profile/fields/{name}/reveal', { params: { path: { name: field.name as SensitiveFieldName } } }),
      );
      proofStore.clear();
      setValue((data.value ?? null) as Json);
    } catch (reason) {
      if (!isProblem(reason, 'step_up_required')) setError(reason);
    }
  }

  useEffect(() => {
    const action = takeResumedAction('reveal');
    if (action?.name === field.name) void reveal();
    // Runs once, after the return from a fresh sign-in.
  }, []);
  useEffect(() => {
    if (value === undefined) return;
    const timer = setTimeout(() => setValue(undefined), REVEAL_MS);
    return () => clearTimeout(timer);
  }, [value]);

  const isRevealed = value !== undefined;
  return (
    <>
      <span role="status" className={isRevealed ? 'revealed' : 'sr-only'}>
        {isRevealed && formatValue(field, value, locale, messages)}
      </span>
      <button
        type="button"
        className="link"
        aria-label={messages.ofField(isRevealed ? messages.hide : messages.reveal, field.label)}
        onClick={() => (isRevealed ? setValue(undefined) : void reveal())}
      >
        {isRevealed ? messages.hide : messages.reveal}
      </button>
      <ProblemNotice error={error} />
    </>
  );
}
