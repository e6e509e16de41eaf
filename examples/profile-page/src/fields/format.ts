import type { Messages } from '../i18n/en';
import { isObject, type Json, type JsonObject } from './json';
import { getKind, getMask, getOptions, type Field } from './model';

/** Formats a value as one line of text; returns undefined if it is unset. */
export function formatValue(
  field: Field,
  value: Json | undefined,
  locale: string,
  messages: Messages,
): string | undefined {
  if (value === null || value === undefined || value === '') return undefined;
  const mask = getMask(value);
  if (mask !== undefined) return mask;
  switch (getKind(field.schema, field.input)) {
    case 'boolean':
      return value === true ? messages.yes : messages.no;
    case 'choice':
      return getOptions(field.schema).find((option) => option.value === value)?.label ?? String(value);
    case 'date':
      return formatDate(String(value), locale);
    case 'number':
      return formatNumber(field.name, Number(value), locale);
    case 'object':
      return isObject(value) ? formatObject(value, Object.keys(field.schema.properties ?? {})) : String(value);
    case 'free':
      return isObject(value) ? formatEntries(value, messages) : String(value);
    case 'list':
    case 'choices':
      return Array.isArray(value) ? value.map(String).join(', ') || undefined : String(value);
    default:
      return typeof value === 'object' ? JSON.stringify(value) : formatPhone(field, String(value));
  }
}

/** Joins the members in schema order. Uses `formatted` only if it is the only member, because it repeats the others. */
function formatObject({ formatted, ...value }: JsonObject, order: readonly string[]): string | undefined {
  const names = [
    ...order.filter((name) => name in value),
    ...Object.keys(value).filter((name) => !order.includes(name)),
  ];
  const parts = names.map((name) => value[name] ?? '').filter((part) => part !== '');
  return (parts.length > 0 ? parts : [formatted ?? '']).map(toSingleLine).join(', ') || undefined;
}

const toSingleLine = (part: Json): string =>
  (isObject(part) || Array.isArray(part) ? JSON.stringify(part) : String(part)).replace(/\s*\n\s*/g, ', ');

function formatEntries(value: JsonObject, messages: Messages): string | undefined {
  const keys = Object.keys(value);
  if (keys.length === 0) return undefined;
  return keys.length > 3
    ? messages.entries(keys.length)
    : keys
        .map(
          (key) =>
            `${key}: ${typeof value[key] === 'boolean' ? (value[key] ? messages.yes : messages.no) : toSingleLine(value[key] ?? null)}`,
        )
        .join(', ');
}

/** Formats an OpenID Connect `birthdate`: a date, a year, or a date in the year 0000, which means an unknown year. */
function formatDate(text: string, locale: string): string {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  if (!year) return text;
  const date = new Date(Date.UTC(year === '0000' ? 2000 : Number(year), Number(month) - 1, Number(day)));
  return date.toLocaleDateString(locale, {
    timeZone: 'UTC',
    ...(year === '0000' ? { day: 'numeric', month: 'long' } : { dateStyle: 'long' }),
  } as Intl.DateTimeFormatOptions);
}

/** Logto stores timestamps as milliseconds since the epoch, in fields named `…At`. */
const formatNumber = (name: string, value: number, locale: string): string =>
  name.endsWith('At') && value > 1e11 ? formatDateTime(value, locale) : value.toLocaleString(locale);

export const formatDateTime = (time: number | string, locale: string): string =>
  new Date(time).toLocaleString(locale, { dateStyle: 'medium', timeStyle: 'short' });

/** Adds the plus sign, because Logto stores phone numbers as digits only. */
const formatPhone = ({ name, input }: Field, text: string): string =>
  (name === 'primaryPhone' || input === 'tel') && /^\d+$/.test(text) ? `+${text}` : text;
