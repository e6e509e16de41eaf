import { createRequire } from 'node:module';
import { RegExpParser, type AST } from '@eslint-community/regexpp';
import type * as Recheck from 'recheck';

/** The most steps that matching a value may take: a few milliseconds. */
const MAX_STEPS = 1_000_000;
/**
 * The effort of a search for slow texts. Limited by counts, so that the result does not depend on the machine. The defaults take ten times
 * as long for the same results.
 */
const SEARCH = {
  ...{ maxIteration: 1, maxInitialGenerationSize: 100, maxGenerationSize: 30, attackLimit: 20_000_000 },
  ...{ incubationTimeout: null, attackTimeout: null, timeout: 60_000 },
};

/**
 * How long a backtracking engine takes to match a pattern with the worst text. `polynomial`: longer than allowed with a text of the
 * given length; with one of `safeLength`, not.
 */
export type PatternTime =
  { readonly type: 'short' | 'exponential' | 'unknown' } | { readonly type: 'polynomial'; readonly safeLength: number };

/**
 * @param pattern a valid regular expression with the flag `u`
 * @param maxLength the longest text, in UTF-16 code units
 * @param maxTotal the largest length of all texts together, if several are matched for one value
 */
export function patternTime(pattern: string, maxLength: number, maxTotal = maxLength): PatternTime {
  const tree = new RegExpParser().parsePattern(pattern, 0, pattern.length, { unicode: true });
  if ((maxTotal / maxLength) * stepsAtMost(tree, maxLength) <= MAX_STEPS) return { type: 'short' };

  const growth = growthOf(pattern, tree);
  if (growth?.type === 'exponential') return { type: 'exponential' };
  if (growth?.type !== 'polynomial') return { type: growth ? 'short' : 'unknown' };
  const { degree } = growth;
  if (maxTotal * maxLength ** (degree - 1) <= MAX_STEPS) return { type: 'short' };
  const isOneText = maxTotal === maxLength;
  const safeLength = isOneText ? MAX_STEPS ** (1 / degree) : (MAX_STEPS / maxTotal) ** (1 / (degree - 1));
  return { type: 'polynomial', safeLength: Math.floor(safeLength) };
}

/** How the time grows with the length of the text; undefined if that could not be determined. */
function growthOf(pattern: string, tree: AST.Pattern) {
  // The pure JavaScript build, which starts no process and no worker. It takes 70 ms to load, so only if it is needed.
  const { checkSync } = createRequire(import.meta.url)('recheck/lib/browser.js') as typeof Recheck;
  const result = checkSync(pattern, 'u', SEARCH);
  if (result.status !== 'safe' || stepsAtMost(tree, 1) <= MAX_STEPS) return complexityOf(result);
  // Many optional parts: the time is large, but does not grow with the text. Only the search for a slow text notices it.
  return complexityOf(checkSync(pattern, 'u', { ...SEARCH, checker: 'fuzz' }));
}

const complexityOf = (result: Recheck.Diagnostics) => (result.status === 'unknown' ? undefined : result.complexity);

interface Cost {
  /** Steps to try every way of matching a part of the pattern. */
  readonly steps: number;
  /** The number of these ways, after each of which the engine tries the rest of the pattern. */
  readonly ways: number;
}

/** An upper bound of the steps to match a text of that length: exact enough to accept most patterns without a closer look. */
function stepsAtMost({ alternatives }: AST.Pattern, length: number): number {
  const isAnchored = alternatives.every(
    ({ elements: [first] }) => first?.type === 'Assertion' && first.kind === 'start',
  );
  return costOfAlternatives(alternatives, length).steps * (isAnchored ? 1 : length + 1);
}

function costOfAlternatives(alternatives: readonly AST.Alternative[], length: number): Cost {
  return alternatives
    .map(({ elements }) => inSequence(elements.map((element) => costOf(element, length))))
    .reduce((sum, each) => ({ steps: sum.steps + each.steps, ways: sum.ways + each.ways }));
}

const inSequence = (parts: readonly Cost[]): Cost =>
  parts.reduce((sum, part) => ({ steps: sum.steps + sum.ways * part.steps, ways: sum.ways * part.ways }), {
    steps: 1,
    ways: 1,
  });

function costOf(element: AST.Element, length: number): Cost {
  switch (element.type) {
    case 'Group':
    case 'CapturingGroup':
      return costOfAlternatives(element.alternatives, length);
    case 'Quantifier':
      return costOfRepetition(element, length);
    case 'Assertion': {
      // The engine does not return to a lookaround that has matched.
      if (!('alternatives' in element)) return { steps: 1, ways: 1 };
      return { steps: costOfAlternatives(element.alternatives, length).steps, ways: 1 };
    }
    case 'Backreference':
      return { steps: length, ways: 1 };
    default:
      return { steps: 1, ways: 1 };
  }
}

function costOfRepetition({ element, min, max }: AST.Quantifier, length: number): Cost {
  const each = costOf(element, length);
  const most = Math.max(min, Math.min(max, length));
  // One way of each repetition, as of a character: only their number varies.
  if (each.ways === 1) return { steps: most * each.steps, ways: most - min + 1 };
  const ways = each.ways ** most;
  return { steps: ways * each.steps * 2, ways: ways * 2 };
}
