/** What people paste between the digits: the punctuation that libphonenumber ignores, white space, bidi marks and joiners. */
const PHONE_SEPARATORS =
  /[\s\p{Pd}\p{Bidi_Control}\u00AD\u200B-\u200D\u2060\u2212.\uFF0E()\uFF08\uFF09[\]\uFF3B\uFF3D/\uFF0F~\u2053\u223C\uFF5E\u30FC]/gu;
const FULLWIDTH_PLUS = '\uFF0B';

/** A pasted phone number as ASCII digits, with `+` if it has one; what is no part of a number stays in it. */
export const phoneDigits = (phone: string): string =>
  withAsciiDigits(phone).replace(FULLWIDTH_PLUS, '+').replace(PHONE_SEPARATORS, '');

const withAsciiDigits = (text: string) =>
  text.replace(/\p{Nd}/gu, (digit) => String(digitValue(digit.codePointAt(0)!)));

/** Unicode assigns the decimal digits of a script to ten consecutive code points, 0 to 9. */
function digitValue(codePoint: number): number {
  let first = codePoint;
  while (/\p{Nd}/u.test(String.fromCodePoint(first - 1))) first--;
  return (codePoint - first) % 10;
}
