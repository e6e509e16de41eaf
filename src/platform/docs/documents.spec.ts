import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const readDocument = (name: string): string => readFileSync(`${ROOT}docs/${name}`, 'utf8');

/** Paths in backticks: of a test, with or without its suffix, or of a folder. */
const pathsIn = (text: string): string[] => [
  ...new Set([...text.matchAll(/`((?:test|src|client|dev-logto)\/[\w*/.-]+)`/g)].map(([, path]) => path!)),
];

/** Whether a file or folder exists; `*` stands for any part of its name. */
function exists(path: string): boolean {
  const folder = `${ROOT}${dirname(path)}`;
  if (!existsSync(folder)) return false;
  const name = new RegExp(`^${basename(path).replaceAll('.', '\\.').replaceAll('*', '.*')}$`);
  return readdirSync(folder).some((entry) => name.test(entry));
}

describe.each(['security.md', 'reliability.md'])('docs/%s', (name) => {
  it.each(pathsIn(readDocument(name)))('names a test that exists: %s', (path) => {
    expect([path, `${path}.e2e-spec.ts`, `${path}.spec.ts`].some(exists)).toBe(true);
  });
});

describe('docs/security.md', () => {
  it('names a test in every row that says yes', () => {
    const rows = readDocument('security.md')
      .split('\n')
      .filter((line) => /^\|.*\|\s*yes\s*\|/.test(line));
    expect(rows.length).toBeGreaterThan(10);
    for (const row of rows) expect([row, /`(?:test|src)\/|above|see/.test(row)]).toEqual([row, true]);
  });
});

describe('docs/reliability.md', () => {
  it('names a test in every row about a fault', () => {
    const rows = readDocument('reliability.md')
      .split('\n')
      .filter((line) => /^\|.*\b[45]0[0-9] `/.test(line));
    expect(rows.length).toBeGreaterThan(3);
    for (const row of rows) expect([row, /`(?:test|src)\//.test(row)]).toEqual([row, true]);
  });
});
