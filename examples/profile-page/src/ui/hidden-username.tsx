import { useProfile } from '../api/queries';

/** Tells password managers whose password a form asks for. */
export function HiddenUsername() {
  const { data } = useProfile();
  const { username, primaryEmail } = data?.profile ?? {};
  return (
    <input type="text" name="username" autoComplete="username" value={username ?? primaryEmail ?? ''} readOnly hidden />
  );
}
