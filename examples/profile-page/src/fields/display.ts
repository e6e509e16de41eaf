import type { Words } from '../i18n/en';
import { isObject, type Json, type JsonObject } from './json';
import { kindOf, maskOf, optionsOf, type Field } from './model';

/** A value as one line of text; undefined when nothing is set. */
export function display(field: Field, value: Json | undefined, locale: string, words: Words): string | undefined {
  if (value === null || value === undefined || value === '') return undefined;
  const mask = maskOf(value);
  if (mask !== undefined) return mask;
  switch (kindOf(field.schema, field.input)) {
    case 'boolean':
      return value === true ? words.yes : words.no;
    case 'choice':
      return optionsOf(field.schema).find((option) => option.value === value)?.label ?? String(value);
    case 'date':
      return formatDate(String(value), locale);
    case 'number':
      return formatNumber(field.name, Number(value), locale);
    case 'object':
      return isObject(value) ? joined(value, Object.keys(field.schema.properties ?? {})) : String(value);
    case 'free':
      return isObject(value) ? entries(value, words) : String(value);
    case 'list':
    case 'choices':
      return Array.isArray(value) ? value.map(String).join(', ') || undefined : String(value);
    default:
      return typeof value === 'object' ? JSON.stringify(value) : phone(field, String(value));
  }
}

/** The members that are set, in the schema's order; `formatted`, which repeats the others, only when it stands alone. */
function joined({ formatted, ...value }: JsonObject, order: readonly string[]): string | undefined {
  const names = [
    ...order.filter((name) => name in value),
    ...Object.keys(value).filter((name) => !order.includes(name)),
  ];
  const parts = names.map((name) => value[name] ?? '').filter((part) => part !== '');
  return (parts.length > 0 ? parts : [formatted ?? '']).map(flat).join(', ') || undefined;
}

const flat = (part: Json): string =>
  (isObject(part) || Array.isArray(part) ? JSON.stringify(part) : String(part)).replace(/\s*\n\s*/g, ', ');

function entries(value: JsonObject, words: Words): string | undefined {
  const keys = Object.keys(value);
  if (keys.length === 0) return undefined;
  return keys.length > 3
    ? words.entries(keys.length)
    : keys
        .map(
          (key) =>
            `${key}: ${typeof value[key] === 'boolean' ? (value[key] ? words.yes : words.no) : flat(value[key] ?? null)}`,
        )
        .join(', ');
}

/** OpenID Connect's birthdate: a day, a year alone, or a day of year 0000. */
function formatDate(text: string, locale: string): string {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  if (!year) return text;
  const date = new Date(Date.UTC(year === '0000' ? 2000 : Number(year), Number(month) - 1, Number(day)));
  return date.toLocaleDateString(locale, {
    timeZone: 'UTC',
    ...(year === '0000' ? { day: 'numeric', month: 'long' } : { dateStyle: 'long' }),
  } as Intl.DateTimeFormatOptions);
}

/** Logto's moments are milliseconds since the epoch in fields named …At. */
const formatNumber = (name: string, value: number, locale: string): string =>
  name.endsWith('At') && value > 1e11 ? formatMoment(value, locale) : value.toLocaleString(locale);

export const formatMoment = (moment: number | string, locale: string): string =>
  new Date(moment).toLocaleString(locale, { dateStyle: 'medium', timeStyle: 'short' });

/** Logto stores phone numbers as digits alone. */
const phone = ({ name, input }: Field, text: string): string =>
  (name === 'primaryPhone' || input === 'tel') && /^\d+$/.test(text) ? `+${text}` : text;
