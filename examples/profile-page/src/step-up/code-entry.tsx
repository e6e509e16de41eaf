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

/** Logto's default lifetime, for display only; the service rejects expired codes. */
const CODE_LIFETIME_MS = 10 * 60_000;
/** Delays a second message until the first one should have arrived. */
const RESEND_AFTER_MS = 30_000;

/** Sends a code and verifies the one that the user enters. */
export function CodeEntry({ recipient, recipientLabel, sendImmediately = false, onProof, onCancel }: CodeEntryProps) {
  const { api } = useSession();
  const messages = useMessages();
  const [sentAt, setSentAt] = useState<number>();
  const [code, setCode] = useState('');
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const validFor = useSecondsUntil(sentAt && sentAt + CODE_LIFETIME_MS);
  const resendIn = useSecondsUntil(sentAt && sentAt + RESEND_AFTER_MS);

  async function run(call: () => Promise<void>) {
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
    run(async () => {
      await api.POST('/v1/verification-codes', { body: recipient });
      setSentAt(Date.now());
      setCode('');
    });
  const verify = (event: SubmitEvent) => {
    event.preventDefault();
    void run(async () => {
      const { data } = await api.POST('/v1/verification-codes/verify', { body: { ...recipient, code: code.trim() } });
      onProof(data);
    });
  };

  const started = useRef(false);
  useEffect(() => {
    if (!sendImmediately || started.current) return;
    started.current = true;
    void send();
  });

  const sent = sentAt !== undefined;
  const cancel = (
    <button type="button" className="button" onClick={onCancel}>
      {messages.cancel}
    </button>
  );
  if (!sent) {
    return (
      <>
        <p>{messages.stepUp.sendTo(recipientLabel)}</p>
        <ProblemNotice error={error} />
        <div className="dialog-actions">
          {cancel}
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
        hint={validFor > 0 ? messages.code.validFor(formatClock(validFor)) : messages.code.over}
      />
      <ProblemNotice error={error} />
      <button type="button" className="link" disabled={busy || resendIn > 0} onClick={() => void send()}>
        {resendIn > 0 ? messages.code.resendIn(formatClock(resendIn)) : messages.code.resend}
      </button>
      <div className="dialog-actions">
        {cancel}
        <button className="button button-primary" disabled={busy || code.trim() === ''}>
          {messages.code.verify}
        </button>
      </div>
    </form>
  );
}
