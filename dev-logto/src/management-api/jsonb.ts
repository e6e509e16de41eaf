import { InternalError, RequestError } from './request-error.js';

const compareKeys = (a: string, b: string): number => {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length - right.length || left.compare(right);
};

/**
 * Converts a value as PostgreSQL's jsonb does: keys are sorted by length, then by bytes.
 * @throws InternalError (500) for NUL, and RequestError 422 `entity.invalid_input` for lone surrogates, as in Logto.
 */
export function toJsonb<Value>(value: Value): Value {
  if (typeof value === 'string') return checkText(value) as Value;
  if (Array.isArray(value)) return value.map(toJsonb) as Value;
  if (typeof value !== 'object' || value === null) return value;
  const keys = Object.keys(value).sort(compareKeys);
  return Object.fromEntries(
    keys.map((key) => [checkText(key), toJsonb((value as Record<string, unknown>)[key])]),
  ) as Value;
}

function checkText(text: string): string {
  if (/\p{Surrogate}/u.test(text)) throw new RequestError(422, 'entity.invalid_input');
  if (text.includes('\0')) throw new InternalError('NUL in jsonb');
  return text;
}
