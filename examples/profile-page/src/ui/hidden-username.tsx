import { useProfile } from '../api/queries';

/** Identifies the account of a password form for password managers. */
export function HiddenUsername() {
  const { data } = useProfile();
  const { username, primaryEmail } = data?.profile ?? {};
  return (
    <input type="text" name="username" autoComplete="username" value={username ?? primaryEmail ?? ''} readOnly hidden />
  );
}
