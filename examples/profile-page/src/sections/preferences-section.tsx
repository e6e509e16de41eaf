import { useWords } from '../i18n/language';
import { GroupCard } from './profile-section';

export function PreferencesSection() {
  const { cards } = useWords();
  return <GroupCard group="preferences" title={cards.preferences} />;
}
