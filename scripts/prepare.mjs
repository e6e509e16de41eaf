import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's root: the commands work from any folder. */
export const root = fileURLToPath(new URL('..', import.meta.url));

const run = (command, args) => {
  const { status } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) {
    console.error(`${command} ${args.join(' ')} failed.`);
    process.exit(1);
  }
};

const sha256 = (data) => createHash('sha256').update(data).digest('hex');
const recorded = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : '');
const record = (file, text) => {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
};

/** Installs what package-lock.json says, unless that very lock file is installed already. */
export const ensureInstalled = () => {
  const stamp = join(root, 'node_modules', '.installed-lock');
  const lock = sha256(readFileSync(join(root, 'package-lock.json')));
  if (recorded(stamp) === lock) return;
  console.error('Installing packages (npm ci) …');
  run('npm', ['ci', '--no-audit', '--no-fund']);
  record(stamp, lock);
};

const newest = (path) => {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return readdirSync(path)
    .filter((name) => name !== 'node_modules' && name !== 'dist')
    .reduce((latest, name) => Math.max(latest, newest(join(path, name))), stat.mtimeMs);
};

/** Runs the npm script unless `output`, which it writes, is newer than all of `sources`. */
export const ensureBuilt = (script, output, sources) => {
  const stamp = join(root, output, '.built');
  const built = existsSync(stamp) ? statSync(stamp).mtimeMs : 0;
  if (built > Math.max(...sources.map((source) => newest(join(root, source))))) return;
  console.error(`Building (npm run ${script}) …`);
  run('npm', ['run', '--silent', script]);
  record(stamp, '');
};
