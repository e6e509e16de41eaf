import { describe, expect, it } from '@jest/globals';
import { LOGTO_FIELDS } from '../stores/logto-fields.js';
import { TEXT_FORMATS } from './formats.js';
import { patternTime } from './pattern-time.js';

const LONG = 65_536;

describe('patternTime', () => {
  it.each([
    ['a repetition in a repetition', '^(a+)+$'],
    ['alternatives that overlap', '^(a|a)*$'],
    ['two repetitions in one', '^(x+x+)+y$'],
    ['an optional separator', String.raw`^(\d+-?)+$`],
    ['overlapping classes', String.raw`^(\w|\d)+$`],
    ['Unicode classes', String.raw`^(\p{L}+\s?)+$`],
    ['a lookahead', '^(?=(a+)+$)'],
    ['a lookbehind', '^(?<!b)(a+)+$'],
    ['a named group', '^(?<word>a+)+$'],
    ['limited repetitions', '^(.{1,100}){1,100}$'],
    ['a limited repetition of an optional character', '^(a?){30}a{30}$'],
    ['many optional characters', `^${'a?'.repeat(33)}${'a'.repeat(33)}$`],
    ['a published email pattern', String.raw`^\w+([.-]?\w+)*@\w+([.-]?\w+)*(\.\w{2,3})+$`],
    ['a published pattern for names', String.raw`^([a-zA-Z0-9]+[._-]?)*[a-zA-Z0-9]+$`],
  ])('finds exponential time: %s', (_what, pattern) => {
    expect(patternTime(pattern, 128)).toEqual({ type: 'exponential' });
  });

  it.each([
    ['two adjacent repetitions', String.raw`^\d+\d+$`],
    ['no anchor', String.raw`\s+$`],
    ['an anchored search', String.raw`^\s*\S+@\S+\s*$`],
    ['letters with marks', String.raw`^\p{L}+(\p{L}|\p{M})*$`],
  ])('finds time that grows with the square of the length: %s', (_what, pattern) => {
    expect(patternTime(pattern, LONG)).toEqual({ type: 'polynomial', safeLength: 1_000 });
    expect(patternTime(pattern, 1_000)).toEqual({ type: 'short' });
    expect(patternTime(pattern, 1_001)).toEqual({ type: 'polynomial', safeLength: 1_000 });
  });

  it('allows shorter texts if the time grows faster', () => {
    expect(patternTime(String.raw`^\d+\d+\d+\d+$`, 1_000)).toEqual({ type: 'polynomial', safeLength: 31 });
  });

  it('counts all texts of a value', () => {
    expect(patternTime(String.raw`\s+$`, 15, LONG)).toEqual({ type: 'short' });
    expect(patternTime(String.raw`\s+$`, 16, LONG)).toEqual({ type: 'polynomial', safeLength: 15 });
  });

  it.each([
    '^[A-Z]{2}$',
    '[a-z]',
    '^[a-z]+$',
    String.raw`^\+?[0-9 ]{5,20}$`,
    String.raw`^\d{4}-(0[1-9]|1[0-2])-([0-2]\d|3[01])$`,
    String.raw`^(25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}$`,
    String.raw`^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}$`,
    String.raw`^[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\.[a-zA-Z]{2,}$`,
    '^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$',
    String.raw`^(?=.*\d)(?=.*[a-z])(?=.*[A-Z]).{8,64}$`,
  ])('accepts %s', (pattern) => {
    expect(patternTime(pattern, LONG)).toEqual({ type: 'short' });
  });

  it('accepts the patterns of the formats and of the fields of Logto', () => {
    const formats = Object.values(TEXT_FORMATS).map(({ standard }) => standard.pattern);
    const fields = [...LOGTO_FIELDS.values()].map(({ schema }) => schema.pattern);
    const patterns = [...formats, ...fields].filter((pattern) => typeof pattern === 'string');
    expect(patterns.length).toBeGreaterThan(8);
    for (const pattern of patterns) expect([pattern, patternTime(pattern, 256)]).toEqual([pattern, { type: 'short' }]);
  });
});
