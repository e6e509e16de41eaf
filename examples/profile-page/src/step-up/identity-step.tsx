import { useRef, useState, type SubmitEvent } from 'react';
import type { ProofKind } from 'logto-profile-client';
import { useProfile } from '../api/queries';
import { useWords } from '../i18n/language';
import { usePath } from '../router';
import { useSession } from '../session';
import { HiddenUsername } from '../ui/hidden-username';
import { ProblemNotice } from '../ui/problem';
import { TextField } from '../ui/text-field';
import { CodeEntry } from './code-entry';
import { leaveWith, takePending, type Resumable } from './resume';
import type { Proof } from './wallet';

interface IdentityStepProps {
  readonly proofs: readonly ProofKind[];
  readonly action: Resumable | undefined;
  onProof(proof: Proof): void;
  onCancel(): void;
}

const TARGETS = { email: 'primaryEmail', phone: 'primaryPhone' } as const;

/** The person shows who they are, in one of the ways open to them. */
export function IdentityStep({ proofs, action, onProof, onCancel }: IdentityStepProps) {
  const words = useWords();
  const [kind, setKind] = useState(proofs[0]);
  const { data } = useProfile();
  const step = { onProof, onCancel };
  return (
    <>
      <p>{words.stepUp.text}</p>
      {proofs.length > 1 && (
        <fieldset className="choices">
          <legend className="sr-only">{words.stepUp.methods}</legend>
          {proofs.map((proof) => (
            <label key={proof}>
              <input type="radio" name="proof" checked={proof === kind} onChange={() => setKind(proof)} />
              <span>{words.stepUp.kinds[proof]}</span>
            </label>
          ))}
        </fieldset>
      )}
      {kind === undefined && <p className="notice">{words.stepUp.none}</p>}
      {kind === 'password' && <PasswordProof {...step} />}
      {(kind === 'email' || kind === 'phone') && (
        <CodeEntry
          key={kind}
          recipient={{ target: TARGETS[kind] }}
          shownAs={String(data?.profile[TARGETS[kind]] ?? '')}
          {...step}
        />
      )}
      {kind === 'signIn' && <SignInProof action={action} onCancel={onCancel} />}
    </>
  );
}

function PasswordProof({ onProof, onCancel }: Pick<IdentityStepProps, 'onProof' | 'onCancel'>) {
  const { api } = useSession();
  const words = useWords();
  const form = useRef<HTMLFormElement>(null);
  const [password, setPassword] = useState('');
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  async function submit(event: SubmitEvent) {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      onProof((await api.POST('/v1/password/verify', { body: { password } })).data);
    } catch (refusal) {
      setError(refusal);
      setPassword('');
      setBusy(false);
      form.current?.querySelector<HTMLElement>('[type="password"]')?.focus();
    }
  }
  return (
    <form ref={form} onSubmit={(event) => void submit(event)}>
      <HiddenUsername />
      <TextField
        label={words.stepUp.password}
        type="password"
        autoComplete="current-password"
        autoFocus
        required
        value={password}
        onChange={setPassword}
      />
      <ProblemNotice error={error} />
      <div className="dialog-actions">
        <button type="button" className="button" onClick={onCancel}>
          {words.cancel}
        </button>
        <button className="button button-primary" disabled={busy || password === ''}>
          {words.stepUp.confirm}
        </button>
      </div>
    </form>
  );
}

function SignInProof({ action, onCancel }: Pick<IdentityStepProps, 'action' | 'onCancel'>) {
  const { api, claims, signInAfresh } = useSession();
  const words = useWords();
  const path = usePath();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  async function leave() {
    setBusy(true);
    try {
      const { data } = await api.POST('/v1/sign-in/challenge');
      leaveWith({ path, userId: (await claims())?.sub ?? '', action });
      await signInAfresh(data);
    } catch (refusal) {
      takePending();
      setError(refusal);
      setBusy(false);
    }
  }
  return (
    <>
      <p>{words.stepUp.signInText}</p>
      <ProblemNotice error={error} />
      <div className="dialog-actions">
        <button type="button" className="button" onClick={onCancel}>
          {words.cancel}
        </button>
        <button type="button" className="button button-primary" disabled={busy} onClick={() => void leave()}>
          {words.stepUp.signIn}
        </button>
      </div>
    </>
  );
}
