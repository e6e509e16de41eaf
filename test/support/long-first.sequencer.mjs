import TestSequencer from '@jest/test-sequencer';

/** Projects by the duration of their longest file, descending, so that no long file runs alone at the end. */
const ORDER = ['medium', 'browser', 'dev-logto', 'e2e'];

/** Without recorded durations, jest sorts by file size, but the longest tests are in short files. */
export default class LongFirst extends TestSequencer {
  sort(tests) {
    const rank = ({ context }) => (ORDER.indexOf(context.config.displayName.name) + 1 || ORDER.length + 1) - 1;
    return [...super.sort(tests)].sort((one, other) => rank(one) - rank(other));
  }
}
