import { createContext, use, useLayoutEffect, useMemo, useState, type ReactNode } from 'react';
import { de } from './de';
import { en, type Messages } from './en';

export const LANGUAGES = { en, de } satisfies Record<string, Messages>;
export type Language = keyof typeof LANGUAGES;

interface LanguageState {
  readonly language: Language;
  /** The language with the user's region, for dates and numbers: `en-GB`. */
  readonly locale: string;
  readonly messages: Messages;
  choose(language: Language): void;
}

const LanguageContext = createContext<LanguageState | null>(null);
const STORAGE_KEY = 'profile-page:language';

const isLanguage = (tag: string | null | undefined): tag is Language =>
  tag !== null && tag !== undefined && tag in LANGUAGES;

/** Returns the language that the user has chosen, otherwise the first browser language that the page supports. */
export function getInitialLanguage(): Language {
  const stored = localStorage.getItem(STORAGE_KEY);
  if (isLanguage(stored)) return stored;
  return navigator.languages.map((tag) => tag.split('-')[0]).find(isLanguage) ?? 'en';
}

export function LanguageProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState(getInitialLanguage);
  useLayoutEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const state = useMemo<LanguageState>(
    () => ({
      language,
      locale: navigator.languages.find((tag) => tag.split('-')[0] === language) ?? language,
      messages: LANGUAGES[language],
      choose(next) {
        localStorage.setItem(STORAGE_KEY, next);
        setLanguage(next);
      },
    }),
    [language],
  );
  return <LanguageContext value={state}>{children}</LanguageContext>;
}

export function useLanguage(): LanguageState {
  const state = use(LanguageContext);
  if (!state) throw new Error('useLanguage needs a LanguageProvider.');
  return state;
}

export const useMessages = (): Messages => useLanguage().messages;
