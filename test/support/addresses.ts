import fc from 'fast-check';
import { getCountries, getExampleNumber } from 'libphonenumber-js';
import examples from 'libphonenumber-js/mobile/examples';

/** Every Unicode character except surrogates. */
export const everyCharacter = Array.from({ length: 0x11_00_00 }, (_, codePoint) => codePoint)
  .filter((codePoint) => codePoint < 0xd8_00 || codePoint > 0xdf_ff)
  .map((codePoint) => String.fromCodePoint(codePoint));

export const charactersLike = (pattern: RegExp): string[] =>
  everyCharacter.filter((character) => pattern.test(character));

/** Letters that Unicode case mapping turns into one another, such as the Kelvin sign into a k. */
export const LOOK_ALIKES = [...'kK\u{212A}sS\u{17F}iI\u{130}\u{131}åÅ\u{212B}ßẞabAB'];

/** A text of up to eight of the characters. */
export const text = (characters: readonly string[], minLength = 1): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...characters), { minLength, maxLength: 8 }).map((parts) => parts.join(''));

/** Email addresses, many of them with letters that differ only in case. */
export const email = fc.oneof(
  fc.emailAddress({ size: 'small' }),
  fc.tuple(text(LOOK_ALIKES), text(LOOK_ALIKES)).map(([local, domain]) => `${local}@${domain}.example`),
);

/** A possible number of each country. */
const numbers = getCountries().map((country) => getExampleNumber(country, examples)!.number.slice(1));
export const phoneNumber = fc.constantFrom(...numbers);
const SEPARATORS = [
  ...charactersLike(/[\p{Zs}\p{Bidi_Control}]/u),
  ...'\u{2010}\u{2011}\u{2012}\u{2013}\u{2014}\u{2015}\u{2212}-.()/\t\n\r',
];
const ZEROS = charactersLike(/\p{Nd}/u).filter((_, index) => index % 10 === 0);

/** The number as somebody could paste it: with a prefix, digits of other scripts, and separators everywhere. */
export const pastedPhone = fc
  .record({
    digits: phoneNumber,
    prefix: fc.constantFrom('', '+', '\u{FF0B}', '00'),
    zero: fc.constantFrom(...ZEROS),
    gaps: fc.infiniteStream(text(SEPARATORS, 0).map((separators) => separators.slice(0, 2))),
  })
  .map(({ digits, prefix, zero, gaps }) => {
    const shown = [...digits].map((digit) => String.fromCodePoint(zero.codePointAt(0)! + Number(digit)));
    const parts = [...prefix, ...shown].map((part) => `${gaps.next().value}${part}`);
    return { digits, pasted: `${parts.join('')}${gaps.next().value}` };
  });
