import { describe, expect, it } from '@jest/globals';
import { TEXT_FORMATS } from './formats.js';

const { line, lines } = TEXT_FORMATS as Record<'line' | 'lines', (typeof TEXT_FORMATS)[string]>;
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
