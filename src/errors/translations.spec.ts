import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ERROR_CATALOGUE } from './error-catalogue.js';
import { translateDetail } from './translations.js';

const source = new URL('../', import.meta.url).pathname;
const files = (readdirSync(source, { recursive: true }) as string[]).filter(
  (file) => file.endsWith('.ts') && !file.endsWith('.spec.ts') && !file.startsWith('openapi'),
);

/** Sentences that are answered as they stand: `detail: '…'`, `refuse(…, '…')`, `tokenRefused('…')`. */
const sentences = files.flatMap((file) => {
  const text = readFileSync(join(source, file), 'utf8');
  const said = [...text.matchAll(/(?:detail:|refuse\([^'()]*|tokenRefused\(|const detail =)\s*'([A-Z][^']+\.)'/g)];
  return said.map(([, sentence]) => sentence as string);
});

describe('translations', () => {
  it('exist for every sentence of an answer', () => {
    expect(sentences.length).toBeGreaterThan(40);
    const missing = sentences.filter((sentence) => translateDetail(sentence, 'de') === sentence);
    expect([...new Set(missing)]).toEqual([]);
  });

  it('carry numbers over', () => {
    expect(translateDetail('This value must have at most 128 characters.', 'de')).toBe(
      'Dieser Wert darf höchstens 128 Zeichen haben.',
    );
    expect(translateDetail('A body may be 16 levels deep.', 'de')).toBe('Der Inhalt darf 16 Ebenen tief sein.');
  });

  it('leave English alone, and what is not known', () => {
    expect(translateDetail('The body is missing.', 'en')).toBe('The body is missing.');
    expect(translateDetail('Something else.', 'de')).toBe('Something else.');
  });
});

describe('docs/errors.md', () => {
  it('lists every code with its status, and no other', () => {
    const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
    const rows = [...page.matchAll(/^\| <a id="(\w+)"><\/a>`(\w+)` *\| (\d{3}) /gm)];
    const listed = Object.fromEntries(
      rows.map(([, id, code, status]) => [code === id ? code : `${id}?`, Number(status)]),
    );
    expect(listed).toEqual(
      Object.fromEntries(Object.entries(ERROR_CATALOGUE).map(([code, { status }]) => [code, status])),
    );
  });
});
