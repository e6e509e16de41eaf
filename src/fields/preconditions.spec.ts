import { describe, expect, it } from '@jest/globals';
import { ifMatch, ifNoneMatch } from './preconditions.js';

const ETAG = '"3-abc"';

describe('preconditions', () => {
  it.each([
    // header, If-Match (strong), If-None-Match (weak)
    ['"3-abc"', true, true],
    ['W/"3-abc"', false, true],
    ['*', true, true],
    [' * ', true, true],
    ['"other", "3-abc"', true, true],
    ['"other",W/"3-abc" ,"more"', false, true],
    ['"other"', false, false],
    ['"3-abcd"', false, false],
    ['3-abc', false, false],
    ['"a,"3-abc"', false, false],
    ['', false, false],
  ])('compare %s as RFC 9110 says', (header, match, noneMatch) => {
    expect([ifMatch(header, ETAG), ifNoneMatch(header, ETAG)]).toEqual([match, noneMatch]);
  });
});
