import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ERROR_CATALOGUE } from './error-catalogue.js';
import { translateDetail } from './translations.js';

const source = new URL('../..', import.meta.url).pathname;
const files = (readdirSync(source, { recursive: true }) as string[]).filter(
  (file) => file.endsWith('.ts') && !file.endsWith('.spec.ts') && !file.startsWith('platform/docs/'),
);

/** Lines whose sentences are not part of a response: logs, errors for the operator, the API document and schemas. */
const elsewhere = /logger|new Error\(|ConfigurationError|console\.|description|summary|params\.comparison|TYPES\[/;
const others =
  /^(main|commands|platform\/database|platform\/errors\/(error-catalogue|translations))|\.controller\.ts$|\.openapi\.ts$|\.dto\.ts$/;
const sentences = files
  .filter((file) => !others.test(file))
  .flatMap((file) => readFileSync(join(source, file), 'utf8').split('\n'))
  .filter((line) => !elsewhere.test(line))
  .flatMap((line) => [...line.matchAll(/'([A-Z][^']+\.)'|`([A-Z][^`]+\.)`/g)])
  .map(([, plain, template]) => plain ?? template!.replace(/\$\{[^}]+\}/g, '7'));

describe('translations', () => {
  it('exist for every sentence of a response', () => {
    expect(sentences.length).toBeGreaterThan(80);
    const missing = sentences.filter((sentence) => translateDetail(sentence, 'de') === sentence);
    expect([...new Set(missing)]).toEqual([]);
  });

  it.each([
    ['This value must be text.', 'Dieser Wert muss Text sein.'],
    ['This value must be true or false or null.', 'Dieser Wert muss true oder false oder null sein.'],
    ['This value must be a whole number or a list.', 'Dieser Wert muss eine ganze Zahl oder eine Liste sein.'],
    ['This value must be one of "m", "f".', 'Dieser Wert muss eines von "m", "f" sein.'],
    ['This value must be >= 18.', 'Dieser Wert muss >= 18 sein.'],
    ['This value must be a valid uuid.', 'Dieser Wert muss ein gültiges „uuid“ sein.'],
    ['This value must match ^[A-Z]{2}\\d+$.', 'Dieser Wert muss zu ^[A-Z]{2}\\d+$ passen.'],
  ])('describe the requirement of a schema: %s', (english, german) => {
    expect(translateDetail(english, 'de')).toBe(german);
  });

  it('keep numbers', () => {
    expect(translateDetail('This value must have at most 128 characters.', 'de')).toBe(
      'Dieser Wert darf höchstens 128 Zeichen haben.',
    );
    expect(translateDetail('A body may be 16 levels deep.', 'de')).toBe('Der Inhalt darf 16 Ebenen tief sein.');
  });

  it('return English and unknown sentences unchanged', () => {
    expect(translateDetail('The body is missing.', 'en')).toBe('The body is missing.');
    expect(translateDetail('Something else.', 'de')).toBe('Something else.');
  });
});

describe('docs/errors.md', () => {
  it('lists every code with its status and no other code', () => {
    const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
    const rows = [...page.matchAll(/^\| <a id="(\w+)"><\/a>`(\w+)` *\| (\d{3}) /gm)];
    const listed = Object.fromEntries(
      rows.map(([, id, code, status]) => [code === id ? code : `${id}?`, Number(status)]),
    );
    expect(listed).toEqual(
      Object.fromEntries(Object.entries(ERROR_CATALOGUE).map(([code, { status }]) => [code, status])),
    );
  });
});
