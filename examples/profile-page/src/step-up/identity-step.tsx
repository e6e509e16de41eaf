import { useRef, useState, type SubmitEvent } from 'react';
import type { ProofKind } from 'logto-profile-client';
import { useProfile } from '../api/queries';
import { useMessages } from '../i18n/language';
import { usePath } from '../router';
import { useSession } from '../session';
import { HiddenUsername } from '../ui/hidden-username';
import { ProblemNotice } from '../ui/problem';
import { TextField } from '../ui/text-field';
import { CodeEntry } from './code-entry';
import { leaveForSignIn, takePendingSignIn, type ResumableAction } from './resume';
import type { Proof } from './proof-store';

interface IdentityStepProps {
  readonly proofs: readonly ProofKind[];
  readonly action: ResumableAction | undefined;
  onProof(proof: Proof): void;
  onCancel(): void;
}

/** Where to send a code, by kind of proof. */
const CODE_TARGETS = { email: 'primaryEmail', phone: 'primaryPhone' } as const;

/** Lets the user choose how to prove their identity. */
export function IdentityStep({ proofs, action, onProof, onCancel }: IdentityStepProps) {
  const messages = useMessages();
  const [kind, setKind] = useState(proofs[0]);
  const { data } = useProfile();
  const handlers = { onProof, onCancel };
  return (
    <>
      <p>{messages.stepUp.text}</p>
      {proofs.length > 1 && (
        <fieldset className="choices">
          <legend className="sr-only">{messages.stepUp.methods}</legend>
          {proofs.map((proof) => (
            <label key={proof}>
              <input type="radio" name="proof" checked={proof === kind} onChange={() => setKind(proof)} />
              <span>{messages.stepUp.kinds[proof]}</span>
            </label>
          ))}
        </fieldset>
      )}
      {kind === undefined && <p className="notice">{messages.stepUp.none}</p>}
      {kind === 'password' && <PasswordProof {...handlers} />}
      {(kind === 'email' || kind === 'phone') && (
        <CodeEntry
          key={kind}
          recipient={{ target: CODE_TARGETS[kind] }}
          recipientLabel={String(data?.profile[CODE_TARGETS[kind]] ?? '')}
          {...handlers}
        />
      )}
      {kind === 'signIn' && <SignInProof action={action} onCancel={onCancel} />}
    </>
  );
}

function PasswordProof({ onProof, onCancel }: Pick<IdentityStepProps, 'onProof' | 'onCancel'>) {
  const { api } = useSession();
  const messages = useMessages();
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
    } catch (reason) {
      setError(reason);
      setPassword('');
      setBusy(false);
      form.current?.querySelector<HTMLElement>('[type="password"]')?.focus();
    }
  }
  return (
    <form ref={form} onSubmit={(event) => void submit(event)}>
      <HiddenUsername />
      <TextField
        label={messages.stepUp.password}
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
          {messages.cancel}
        </button>
        <button className="button button-primary" disabled={busy || password === ''}>
          {messages.stepUp.confirm}
        </button>
      </div>
    </form>
  );
}

function SignInProof({ action, onCancel }: Pick<IdentityStepProps, 'action' | 'onCancel'>) {
  const { api, claims, signInAgain } = useSession();
  const messages = useMessages();
  const path = usePath();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  async function goToSignIn() {
    setBusy(true);
    try {
      const { data } = await api.POST('/v1/sign-in/challenge');
      leaveForSignIn({ path, userId: (await claims())?.sub ?? '', action });
      await signInAgain(data);
    } catch (reason) {
      takePendingSignIn(); // The sign-in failed to start, so nothing is pending.
      setError(reason);
      setBusy(false);
    }
  }
  return (
    <>
      <p>{messages.stepUp.signInText}</p>
      <ProblemNotice error={error} />
      <div className="dialog-actions">
        <button type="button" className="button" onClick={onCancel}>
          {messages.cancel}
        </button>
        <button type="button" className="button button-primary" disabled={busy} onClick={() => void goToSignIn()}>
          {messages.stepUp.signIn}
        </button>
      </div>
    </>
  );
}
