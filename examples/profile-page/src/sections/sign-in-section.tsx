import { useWords } from '../i18n/language';
import { GroupCard } from './profile-section';

/** What the person signs in with; changes ask for a proof, new addresses for the code sent to them. */
export function SignInSection() {
  const { cards } = useWords();
  return <GroupCard group="signIn" title={cards.signIn} />;
}
