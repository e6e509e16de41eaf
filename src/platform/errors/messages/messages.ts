import type { ErrorCode } from '../error-catalogue.js';
import { DE } from './de.js';
import { EN, type Messages } from './en.js';

export type { FormatName, JsonType } from './en.js';

/** The languages of problem texts; the first is the default. */
export const LANGUAGES = ['en', 'de'] as const;
export type Language = (typeof LANGUAGES)[number];

const MESSAGES: Record<Language, Messages> = { en: EN, de: DE };

type Text = string | ((params: never) => string);

/** A code from a table of texts, with the parameters of its text. */
type MessageOf<Texts extends Record<string, Text>> = {
  [Code in keyof Texts]: Texts[Code] extends (params: infer Params) => string
    ? { readonly code: Code; readonly params: Params }
    : { readonly code: Code; readonly params?: undefined };
}[keyof Texts];

/** The detail of a problem. */
export type DetailMessage = MessageOf<Messages['details']>;
/** The reason why a value is invalid. */
export type FieldMessage = MessageOf<Messages['fieldErrors']>;

/** The title of a problem in a language. */
export const titleText = (code: ErrorCode, language: Language): string => MESSAGES[language].titles[code];

/** The text of a problem's detail in a language. */
export const detailText = ({ code, params }: DetailMessage, language: Language): string =>
  render(MESSAGES[language].details[code], params);

/** The text of a field error in a language. */
export const fieldErrorText = ({ code, params }: FieldMessage, language: Language): string =>
  render(MESSAGES[language].fieldErrors[code], params);

/**
 * {@link MessageOf} ensures that the parameters match the text, but TypeScript cannot follow that through the look-up.
 */
const render = (text: Text, params: unknown): string => (typeof text === 'string' ? text : text(params as never));
