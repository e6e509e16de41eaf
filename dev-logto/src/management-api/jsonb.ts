import { InternalError, RequestError } from './request-error.js';

const compare = (a: string, b: string): number => {
  const [x, y] = [Buffer.from(a), Buffer.from(b)];
  return x.length - y.length || x.compare(y);
};

/**
 * A value as PostgreSQL's jsonb gives it back: keys by length, then by bytes. As it refuses NUL and lone
 * surrogates, so does this, with the answers that Logto makes of it: 500, and 422 `entity.invalid_input`.
 */
export function jsonb<Value>(value: Value): Value {
  if (typeof value === 'string') return checkText(value) as Value;
  if (Array.isArray(value)) return value.map(jsonb) as Value;
  if (typeof value !== 'object' || value === null) return value;
  const keys = Object.keys(value).sort(compare);
  return Object.fromEntries(
    keys.map((key) => [checkText(key), jsonb((value as Record<string, unknown>)[key])]),
  ) as Value;
}

function checkText(text: string): string {
  if (/\p{Surrogate}/u.test(text)) throw new RequestError(422, 'entity.invalid_input');
  if (text.includes('\0')) throw new InternalError('NUL in jsonb');
  return text;
}
