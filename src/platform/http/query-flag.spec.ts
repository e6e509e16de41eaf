import { parse } from 'node:querystring';
import { describe, expect, it } from '@jest/globals';
import { readQueryFlag } from './query-flag.js';

const read = (query: string) => readQueryFlag(parse(query), 'dryRun');

describe('readQueryFlag', () => {
  it.each([
    ['dryRun=true', true],
    ['dryRun=false', false],
    ['', false],
    ['other=true&dryRunning=1', false],
  ])('reads ?%s as %s', (query, expected) => {
    expect(read(query)).toBe(expected);
  });

  it.each([
    'dryRun',
    'dryRun=',
    'dryRun=TRUE',
    'dryRun=1',
    'dryRun=null',
    'dryRun=true&dryRun=true',
    'dryRun=false&dryRun=false',
    'dryRun[]=true',
    'dryRun%5B0%5D=true',
    'dryRun[a]=true',
    'dryRun.a=true',
    'dryRun=true&dryRun[]=false',
  ])('rejects ?%s', (query) => {
    expect(() => read(query)).toThrow(
      expect.objectContaining({
        code: 'validation_failed',
        options: { errors: [expect.objectContaining({ pointer: 'query:dryRun', code: 'not_allowed' })] },
      }),
    );
  });
});
