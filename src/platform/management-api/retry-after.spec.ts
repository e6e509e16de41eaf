import { describe, expect, it } from '@jest/globals';
import { readRetryAfter, toRetryAfter } from './retry-after.js';

const NOW = Date.UTC(2026, 10, 29, 12, 0, 0);
const read = (value: unknown, date?: string) => readRetryAfter({ 'retry-after': value, date }, NOW);

describe('Retry-After', () => {
  it.each([
    ['0', 0],
    ['7', 7_000],
    [' 120 ', 120_000],
    ['99999', 3_600_000],
  ])('is read as seconds, up to an hour: %j', (value, ms) => expect(read(value)).toBe(ms));

  it.each(['Sun, 29 Nov 2026 12:00:30 GMT', 'Sunday, 29-Nov-26 12:00:30 GMT', 'Sun Nov 29 12:00:30 2026'])(
    'is read as a date in each form: %s',
    (value) => expect(read(value)).toBe(30_000),
  );

  it('is compared with the Date of the response, because clocks differ', () => {
    expect(read('Sun, 29 Nov 2026 12:00:30 GMT', 'Sun, 29 Nov 2026 12:00:20 GMT')).toBe(10_000);
    expect(read('Sun, 29 Nov 2026 12:00:30 GMT', 'yesterday')).toBe(30_000);
    expect(read('Sun, 29 Nov 2026 11:00:00 GMT')).toBe(0);
    expect(read('Tue, 29 Nov 2067 12:00:30 GMT')).toBe(3_600_000);
  });

  it.each([undefined, '', 'soon', '1.5', '-1', '2026-11-29T12:00:30Z', 'Sun, 99 Nov 2026 12:00:30 GMT'])(
    'is not read from %j',
    (value) => expect(read(value)).toBeUndefined(),
  );

  it.each([
    [0, '1'],
    [1, '1'],
    [1_001, '2'],
  ])('is sent in whole seconds, at least one: %d ms', (ms, value) => expect(toRetryAfter(ms)).toBe(value));
});
