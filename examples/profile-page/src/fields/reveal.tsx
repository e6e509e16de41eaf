import { useEffect, useState } from 'react';
import { isProblem } from 'logto-profile-client';
import { useLanguage } from '../i18n/language';
import { useSession } from '../session';
import { resume } from '../step-up/resume';
import { useStepUp } from '../step-up/step-up';
import { ProblemNotice } from '../ui/problem';
import { display } from './display';
import type { Json } from './json';
import type { Field } from './model';

/** Nobody leaves a shown secret on a screen for long. */
const SHOWN_MS = 60_000;

/** Shows a sensitive value after a proof of identity, for a minute. It is in this component's memory only. */
export function Reveal({ field }: { field: Field }) {
  const { api } = useSession();
  const { locale, words } = useLanguage();
  const { resumable, wallet } = useStepUp();
  const [value, setValue] = useState<Json>();
  const [error, setError] = useState<unknown>();

  async function reveal() {
    setError(undefined);
    try {
      const { data } = await resumable({ type: 'reveal', name: field.name }, () =>
        api.POST('/v1/profile/fields/{name}/reveal', { params: { path: { name: field.name } } }),
      );
      wallet.clear();
      setValue((data.value ?? null) as Json);
    } catch (refusal) {
      if (!isProblem(refusal, 'step_up_required')) setError(refusal);
    }
  }

  useEffect(() => {
    const action = resume('reveal');
    if (action?.name === field.name) void reveal();
    // Once, after a return from sign-in.
  }, []);
  useEffect(() => {
    if (value === undefined) return;
    const timer = setTimeout(() => setValue(undefined), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [value]);

  const shown = value !== undefined;
  return (
    <>
      <span role="status" className={shown ? 'revealed' : 'sr-only'}>
        {shown && display(field, value, locale, words)}
      </span>
      <button
        type="button"
        className="link"
        aria-label={words.ofField(shown ? words.hide : words.reveal, field.label)}
        onClick={() => (shown ? setValue(undefined) : void reveal())}
      >
        {shown ? words.hide : words.reveal}
      </button>
      <ProblemNotice error={error} />
    </>
  );
}
