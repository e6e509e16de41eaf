// Generates src/generated/openapi.ts from openapi.yaml or the given path or URL. `--check` compares without writing.
import { readFileSync, writeFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';
import ts from 'typescript';

const [source] = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const document = source
  ? new URL(source, pathToFileURL(`${process.cwd()}/`))
  : new URL('../../openapi.yaml', import.meta.url);
const target = fileURLToPath(new URL('../src/generated/openapi.ts', import.meta.url));

const BLOB = ts.factory.createTypeReferenceNode('Blob');
const nodes = await openapiTS(document, {
  // A member with a default is optional in a request.
  defaultNonNullable: false,
  // Browsers send a file in a form as a Blob, not as a string.
  transform: (schema) => (schema.format === 'binary' ? BLOB : undefined),
});
const text = `// Generated from openapi.yaml by \`npm run client:generate\`; do not edit.\n\n${astToString(nodes)}`;

if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== text) {
    console.error('client/src/generated/openapi.ts does not match openapi.yaml: run `npm run client:generate`.');
    process.exit(1);
  }
} else {
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, text);
}
