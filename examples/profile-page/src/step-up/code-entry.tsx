import { useEffect, useRef, useState, type SubmitEvent } from 'react';
import { isProblem } from 'logto-profile-client';
import { useMessages } from '../i18n/language';
import { useSession } from '../session';
import { formatClock, useSecondsUntil } from '../ui/countdown';
import { ProblemNotice } from '../ui/problem';
import { TextField } from '../ui/text-field';
import type { Proof } from './proof-store';

type Recipient = { target: 'primaryEmail' | 'primaryPhone' } | { email: string } | { phone: string };

interface CodeEntryProps {
  readonly recipient: Recipient;
  readonly recipientLabel: string;
  /** Sends the first code without a click. */
  readonly sendImmediately?: boolean;
  onProof(proof: Proof): void;
  onCancel(): void;
}

/** Logto's default lifetime of codes. Only for display: the service rejects expired codes. */
const CODE_LIFETIME_MS = 10 * 60_000;
/** The first message should have arrived before the user can request another one. */
const RESEND_DELAY_MS = 30_000;

/** Sends a code and verifies the code that the user enters. */
export function CodeEntry({ recipient, recipientLabel, sendImmediately = false, onProof, onCancel }: CodeEntryProps) {
  const { api } = useSession();
  const messages = useMessages();
  const [sentAt, setSentAt] = useState<number>();
  const [code, setCode] = useState('');
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const secondsValid = useSecondsUntil(sentAt && sentAt + CODE_LIFETIME_MS);
  const secondsToResend = useSecondsUntil(sentAt && sentAt + RESEND_DELAY_MS);

  async function runCall(call: () => Promise<void>) {
    setBusy(true);
    setError(undefined);
    try {
      await call();
    } catch (reason) {
      setError(reason);
      if (isProblem(reason, 'code_expired')) setSentAt(0);
    } finally {
      setBusy(false);
    }
  }
  const send = () =>
    runCall(async () => {
      await api.POST('/v1/verification-codes', { body: recipient });
      setSentAt(Date.now());
      setCode('');
    });
  const verify = (event: SubmitEvent) => {
    event.preventDefault();
    void runCall(async () => {
      const { data } = await api.POST('/v1/verification-codes/verify', { body: { ...recipient, code: code.trim() } });
      onProof(data);
    });
  };

  const isStarted = useRef(false);
  useEffect(() => {
    if (!sendImmediately || isStarted.current) return;
    isStarted.current = true;
    void send();
  });

  const cancelButton = (
    <button type="button" className="button" onClick={onCancel}>
      {messages.cancel}
    </button>
  );
  if (sentAt === undefined) {
    return (
      <>
        <p>{messages.stepUp.sendTo(recipientLabel)}</p>
        <ProblemNotice error={error} />
        <div className="dialog-actions">
          {cancelButton}
          <button type="button" className="button button-primary" disabled={busy} onClick={() => void send()}>
            {messages.stepUp.sendCode}
          </button>
        </div>
      </>
    );
  }
  return (
    <form onSubmit={verify}>
      <p role="status">{messages.stepUp.sent(recipientLabel)}</p>
      <TextField
        label={messages.code.label}
        className="code"
        inputMode="numeric"
        autoComplete="one-time-code"
        maxLength={12}
        autoFocus
        required
        value={code}
        onChange={setCode}
        hint={secondsValid > 0 ? messages.code.validFor(formatClock(secondsValid)) : messages.code.over}
      />
      <ProblemNotice error={error} />
      <button type="button" className="link" disabled={busy || secondsToResend > 0} onClick={() => void send()}>
        {secondsToResend > 0 ? messages.code.resendIn(formatClock(secondsToResend)) : messages.code.resend}
      </button>
      <div className="dialog-actions">
        {cancelButton}
        <button className="button button-primary" disabled={busy || code.trim() === ''}>
          {messages.code.verify}
        </button>
      </div>
    </form>
  );
}
