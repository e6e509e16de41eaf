import { useMessages } from '../i18n/language';
import { GroupCard } from './profile-section';

/** Shows the user's sign-in identifiers. Changing them requires a proof. */
export function SignInSection() {
  const { cards } = useMessages();
  return <GroupCard group="signIn" title={cards.signIn} />;
}
