import { useQuery, useQueryClient } from '@tanstack/react-query';
import { isProblem } from 'logto-profile-client';
import { useEffect, useRef, useState, type SubmitEvent } from 'react';
import { useWords } from '../i18n/language';
import { useSession } from '../session';
import { resume } from '../step-up/resume';
import { useStepUp } from '../step-up/step-up';
import { Card } from '../ui/card';
import { HiddenUsername } from '../ui/hidden-username';
import { ProblemNotice } from '../ui/problem';
import { TextField } from '../ui/text-field';
import { useToast } from '../ui/toast';
import { PasswordHint } from './password-hint';

const HAS_PASSWORD = ['password'];

export function PasswordCard() {
  const { api } = useSession();
  const { password } = useWords();
  const { data, error } = useQuery({
    queryKey: HAS_PASSWORD,
    queryFn: async ({ signal }) => (await api.GET('/v1/password', { signal })).data,
  });
  // Back from a fresh sign-in: the proof is there, the password has to be typed (again).
  const [open, setOpen] = useState(() => resume('password') !== undefined);
  const button = useRef<HTMLButtonElement>(null);
  const close = () => {
    setOpen(false);
    requestAnimationFrame(() => button.current?.focus());
  };
  const { cards } = useWords();
  return (
    <Card title={cards.password}>
      <ProblemNotice error={error} />
      {open && data ? (
        <PasswordForm hasPassword={data.hasPassword} onDone={close} />
      ) : (
        <div className="row row-plain">
          <p className="row-value">{data ? (data.hasPassword ? password.set : password.unset) : '\u00a0'}</p>
          <div className="row-actions">
            <button ref={button} type="button" className="link" disabled={!data} onClick={() => setOpen(true)}>
              {data?.hasPassword === false ? password.setButton : password.changeButton}
            </button>
          </div>
        </div>
      )}
    </Card>
  );
}

function PasswordForm({ hasPassword, onDone }: { hasPassword: boolean; onDone(): void }) {
  const { api, claims } = useSession();
  const words = useWords();
  const say = useToast();
  const queries = useQueryClient();
  const { resumable, wallet } = useStepUp();
  // With a proof at hand, or no password to type, the present one is not asked for.
  const [asksCurrent, setAsksCurrent] = useState(hasPassword && !wallet.identified);
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [visible, setVisible] = useState(false);
  const [signOutOthers, setSignOutOthers] = useState(false);
  const [canSpare, setCanSpare] = useState(true);
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const first = useRef<HTMLFormElement>(null);

  useEffect(() => {
    first.current?.querySelector<HTMLElement>('input:not([hidden])')?.focus();
    // Only with `sid` in the ID token can this device be told from the others, and be spared.
    void claims().then((token) => {
      const known = (token as { sid?: string } | undefined)?.sid !== undefined;
      setCanSpare(known);
      setSignOutOthers(known);
    });
  }, [claims]);

  async function submit(event: SubmitEvent) {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    const body = {
      newPassword: next,
      ...(asksCurrent && { currentPassword: current }),
      signOutOtherSessions: signOutOthers,
    };
    try {
      await resumable({ type: 'password' }, () => api.PUT('/v1/password', { body }));
      wallet.clear(); // Proofs made by the old password are void.
      queries.setQueryData(HAS_PASSWORD, { hasPassword: true });
      void queries.invalidateQueries({ queryKey: ['sessions'] });
      void queries.invalidateQueries({ queryKey: ['capabilities'] });
      say(words.password.changed);
      onDone();
    } catch (refusal) {
      setError(refusal);
      setBusy(false);
    }
  }

  const broken = isProblem(error, 'password_rejected') ? error.errors : [];
  return (
    <form ref={first} className="stack" onSubmit={(event) => void submit(event)}>
      <HiddenUsername />
      {asksCurrent && (
        <TextField
          label={words.password.current}
          type={visible ? 'text' : 'password'}
          autoComplete="current-password"
          required
          value={current}
          onChange={setCurrent}
          error={isProblem(error, 'invalid_credentials') ? words.problems.wrongPassword : undefined}
        />
      )}
      {hasPassword && (
        <button type="button" className="link" onClick={() => setAsksCurrent(!asksCurrent)}>
          {asksCurrent ? words.password.forgotten : words.password.known}
        </button>
      )}
      {!asksCurrent && !wallet.identified && <p className="hint">{words.password.otherWay}</p>}
      <TextField
        label={words.password.next}
        type={visible ? 'text' : 'password'}
        autoComplete="new-password"
        required
        maxLength={256}
        value={next}
        onChange={setNext}
        error={broken.length > 0 ? broken.map(({ detail }) => detail).join(' ') : undefined}
      />
      <PasswordHint password={next} />
      <label className="check">
        <input type="checkbox" checked={visible} onChange={(event) => setVisible(event.target.checked)} />
        <span>{words.password.show}</span>
      </label>
      <label className="check">
        <input type="checkbox" checked={signOutOthers} onChange={(event) => setSignOutOthers(event.target.checked)} />
        <span>{words.password.signOutOthers}</span>
      </label>
      {signOutOthers && !canSpare && <p className="hint">{words.sessions.endAllText}</p>}
      <ProblemNotice error={broken.length > 0 || isProblem(error, 'invalid_credentials') ? undefined : error} />
      <div className="form-actions">
        <button type="button" className="button" onClick={onDone}>
          {words.cancel}
        </button>
        <button className="button button-primary" disabled={busy || next === '' || (asksCurrent && current === '')}>
          {words.password.save}
        </button>
      </div>
    </form>
  );
}
