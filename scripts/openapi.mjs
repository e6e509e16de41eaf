// `npm run openapi` writes openapi.yaml from the code; with --check, it fails if the committed file differs.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilt, ensureInstalled, root } from './prepare.mjs';

ensureInstalled();
ensureBuilt('service');
process.chdir(root);
const { generateOpenApi } = await import('../build/commands/generate-openapi.js');
const file = join(root, 'openapi.yaml');
const document = await generateOpenApi();
if (process.argv.includes('--check')) {
  if (readFileSync(file, 'utf8') !== document) {
    console.error('openapi.yaml does not match the code: run `npm run openapi` and commit it.');
    process.exit(1);
  }
} else {
  writeFileSync(file, document);
}
process.exit(0);
