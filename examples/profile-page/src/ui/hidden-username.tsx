import { useProfile } from '../api/queries';

/** Shows password managers which account a password form belongs to. */
export function HiddenUsername() {
  const { data } = useProfile();
  const { username, primaryEmail } = data?.profile ?? {};
  return (
    <input type="text" name="username" autoComplete="username" value={username ?? primaryEmail ?? ''} readOnly hidden />
  );
}
