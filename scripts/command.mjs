// Runs an operator's command from the built output, which is built first if it is missing.
import { existsSync } from 'node:fs';

const [name] = process.argv.splice(2, 1);
const command = new URL(`../dist/commands/${name}.js`, import.meta.url);
if (!existsSync(command)) {
  const { ensureBuilt, ensureInstalled } = await import('./prepare.mjs');
  ensureInstalled();
  ensureBuilt('service');
}
await import(command);
