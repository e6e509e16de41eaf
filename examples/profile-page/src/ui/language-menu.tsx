import { LANGUAGES, useLanguage, type Language } from '../i18n/language';

export function LanguageMenu() {
  const { language, messages, choose } = useLanguage();
  return (
    <select
      className="language"
      aria-label={messages.language}
      value={language}
      onChange={(event) => choose(event.target.value as Language)}
    >
      {Object.entries(LANGUAGES).map(([tag, { languageName }]) => (
        <option key={tag} value={tag} lang={tag}>
          {languageName}
        </option>
      ))}
    </select>
  );
}
