import { useQuery, useQueryClient } from '@tanstack/react-query';
import { isProblem } from 'logto-profile-client';
import { useEffect, useRef, useState, type SubmitEvent } from 'react';
import { useMessages } from '../i18n/language';
import { useSession } from '../session';
import { takeResumedAction } from '../step-up/resume';
import { useStepUp } from '../step-up/step-up';
import { Card } from '../ui/card';
import { HiddenUsername } from '../ui/hidden-username';
import { ProblemNotice } from '../ui/problem';
import { TextField } from '../ui/text-field';
import { useToast } from '../ui/toast';
import { PasswordHint } from './password-hint';

const PASSWORD_QUERY_KEY = ['password'];

export function PasswordCard() {
  const { api } = useSession();
  const { password } = useMessages();
  const { data, error } = useQuery({
    queryKey: PASSWORD_QUERY_KEY,
    queryFn: async ({ signal }) => (await api.GET('/v1/password', { signal })).data,
  });
  // Opens after a fresh sign-in. The user must enter the new password again, because it is never stored.
  const [open, setOpen] = useState(() => takeResumedAction('password') !== undefined);
  const button = useRef<HTMLButtonElement>(null);
  const close = () => {
    setOpen(false);
    requestAnimationFrame(() => button.current?.focus());
  };
  const { cards } = useMessages();
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
  const messages = useMessages();
  const showToast = useToast();
  const queries = useQueryClient();
  const { runResumable, proofStore } = useStepUp();
  // A valid proof of identity replaces the current password.
  const [needsCurrentPassword, setNeedsCurrentPassword] = useState(hasPassword && !proofStore.hasIdentityProof);
  const [currentPassword, setCurrentPassword] = useState('');
  const [newPassword, setNewPassword] = useState('');
  const [visible, setVisible] = useState(false);
  const [signOutOthers, setSignOutOthers] = useState(false);
  const [isCurrentSessionKnown, setCurrentSessionKnown] = useState(true);
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);

  useEffect(() => {
    form.current?.querySelector<HTMLElement>('input:not([hidden])')?.focus();
    // The service can keep this session only if the ID token identifies it (`sid`).
    void claims().then((token) => {
      const isKnown = (token as { sid?: string } | undefined)?.sid !== undefined;
      setCurrentSessionKnown(isKnown);
      setSignOutOthers(isKnown);
    });
  }, [claims]);

  async function submit(event: SubmitEvent) {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    const body = {
      newPassword,
      ...(needsCurrentPassword && { currentPassword }),
      signOutOtherSessions: signOutOthers,
    };
    try {
      await runResumable({ type: 'password' }, () => api.PUT('/v1/password', { body }));
      proofStore.clear(); // A password change revokes all proofs.
      queries.setQueryData(PASSWORD_QUERY_KEY, { hasPassword: true });
      void queries.invalidateQueries({ queryKey: ['sessions'] });
      void queries.invalidateQueries({ queryKey: ['capabilities'] });
      showToast(messages.password.changed);
      onDone();
    } catch (reason) {
      setError(reason);
      setBusy(false);
    }
  }

  const ruleErrors = isProblem(error, 'password_rejected') ? error.errors : [];
  return (
    <form ref={form} className="stack" onSubmit={(event) => void submit(event)}>
      <HiddenUsername />
      {needsCurrentPassword && (
        <TextField
          label={messages.password.current}
          type={visible ? 'text' : 'password'}
          autoComplete="current-password"
          required
          value={currentPassword}
          onChange={setCurrentPassword}
          error={isProblem(error, 'invalid_credentials') ? messages.problems.wrongPassword : undefined}
        />
      )}
      {hasPassword && (
        <button type="button" className="link" onClick={() => setNeedsCurrentPassword(!needsCurrentPassword)}>
          {needsCurrentPassword ? messages.password.forgotten : messages.password.known}
        </button>
      )}
      {!needsCurrentPassword && !proofStore.hasIdentityProof && <p className="hint">{messages.password.otherWay}</p>}
      <TextField
        label={messages.password.next}
        type={visible ? 'text' : 'password'}
        autoComplete="new-password"
        required
        maxLength={256}
        value={newPassword}
        onChange={setNewPassword}
        error={ruleErrors.length > 0 ? ruleErrors.map(({ detail }) => detail).join(' ') : undefined}
      />
      <PasswordHint password={newPassword} />
      <label className="check">
        <input type="checkbox" checked={visible} onChange={(event) => setVisible(event.target.checked)} />
        <span>{messages.password.show}</span>
      </label>
      <label className="check">
        <input type="checkbox" checked={signOutOthers} onChange={(event) => setSignOutOthers(event.target.checked)} />
        <span>{messages.password.signOutOthers}</span>
      </label>
      {signOutOthers && !isCurrentSessionKnown && <p className="hint">{messages.sessions.endAllText}</p>}
      <ProblemNotice error={ruleErrors.length > 0 || isProblem(error, 'invalid_credentials') ? undefined : error} />
      <div className="form-actions">
        <button type="button" className="button" onClick={onDone}>
          {messages.cancel}
        </button>
        <button
          className="button button-primary"
          disabled={busy || newPassword === '' || (needsCurrentPassword && currentPassword === '')}
        >
          {messages.password.save}
        </button>
      </div>
    </form>
  );
}
