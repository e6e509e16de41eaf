// Puts what is started into one file each: dist/main.js and the operator's commands.
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { bundle } from './bundling.mjs';

const compiled = resolve('dist');
const commands = readdirSync(join(compiled, 'commands')).filter((name) => /^fields-.*\.js$/.test(name));
const started = ['main.js', ...commands.map((name) => join('commands', name))].map((name) => join(compiled, name));
await Promise.all(started.map((file) => bundle({ entry: file, outfile: file, compiled })));
