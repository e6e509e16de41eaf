import TestSequencer from '@jest/test-sequencer';

/**
 * The browser tests first, beside each other, since a page beside crashing services takes five times as long. Then by the duration of
 * a project's longest file, descending, so that no long file runs alone at the end.
 */
const ORDER = ['browser', 'medium', 'dev-logto', 'e2e'];

/** Without recorded durations, jest sorts by file size, but the longest tests are in short files. */
export default class LongFirst extends TestSequencer {
  sort(tests) {
    const rank = ({ context }) => (ORDER.indexOf(context.config.displayName.name) + 1 || ORDER.length + 1) - 1;
    return [...super.sort(tests)].sort((one, other) => rank(one) - rank(other));
  }
}
