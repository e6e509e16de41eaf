// Checks the English of documentation, comments, test titles, messages and openapi.yaml against the words of docs/glossary.md.
// Prints `file:line: word → suggestion` for each finding; exits 1 if there is one. Paths as arguments restrict it:
//   npm run prose -- docs src/features
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import ts from 'typescript';
import { root } from './prepare.mjs';

/** Words to avoid, and what to write instead. A space matches any white space, including a line break. */
const RULES = [
  // Not idiomatic.
  ['whoever', 'anyone who, the user, any replica'],
  ['anew', 'again'],
  ['meanwhile', 'in the meantime, concurrently'],
  ['(?:does|do|did) not do', 'say what is wrong: is not valid, is not enough'],
  ['would else', 'would otherwise'],
  ['where there (?:is|are|was|were) no(?:ne|thing)?', 'if it is missing, without'],
  ['where there is one', 'if there is one'],
  ['of whom', 'whose, of users'],
  ['(?:a|the) Logto of (?:your|our|one.s|its) own', 'a self-hosted Logto'],
  ['of one.s own|one.s own', 'own, self-hosted'],
  ['(?:is|are|was|were|be|been|being) told', 'is informed, receives'],
  ['tells? \\w+ apart|told apart', 'distinguish'],
  ['tells?|told|telling', 'say, report, return'],
  ['hears? (?:from|of)', 'receive'],
  ['for good', 'permanently'],
  ['nobody comes? back', 'abandoned'],
  ['nothing shows|what does not show', 'invisible characters'],
  ['nothing would be left', 'you need at least one'],
  ['there is nothing here', 'not found'],
  ['(?:is|was) not right', 'is incorrect'],
  ['too much is waiting', 'overloaded'],
  ['(?:Logto|Redis|PostgreSQL|nginx|[Dd]atabase) (?:is|was|are|being|that is) away', 'is unavailable'],
  ['was at hand|where (?:this|the) (?:project|service) is tested', 'leave out where something was tested'],

  // One word for one thing (docs/glossary.md).
  ['(?:make|makes|made|making) (?:\\w+ ){0,4}?good(?! (?:sense|use))', 'recover, resume, fix'],
  ['left behind', 'abandoned, pending'],
  ['in doubt', 'unknown outcome'],
  ['whole,? or not at all', 'atomic'],
  ['sweep(?:er|ers|s|ing)?', 'recovery (background job)'],
  ['(?:un)?seal(?:ed|s|ing)?', 'encrypt'],
  ['changes? in flight|what is in flight', 'pending change'],
  ['mend(?:s|ed|ing)?', 'fix'],
  ['us(?:e|es|ed|ing) up', 'consume'],
  ['(?<!connection )refus(?:e|es|ed|ing|als?)', 'reject, does not'],
  ['rehears(?:e|es|ed|ing|als?)', 'dry run'],
  ['answer(?:s|ed|ing)?', 'respond, response'],
  ['ask(?:s|ed|ing)? Logto|Logto (?:is|was|be|cannot be) asked', 'call Logto'],
  ['rais(?:e|es|ed|ing) (?:the |a |its |by )?versions?|versions? (?:is|are|was|were) raised', 'bump the version'],
  ['(?:gives?|given|giving|gave) (?:\\w+ )?back', 'release, return'],
  ['leases? (?:\\w+ )?(?:runs?|ran) out', 'expire'],
  ['(?:take|takes|took|taken|taking) (?:a |the |its )?leases?|leases? (?:is|are|was) (?:being )?taken', 'acquire'],
  ['forgets? (?:a|the) user', 'erase'],
  ["(?:user|person)'s turn", 'user lease'],
  ['cop(?:y|ies) of Logto', 'user cache'],
  ['lets? (?:\\w+ ){1,3}(?:pass|through)', 'accept'],
  ['the people(?! page)|people who|other people', 'users'],
].map(([words, suggestion]) => ({
  pattern: new RegExp(`(?<![\\w-])(?:${words.replaceAll(' ', '\\s+')})(?![\\w-])`, 'gi'),
  suggestion,
}));
// At the start of a clause only: `else` is also a keyword, and "anything else" is good English.
RULES.push({ pattern: /(?<![\w-])Else(?![\w-])|(?<=[,;]\s)else(?= \w)/g, suggestion: 'otherwise' });

/** Files that may use these words, each with the reason. */
const ALLOWED = [
  { file: /^dev-logto\/src\/management-api\/messages\.ts$/, reason: "Logto's own texts" },
  { file: /^dev-logto\/test\/(recordings|fixtures)\//, reason: "Logto's own responses" },
  { file: /^client\/src\/generated\//, reason: 'generated from openapi.yaml' },
  { file: /\/registered-names\.ts$/, reason: 'generated from the registries of IANA' },
  { file: /^examples\/profile-page\/src\/i18n\/de\.ts$/, reason: 'German' },
  { file: /^scripts\/prose-lint\.mjs$/, reason: 'lists the words' },
];

const SCOPES = ['src', 'client', 'dev-logto', 'examples', 'test', 'scripts', 'bench', 'docs', '.ci'];
const SINGLE_FILES = /^[^/]+\.(?:md|mjs|cjs|ts|ya?ml)$|^\.env\.example$|^Dockerfile$/;
const SKIPPED = new Set(['node_modules', 'dist', 'coverage', '.git', '.data', 'meta', 'recordings', 'pictures']);

/** Replaces everything that is not prose, so that no pattern matches across it. */
const CODE = '\0';

/** Blanks everything outside the ranges. White space stays, and with it the line numbers. */
const keepOnly = (text, ranges) => {
  const masked = text.replace(/\S/g, CODE).split('');
  for (const [from, to] of ranges) for (let i = from; i < to; i++) masked[i] = text[i];
  return masked.join('');
};

const blank = (text, pattern, by = CODE) => text.replace(pattern, (match) => match.replace(/\S/g, by));

/** Blanks quoted code, paths and URLs. */
const withoutCode = (text) =>
  blank(blank(text, /`[^`\n]*`/g), /(?:https?:\/\/|[\w.*-]*\/)[\w.*{}<>:?=&#@-]+(?:\/[\w.*{}<>:?=&#@-]*)*/g);

const markdownProse = (text) => withoutCode(blank(text, /^ *```[\s\S]*?^ *```/gm));

/** Keeps comments that start with #: YAML, shell, .env. */
const hashComments = (text) =>
  withoutCode(
    keepOnly(
      text,
      [...text.matchAll(/(?:^|\s)#(?!!)(.*)$/gm)].map(({ 0: all, index }) => [
        index + all.indexOf('#') + 1,
        index + all.length,
      ]),
    ),
  );

const TEST_FUNCTIONS = new Set(['it', 'test', 'describe']);

/** `it` of `it('…')`, `it.each(…)('…')` and `it.skip('…')`. */
const calledName = (node) => {
  let at = node;
  while (ts.isCallExpression(at) || ts.isPropertyAccessExpression(at)) at = at.expression;
  return ts.isIdentifier(at) ? at.text : undefined;
};

const isTitle = (node) =>
  ts.isCallExpression(node.parent) &&
  node.parent.arguments[0] === node &&
  TEST_FUNCTIONS.has(calledName(node.parent.expression));

/** Three words in a row, and neither SQL nor the script of a page. */
const isSentence = (text) => /[a-z]+ [a-z]+ [a-z]+/i.test(text) && !/=>|[;{]\s*\n|\bselect\b.*\bfrom\b/is.test(text);

/** Keeps comments and test titles, and outside of tests also messages: strings of three words or more. */
const sourceProse = (file, text) => {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const inTest = /(?:^|\/)test\/|\.(?:e2e-)?spec\.tsx?$/.test(file);
  const ranges = new Map();
  const addComments = (found) => {
    for (const { pos, end } of found ?? []) if (!/^\/\/ eslint-|^#!/.test(text.slice(pos, end))) ranges.set(pos, end);
  };
  const visit = (node) => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) {
      const prose = isTitle(node) || (!inTest && isSentence(node.getText(source)));
      if (prose) ranges.set(node.getStart(source) + 1, node.end - 1);
    }
    const children = node.getChildren(source);
    if (children.length === 0 && !ts.isJsxText(node)) {
      addComments(ts.getLeadingCommentRanges(text, node.pos));
      addComments(ts.getTrailingCommentRanges(text, node.end));
    }
    children.forEach(visit);
  };
  visit(source);
  const masked = blank(keepOnly(text, ranges), /\$\{[^}]*\}/g);
  // A sentence may continue on the next line of a comment.
  return withoutCode(blank(masked, /\/\*\*?|\*\/|^\s*\*(?= |$)|\/\/(?= )/gm, ' '));
};

const proseOf = (file, text) => {
  if (/\.md$/.test(file)) return markdownProse(text);
  if (/\.(?:[cm]?[jt]sx?)$/.test(file)) return sourceProse(file, text);
  if (file === 'openapi.yaml') return withoutCode(text);
  if (/\.(?:ya?ml|sh)$|^\.env\.example$|^Dockerfile$|^\.ci\/run$/.test(file)) return hashComments(text);
  return undefined;
};

/** The findings of a file, as `{ line, words, suggestion }`. */
const findings = (file, text) => {
  const prose = proseOf(file, text);
  if (prose === undefined) return [];
  const found = RULES.flatMap(({ pattern, suggestion }) =>
    [...prose.matchAll(pattern)].map(({ 0: words, index }) => ({
      index,
      end: index + words.length,
      words: words.replace(/\s+/g, ' '),
      suggestion,
    })),
  );
  return (
    found
      .sort((a, b) => a.index - b.index || b.end - a.end)
      // If several rules match the same words, the longest match counts.
      .filter(({ index }, i, all) => i === 0 || index >= all[i - 1].end)
      .map(({ index, words, suggestion }) => ({ line: text.slice(0, index).split('\n').length, words, suggestion }))
  );
};

function* filesOf(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!SKIPPED.has(entry.name)) yield* filesOf(path);
    } else yield relative(root, path).split(sep).join('/');
  }
}

const inScope = (file) =>
  file.includes('/') ? SCOPES.includes(file.slice(0, file.indexOf('/'))) : SINGLE_FILES.test(file);

const main = (paths) => {
  const chosen = (file) => paths.length === 0 || paths.some((path) => file === path || file.startsWith(`${path}/`));
  const perFolder = new Map();
  for (const file of [...filesOf(root)].sort()) {
    if (!inScope(file) || !chosen(file) || ALLOWED.some((allowed) => allowed.file.test(file))) continue;
    for (const { line, words, suggestion } of findings(file, readFileSync(join(root, file), 'utf8'))) {
      console.log(`${file}:${line}: ${words} → ${suggestion}`);
      const folder = file.includes('/') ? file.slice(0, file.indexOf('/')) : file;
      perFolder.set(folder, (perFolder.get(folder) ?? 0) + 1);
    }
  }
  if (perFolder.size === 0) return;
  console.error([...perFolder].map(([folder, count]) => `${folder}: ${count}`).join(', '));
  process.exitCode = 1;
};

main(process.argv.slice(2).map((path) => path.replace(/\/+$/, '')));
