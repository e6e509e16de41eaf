import TestSequencer from '@jest/test-sequencer';

/**
 * Jest projects in the order in which they start. The browser tests come first: beside the tests that crash services, a page takes five
 * times as long. The others follow by the duration of their longest file, so that no long file runs alone at the end.
 */
const PROJECT_ORDER = ['browser', 'medium', 'dev-logto', 'e2e'];

/** Sorts test files by project. Without recorded durations, jest sorts by file size, but the longest tests are in short files. */
export default class LongFirst extends TestSequencer {
  sort(tests) {
    const rank = ({ context }) =>
      (PROJECT_ORDER.indexOf(context.config.displayName.name) + 1 || PROJECT_ORDER.length + 1) - 1;
    return [...super.sort(tests)].sort((one, other) => rank(one) - rank(other));
  }
}
