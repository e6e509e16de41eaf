import { createContext, use, useLayoutEffect, useMemo, useState, type ReactNode } from 'react';
import { de } from './de';
import { en, type Words } from './en';

export const LANGUAGES = { en, de } satisfies Record<string, Words>;
export type Language = keyof typeof LANGUAGES;

interface LanguageState {
  readonly language: Language;
  /** The same with the person's region, for dates and numbers: `en-GB`. */
  readonly locale: string;
  readonly words: Words;
  choose(language: Language): void;
}

const LanguageContext = createContext<LanguageState | null>(null);
const STORED = 'profile-page:language';

const isLanguage = (tag: string | null | undefined): tag is Language =>
  tag !== null && tag !== undefined && tag in LANGUAGES;

/** What the person chose here before, else the first of the browser's languages that the page speaks. */
export function initialLanguage(): Language {
  const stored = localStorage.getItem(STORED);
  if (isLanguage(stored)) return stored;
  return navigator.languages.map((tag) => tag.split('-')[0]).find(isLanguage) ?? 'en';
}

export function LanguageProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState(initialLanguage);
  useLayoutEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const state = useMemo<LanguageState>(
    () => ({
      language,
      locale: navigator.languages.find((tag) => tag.split('-')[0] === language) ?? language,
      words: LANGUAGES[language],
      choose(next) {
        localStorage.setItem(STORED, next);
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

export const useWords = (): Words => useLanguage().words;
