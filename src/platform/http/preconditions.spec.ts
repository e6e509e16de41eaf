import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { matchesEntityTag } from './preconditions.js';

const ETAG = '"3-abc"';

const matching: string[] = [
  '"3-abc"',
  '*',
  ' * ',
  '\t*',
  '"other", "3-abc"',
  '"other",W/"3-abc" ,"more"',
  ' \t"3-abc"\t ',
  ',"3-abc"',
  '"3-abc",',
  ', ,\t,"other",, "3-abc" , ,',
  '"a,b","3-abc"',
  '"", "3-abc"',
  '"ü\u0080ÿ!", "3-abc"',
  // The forms that proxies turn the ETag into.
  'W/"3-abc"',
  '"3-abc-gzip"',
  '"3-abc-br"',
  'W/"3-abc-gzip"',
  'W/"3-abc-br"',
  '"other", W/"3-abc-gzip"',
];

const others: string[] = [
  '"other"',
  '"3-abcd"',
  '"3-ab"',
  '"3-ABC"',
  '"2-abc"',
  '""',
  'W/""',
  '"a,3-abc,b"',
  '"a, ", "b"',
  ',',
  '',
  ' ',
  // Forms that no common proxy turns it into.
  '"3-abc-zstd"',
  '"3-abc-deflate"',
  '"3-abc;gzip"',
  '"3-abc--gzip"',
  '"3-abc-gzip-br"',
  '"3-abc-gzip-gzip"',
  '"3-abc-GZIP"',
  '"3-abcgzip"',
  '"gzip-3-abc"',
  '"-gzip"',
  '"*"',
];

const garbage: string[] = [
  '3-abc',
  'w/"3-abc"',
  'W/3-abc',
  'W"3-abc"',
  'W/ "3-abc"',
  'W /"3-abc"',
  'W/W/"3-abc"',
  '"3-abc"-gzip',
  '"3-abc',
  '3-abc"',
  "'3-abc'",
  '"a,"3-abc"',
  '"a""3-abc"',
  '"a" "3-abc"',
  '"a"; "3-abc"',
  '"3-abc", x',
  'x, "3-abc"',
  '*, "3-abc"',
  '"3-abc", *',
  '*, *',
  '**',
  '*,',
  'W/*',
  '"a b", "3-abc"',
  '"a\tb", "3-abc"',
  '"a\u0100", "3-abc"',
  '"a\u007f", "3-abc"',
  '"3-abc"\n',
  '\u00a0"3-abc"',
  '\u00a0*',
];

describe('a precondition', () => {
  const outcome = (header: string) => matchesEntityTag(header, ETAG);

  it.each(matching)('matches with %j', (header) => {
    expect(outcome(header)).toBe(true);
  });

  it.each(others)('does not match with %j, which names other ETags', (header) => {
    expect(outcome(header)).toBe(false);
  });

  it.each(garbage)('does not match with %j, which is not a list of ETags', (header) => {
    expect(outcome(header)).toBe(false);
  });

  const characters = fc.oneof(
    fc.integer({ min: 0x23, max: 0x7e }),
    fc.constant(0x21),
    fc.integer({ min: 0x80, max: 0xff }),
  );
  const text = fc.array(characters, { maxLength: 12 }).map((codes) => String.fromCharCode(...codes));
  const tag = fc.tuple(fc.constantFrom('', 'W/'), text).map(([weak, opaque]) => `${weak}"${opaque}"`);
  const ows = fc.stringMatching(/^[ \t]{0,3}$/);
  const listOf = (elements: string[], spaces: string[]) =>
    elements.map((element, index) => `${spaces[2 * index]}${element}${spaces[2 * index + 1]}`).join(',');
  const spaces = fc.array(ows, { minLength: 20, maxLength: 20 });

  it('matches exactly when its list has the ETag, weak or strong, with or without the suffix of an encoding', () => {
    const own = fc.tuple(fc.constantFrom('', 'W/'), text, fc.constantFrom('', '-gzip', '-br'));
    fc.assert(
      fc.property(
        fc.array(fc.oneof(tag, fc.constant('')), { maxLength: 8 }),
        own,
        fc.option(fc.nat(8)),
        spaces,
        (elements, [weak, opaque, suffix], position, between) => {
          const forms = ['', '-gzip', '-br'].flatMap((each) => [`"${opaque}${each}"`, `W/"${opaque}${each}"`]);
          const list = position === null ? elements : elements.toSpliced(position, 0, `${weak}"${opaque}${suffix}"`);
          const header = listOf(list, between);
          const expected = list.some((element) => forms.includes(element));
          expect(matchesEntityTag(header, `"${opaque}"`)).toBe(expected);
        },
      ),
    );
  });

  it('does not match when any element of its list is not an ETag', () => {
    const broken = fc.constantFrom('*', 'x', '"', '"a', 'a"', 'w/"a"', 'W/', 'W/a', '"a"b', '"a" "b"', '"\u0100"');
    fc.assert(
      fc.property(
        fc.array(tag, { maxLength: 6 }),
        broken,
        fc.nat(7),
        spaces,
        (elements, element, position, between) => {
          const header = listOf([...elements, ETAG].toSpliced(position, 0, element), between);
          expect(outcome(header)).toBe(false);
        },
      ),
    );
  });

  it('does not match with text of any length that ends in garbage', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (header) => !matchesEntityTag(`${header}x`, ETAG)));
    const long = 16_384;
    for (const header of [' ', ',', ' ,', '"a",', '"', 'W/', '*'].map((part) => part.repeat(long))) {
      expect(outcome(`${header}x`)).toBe(false);
      expect(outcome(`${header},`)).toBe(false);
    }
  });
});
