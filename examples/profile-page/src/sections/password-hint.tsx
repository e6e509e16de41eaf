import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useMessages } from '../i18n/language';
import { useSession } from '../session';
import { estimateStrength } from './password-strength';

/** How long the user must stop typing before the page calls the service. */
const DEBOUNCE_MS = 400;

/** Shows the estimated strength of a new password and the rules of the tenant that it violates. */
export function PasswordHint({ password }: { password: string }) {
  const { api } = useSession();
  const messages = useMessages();
  const [debouncedPassword, setDebouncedPassword] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setDebouncedPassword(password), DEBOUNCE_MS);
    return () => clearTimeout(timer);
  }, [password]);
  const { data } = useQuery({
    queryKey: ['password-check', debouncedPassword],
    queryFn: async ({ signal }) =>
      (await api.POST('/v1/password/check', { body: { password: debouncedPassword }, signal })).data,
    enabled: debouncedPassword !== '',
    // Otherwise, the cache would keep the password in memory after the form has closed.
    gcTime: 0,
    retry: false,
  });
  const level = estimateStrength(password);
  const check = debouncedPassword === password && password !== '' ? data : undefined;
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
            {messages.password.strength}: {messages.password.levels[level]}
          </small>
        )}
        {check?.valid && <small className="good">{messages.password.accepted}</small>}
        {check && !check.valid && (
          <ul className="issues">
            {check.issues.map(({ code, detail }) => (
              <li key={code}>{detail}</li>
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}
