/** Every literal that can change is at least this long, or has an exponent. */
const SUSPICIOUS = /\d[\d.]{15}|\d[eE]/;
/** A string or a number of valid JSON. A string is matched as a whole, so that digits inside it are no number. */
const STRING_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g;
/** Parsed as Infinity, which no other JSON text is. */
const INFINITE = '1e999';

/**
 * Replaces the numbers of a JSON text that JSON.parse() would change by ones that it parses as Infinity (RFC 7493 section 2.2). Numbers
 * are changed if they are outside the range of a double, or at least 2^53 and neither the integer that a double is nor the shortest form
 * of a double, which JSON.stringify() writes. Smaller integers are exact; other decimals are rounded in any program.
 * @param text valid JSON
 */
export function markInexactNumbers(text: string): string {
  if (!SUSPICIOUS.test(text)) return text;
  return text.replace(STRING_OR_NUMBER, (token) => (token.startsWith('"') || isExact(token) ? token : INFINITE));
}

function isExact(literal: string): boolean {
  const value = Number(literal);
  if (!Number.isFinite(value)) return false;
  if (value === 0) return !/[1-9]/.test(literal.split(/e/i, 1)[0]!);
  if (Number.isSafeInteger(Math.trunc(value))) return true;
  return toDecimal(literal) === toDecimal(String(value)) || literal === String(BigInt(value));
}

/** The significant digits of a literal, and its power of ten: equal for equal numbers. */
function toDecimal(literal: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d*))?(?:e([+-]?\d+))?$/i.exec(
    literal,
  )!;
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = digits.replace(/(?<!0)0+$/, '');
  const power = Number(exponent) - fraction.length + (digits.length - significant.length);
  return `${sign}${significant}e${power}`;
}
