import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { pastedPhone } from '../../../../test/support/addresses.js';
import { TEXT_FORMATS } from './formats.js';
import { SUBTAGS, TIME_ZONES } from './registered-names.js';

const require = createRequire(import.meta.url);
const format = (name: string, now = Date.now()) => ({
  accepts: (text: string) => TEXT_FORMATS[name]!.accepts(text, now),
});
const [line, lines] = [format('line'), format('lines')];
const codePoints = Array.from({ length: 0x11_0000 }, (_, codePoint) => codePoint);
const invisible = /[\p{White_Space}\p{Cc}\p{Cf}\p{M}\p{Default_Ignorable_Code_Point}]/u;
const listCharacters = (wanted: (character: string) => boolean) =>
  codePoints
    .filter((codePoint) => codePoint < 0xd800 || codePoint > 0xdfff)
    .map((each) => String.fromCodePoint(each))
    .filter(wanted);

describe('text with no visible character', () => {
  it('is rejected for every invisible character of Unicode, alone and repeated', () => {
    const accepted = listCharacters((character) => invisible.test(character)).filter((character) =>
      [character, character.repeat(3), ` ${character}\u200d`].some((text) => line.accepts(text) || lines.accepts(text)),
    );
    expect(accepted).toEqual([]);
  });

  it.each([
    ['a Braille pattern without dots', '\u2800'],
    ['a Hangul filler', '\u3164'],
    ['tag characters', '\u{E0067}\u{E007F}'],
    ['an object replacement character', '\uFFFC'],
    ['a note without a head', '\u{1D159}'],
    ['noncharacters', '\uFDD0\uFFFF\u{1FFFE}'],
    ['combining marks without a letter', '\u0301\u0308'],
  ])('is rejected: %s', (_what, text) => {
    expect([line, lines].map(({ accepts }) => accepts(text))).toEqual([false, false]);
  });

  it('is accepted around and between visible characters, if it is no control character', () => {
    for (const text of [
      'علی\u200Cرضا',
      'ක්\u200Dරි',
      '👩\u200D👩\u200D👧',
      '葛\u{E0100}城',
      'e\u0301',
      ' Al\u00ADice\u00A0',
      '\u200FA',
      '🏴\u{E0067}\u{E0062}\u{E007F}',
    ]) {
      expect([text, line.accepts(text), lines.accepts(text)]).toEqual([text, true, true]);
    }
  });

  it.each([...'aÅж中😀', '٣', '_', '-', '©', '\uE000'])('is not confused with the visible character %s', (text) => {
    expect([line, lines].map(({ accepts }) => accepts(text))).toEqual([true, true]);
  });

  it('is rejected between line breaks, but lines may be empty', () => {
    expect(lines.accepts('\r\n \t\n')).toBe(false);
    expect(lines.accepts('\n a\n')).toBe(true);
    expect([line, lines].map(({ accepts }) => accepts(''))).toEqual([false, true]);
  });

  it('is rejected in linear time', () => {
    for (const text of ['\u200D', 'a\u200D', ' \u2800', '\u0301'].map((part) => part.repeat(200_000))) {
      expect(line.accepts(`${text}\u0000`)).toBe(false);
      expect(lines.accepts(`${text}\u0000`)).toBe(false);
    }
  });
});

describe('a time zone', () => {
  const { accepts } = format('time-zone');

  it('is any zone or link of the IANA database', () => {
    const { zones, version } = require('tzdata') as { zones: Record<string, unknown>; version: string };
    expect([...TIME_ZONES]).toEqual(Object.keys(zones).sort());
    expect(readFileSync(require.resolve('./registered-names.ts'), 'utf8')).toContain(`version ${version}.`);
    expect(Object.keys(zones).filter((name) => !accepts(name))).toEqual([]);
    expect(
      ['Europe/Kyiv', 'Europe/Kiev', 'US/Pacific', 'Etc/GMT+5', 'UTC', 'GB-Eire'].filter((name) => !accepts(name)),
    ).toEqual([]);
  });

  it('is rejected in any other letter case', () => {
    const cases = [...TIME_ZONES].flatMap((name) => [name.toLowerCase(), name.toUpperCase(), `${name} `]);
    expect(cases.filter((name) => accepts(name) && !TIME_ZONES.has(name))).toEqual([]);
    expect(['EUROPE/KYIV', 'europe/berlin', 'Utc', 'Us/Pacific'].filter(accepts)).toEqual([]);
  });

  it.each(['SystemV/EST5', 'ACT', 'JST', 'PST', 'Etc/Unknown', '+01:00', 'Europe/Atlantis', 'constructor', ''])(
    'is not %j, whatever the engine knows',
    (name) => expect(accepts(name)).toBe(false),
  );
});

describe('a locale', () => {
  const { accepts } = format('language-tag');

  it('may have every registered subtag', () => {
    interface Entry {
      Type: string;
      Subtag?: string;
      Prefix?: string[];
    }
    const registry = require('language-subtag-registry/data/json/registry.json') as Entry[];
    const date = (require('language-subtag-registry/data/json/meta.json') as Record<string, string>)['File-Date'];
    expect(readFileSync(require.resolve('./registered-names.ts'), 'utf8')).toContain(`of ${date},`);
    for (const [type, subtags] of Object.entries(SUBTAGS)) {
      const registered = registry.filter((entry) => entry.Type === type).map(({ Subtag }) => Subtag!.toLowerCase());
      expect([...subtags]).toEqual(registered.sort());
    }
    const tags = registry.flatMap(({ Type, Subtag = '', Prefix = [] }) => {
      if (Subtag.includes('..')) return [];
      if (Type === 'language') return [Subtag];
      return Type === 'extlang' ? [`${Prefix[0]}-${Subtag}`] : Type in SUBTAGS ? [`en-${Subtag}`] : [];
    });
    expect(tags.length).toBeGreaterThan(9_000);
    expect(tags.filter((tag) => !accepts(tag))).toEqual([]);
  });

  it.each([
    'de',
    'zh-Hant-TW',
    'zh-yue-HK',
    'es-419',
    'sl-rozaj-biske',
    'de-DE-u-co-phonebk',
    'en-t-jp',
    'DE-at',
    'qaa',
    'qtz-Qabx-XK',
    'en-x-custom',
  ])('is %s', (tag) => expect(accepts(tag)).toBe(true));

  it.each([
    'klingon',
    'english',
    'deutsch',
    'xx',
    'quz-',
    'qua-XQ1',
    'en-Abcd',
    'en-UK',
    'en-ABCDE',
    'en-DE-DE',
    'en-a-bcd',
    'en_US',
    'x-custom',
    'i-klingon',
    'de-de-de',
    'en-rozaj-ROZAJ',
    'en-u-ca-gregory-U-nu-latn',
    'qaaa',
    '',
    'de ',
  ])('is not %j', (tag) => expect(accepts(tag)).toBe(false));
});

describe('a birthdate', () => {
  // 2026-03-01 begins in Kiritimati (UTC+14).
  const midnight = Date.parse('2026-02-28T10:00:00Z');

  it('is not in the future in any time zone', () => {
    const before = format('birthdate', midnight - 1);
    const after = format('birthdate', midnight);
    expect(
      ['2026-02-28', '2026', '2026-03-01', '2026-03-02', '2027', '9999-12-31'].map((date) =>
        [before, after].map(({ accepts }) => accepts(date)),
      ),
    ).toEqual([
      [true, true],
      [true, true],
      [false, true],
      [false, false],
      [false, false],
      [false, false],
    ]);
  });

  it('without a year is never in the future', () => {
    expect(format('birthdate', midnight).accepts('0000-12-31')).toBe(true);
  });

  it('is of this year from the first moment of it', () => {
    expect(format('birthdate', Date.parse('2026-12-31T10:00:00Z')).accepts('2027')).toBe(true);
    expect(format('birthdate', Date.parse('2026-12-31T09:59:59Z')).accepts('2027')).toBe(false);
  });
});

describe('an http URL', () => {
  it('is still accepted after the engine has optimized the check', () => {
    const { accepts } = format('http-url');
    const results = Array.from({ length: 20_000 }, () => accepts('https://bücher.example/größe'));
    expect(results.filter((accepted) => !accepted)).toEqual([]);
  });
});

describe('a phone number', () => {
  const { accepts } = format('phone');

  it('is accepted with the digits and separators that people paste, with or without a country code', () => {
    fc.assert(fc.property(pastedPhone, ({ pasted }) => accepts(pasted)));
    const written = [
      '(555) 010-0001',
      '112',
      '+49 351 4960000',
      '0351/4960000',
      '\u202A+49\u00A0351\u202C',
      '٠١٧١ ١٢٣٤٥٦٧\n',
    ];
    expect(written.filter((text) => !accepts(text))).toEqual([]);
  });

  it.each(['', '12', '()', '1234567890123456', 'call 112', '555-HELP', '1+1', '+ +49351', '49351 ext. 2'])(
    'is not %j',
    (text) => {
      expect(accepts(text)).toBe(false);
    },
  );
});
