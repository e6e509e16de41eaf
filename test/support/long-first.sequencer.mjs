import TestSequencer from '@jest/test-sequencer';

/** Kinds of tests, those with the longest files first: one that begins last would be waited for by itself. */
const ORDER = ['medium', 'browser', 'dev-logto', 'e2e'];

/** Jest goes by size while it knows no durations, and the longest tests are in short files. */
export default class LongFirst extends TestSequencer {
  sort(tests) {
    const rank = ({ context }) => (ORDER.indexOf(context.config.displayName.name) + 1 || ORDER.length + 1) - 1;
    return [...super.sort(tests)].sort((one, other) => rank(one) - rank(other));
  }
}
