import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useWords } from '../i18n/language';
import { useSession } from '../session';
import { strengthOf } from './strength';

/** Typing pauses this long before the service is asked. */
const PAUSE_MS = 400;

/** How strong a new password looks, and which of the tenant's rules it breaks. */
export function PasswordHint({ password }: { password: string }) {
  const { api } = useSession();
  const words = useWords();
  const [settled, setSettled] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setSettled(password), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [password]);
  const { data } = useQuery({
    queryKey: ['password-check', settled],
    queryFn: async ({ signal }) => (await api.POST('/v1/password/check', { body: { password: settled }, signal })).data,
    enabled: settled !== '',
    // A password is not kept, not even in memory, longer than the form needs it.
    gcTime: 0,
    retry: false,
  });
  const level = strengthOf(password);
  const current = settled === password && password !== '' ? data : undefined;
  return (
    <div className="strength">
      <div className="meter" data-level={password === '' ? undefined : level} aria-hidden="true">
        <i />
        <i />
        <i />
        <i />
      </div>
      <div role="status">
        {password !== '' && (
          <small className="hint">
            {words.password.strength}: {words.password.levels[level]}
          </small>
        )}
        {current?.valid && <small className="good">{words.password.accepted}</small>}
        {current && !current.valid && (
          <ul className="issues">
            {current.issues.map(({ code, detail }) => (
              <li key={code}>{detail}</li>
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}
