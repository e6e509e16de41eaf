import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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

/** Whether node_modules holds what package-lock.json says, by the copy of it that npm keeps there. */
const isInstalled = () => {
  const copy = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(copy)) return false;
  const packagesOf = (file) => Object.entries(JSON.parse(readFileSync(file, 'utf8')).packages);
  const installed = new Map(packagesOf(copy));
  return packagesOf(join(root, 'package-lock.json')).every(
    // The root is not listed there; an optional package may be one for another platform.
    ([path, { version, optional }]) => path === '' || optional || installed.get(path)?.version === version,
  );
};

/** Installs what package-lock.json says, unless that is installed already. */
export const ensureInstalled = () => {
  if (isInstalled()) return;
  console.error('Installing packages (npm ci) …');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
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
  writeFileSync(stamp, '');
};
