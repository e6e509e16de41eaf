import { useEffect, useRef, useState, type SubmitEvent } from 'react';
import { isProblem } from 'logto-profile-client';
import { useWords } from '../i18n/language';
import { useSession } from '../session';
import { clock, useSecondsUntil } from '../ui/countdown';
import { ProblemNotice } from '../ui/problem';
import { TextField } from '../ui/text-field';
import type { Proof } from './wallet';

type Recipient = { target: 'primaryEmail' | 'primaryPhone' } | { email: string } | { phone: string };

interface CodeEntryProps {
  readonly recipient: Recipient;
  readonly shownAs: string;
  /** Send the first code without being asked. */
  readonly sendAtOnce?: boolean;
  onProof(proof: Proof): void;
  onCancel(): void;
}

/** Logto's default; a code that has run out sooner is refused all the same. */
const CODE_LIFE_MS = 10 * 60_000;
/** So that nobody asks for a second message while the first is on its way. */
const RESEND_AFTER_MS = 30_000;

/** Sends a code to an address and takes it back. */
export function CodeEntry({ recipient, shownAs, sendAtOnce = false, onProof, onCancel }: CodeEntryProps) {
  const { api } = useSession();
  const words = useWords();
  const [sentAt, setSentAt] = useState<number>();
  const [code, setCode] = useState('');
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const validFor = useSecondsUntil(sentAt && sentAt + CODE_LIFE_MS);
  const resendIn = useSecondsUntil(sentAt && sentAt + RESEND_AFTER_MS);

  async function attempt(call: () => Promise<void>) {
    setBusy(true);
    setError(undefined);
    try {
      await call();
    } catch (refusal) {
      setError(refusal);
      if (isProblem(refusal, 'code_expired')) setSentAt(0);
    } finally {
      setBusy(false);
    }
  }
  const send = () =>
    attempt(async () => {
      await api.POST('/v1/verification-codes', { body: recipient });
      setSentAt(Date.now());
      setCode('');
    });
  const verify = (event: SubmitEvent) => {
    event.preventDefault();
    void attempt(async () => {
      const { data } = await api.POST('/v1/verification-codes/verify', { body: { ...recipient, code: code.trim() } });
      onProof(data);
    });
  };

  const started = useRef(false);
  useEffect(() => {
    if (!sendAtOnce || started.current) return;
    started.current = true;
    void send();
  });

  const sent = sentAt !== undefined;
  const cancel = (
    <button type="button" className="button" onClick={onCancel}>
      {words.cancel}
    </button>
  );
  if (!sent) {
    return (
      <>
        <p>{words.stepUp.sendTo(shownAs)}</p>
        <ProblemNotice error={error} />
        <div className="dialog-actions">
          {cancel}
          <button type="button" className="button button-primary" disabled={busy} onClick={() => void send()}>
            {words.stepUp.sendCode}
          </button>
        </div>
      </>
    );
  }
  return (
    <form onSubmit={verify}>
      <p role="status">{words.stepUp.sent(shownAs)}</p>
      <TextField
        label={words.code.label}
        className="code"
        inputMode="numeric"
        autoComplete="one-time-code"
        maxLength={12}
        autoFocus
        required
        value={code}
        onChange={setCode}
        hint={validFor > 0 ? words.code.validFor(clock(validFor)) : words.code.over}
      />
      <ProblemNotice error={error} />
      <button type="button" className="link" disabled={busy || resendIn > 0} onClick={() => void send()}>
        {resendIn > 0 ? words.code.resendIn(clock(resendIn)) : words.code.resend}
      </button>
      <div className="dialog-actions">
        {cancel}
        <button className="button button-primary" disabled={busy || code.trim() === ''}>
          {words.code.verify}
        </button>
      </div>
    </form>
  );
}
