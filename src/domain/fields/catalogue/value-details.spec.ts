import { describe, expect, it } from '@jest/globals';
import { translateDetail } from '../../../platform/errors/translations.js';
import { TEXT_FORMATS } from './formats.js';

describe('the detail of a validation error', () => {
  it.each([
    ...Object.values(TEXT_FORMATS).map(({ detail }) => detail),
    'This value must be a whole number.',
    'This value may take 65536 bytes.',
    'This value must not be empty; null clears it.',
  ])('has a German translation: %s', (detail) => {
    const german = translateDetail(detail, 'de');
    expect(german).toMatch(/^Dieser Wert /);
    expect(german.match(/\d+/g)).toEqual(detail.match(/\d+/g));
  });
});
