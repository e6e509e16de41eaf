import { useMessages } from '../i18n/language';
import { GroupCard } from './profile-section';

/** The user's sign-in identifiers. Changes require a proof. */
export function SignInSection() {
  const { cards } = useMessages();
  return <GroupCard group="signIn" title={cards.signIn} />;
}
