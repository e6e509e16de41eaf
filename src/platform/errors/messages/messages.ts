import type { ErrorCode } from '../error-catalogue.js';
import { DE } from './de.js';
import { EN, type Messages } from './en.js';

export type { FormatName, JsonType } from './en.js';

/** Languages that problems are written in, the default one first. */
export const LANGUAGES = ['en', 'de'] as const;
export type Language = (typeof LANGUAGES)[number];

const MESSAGES: Record<Language, Messages> = { en: EN, de: DE };

type Text = string | ((params: never) => string);

/** A code of a table of texts, with the parameters that its text takes. */
type MessageOf<Texts extends Record<string, Text>> = {
  [Code in keyof Texts]: Texts[Code] extends (params: infer Params) => string
    ? { readonly code: Code; readonly params: Params }
    : { readonly code: Code; readonly params?: undefined };
}[keyof Texts];

/** What happened this time. */
export type DetailMessage = MessageOf<Messages['details']>;
/** What is wrong with a value. */
export type FieldMessage = MessageOf<Messages['fieldErrors']>;

/** The title of a problem in a language. */
export const titleText = (code: ErrorCode, language: Language): string => MESSAGES[language].titles[code];

/** The text of a problem's detail in a language. */
export const detailText = ({ code, params }: DetailMessage, language: Language): string =>
  render(MESSAGES[language].details[code], params);

/** The text of a field error in a language. */
export const fieldErrorText = ({ code, params }: FieldMessage, language: Language): string =>
  render(MESSAGES[language].fieldErrors[code], params);

/** The types of {@link MessageOf} hold text and parameters together; TypeScript cannot follow that through a look-up. */
const render = (text: Text, params: unknown): string => (typeof text === 'string' ? text : text(params as never));
