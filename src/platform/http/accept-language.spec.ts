import { describe, expect, it } from '@jest/globals';
import { negotiateLanguage } from './accept-language.js';

describe('negotiateLanguage', () => {
  it.each([
    [undefined, 'en'],
    ['', 'en'],
    ['de', 'de'],
    ['DE-at', 'de'],
    ['fr, de;q=0.5', 'de'],
    ['de;q=0.4, en;q=0.8', 'en'],
    ['en-GB,en;q=0.9,de;q=0.8', 'en'],
    ['de-AT, en;q=0.9, de;q=0.8', 'de'],
    ['en; q=0.4, de ; q=0.8', 'de'],
    ['de;q=0', 'en'],
    ['*', 'en'],
    ['*;q=0.1, de', 'de'],
    ['den', 'en'],
    ['de;q=junk', 'en'],
    [';;;,,,=', 'en'],
    [`${'x,'.repeat(10_000)}de`, 'en'],
  ])('turns %j into %s', (header, language) => {
    expect(negotiateLanguage(header, ['en', 'de'])).toBe(language);
  });
});
