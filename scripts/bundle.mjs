// Bundles dist/main.js and each of the operator's commands into one file.
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { bundle } from './bundling.mjs';

const compiled = resolve('dist');
const commands = readdirSync(join(compiled, 'commands')).filter((name) => /^(?:fields|users)-.*\.js$/.test(name));
const entries = ['main.js', ...commands.map((name) => join('commands', name))].map((name) => join(compiled, name));
await Promise.all(entries.map((file) => bundle({ entry: file, outfile: file, compiled })));
