import { useMessages } from '../i18n/language';
import { GroupCard } from './profile-section';

export function PreferencesSection() {
  const { cards } = useMessages();
  return <GroupCard group="preferences" title={cards.preferences} />;
}
