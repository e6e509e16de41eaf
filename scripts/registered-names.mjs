// `npm run names` writes the names of time zones and the subtags of languages from the packages of their registries.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root } from './prepare.mjs';

const require = createRequire(import.meta.url);
const tzdata = require('tzdata');
const subtags = (type) => Object.keys(require(`language-subtag-registry/data/json/${type}.json`));
const { 'File-Date': date } = require('language-subtag-registry/data/json/meta.json');

const words = (names) => {
  const lines = [''];
  for (const name of names.sort()) {
    if (lines.at(-1).length + name.length >= 120) lines.push('');
    lines[lines.length - 1] += `${lines.at(-1) === '' ? '' : ' '}${name}`;
  }
  return `\`\n${lines.join('\n')}\n\``;
};

const text = `// Written by \`npm run names\` from the packages tzdata and language-subtag-registry.

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\\s/));

/** The zones and links of the IANA time zone database, version ${tzdata.version}. */
export const TIME_ZONES = words(${words(Object.keys(tzdata.zones))});

/** The IANA language subtag registry (RFC 5646 section 3.1) of ${date}, by type and in lower case; \`..\` are ranges. */
export const SUBTAGS = {
${['language', 'extlang', 'script', 'region', 'variant'].map((type) => `  ${type}: words(${words(subtags(type))}),\n`).join('')}};
`;

writeFileSync(join(root, 'src/domain/fields/catalogue/registered-names.ts'), text);
