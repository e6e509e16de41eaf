import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's root, so that the commands work from any folder. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/** The compiler, by path: `typescript` 6 is installed as well, under the same name. */
export const TSC = join(root, 'node_modules/typescript7/bin/tsc');

/** Runs a program in the root and ends this process if it fails. Its output goes to stderr: stdout is for results. */
export const run = (command, args) => {
  const { status } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) {
    console.error(`${command} ${args.join(' ')} failed.`);
    process.exit(1);
  }
};

/** Whether node_modules matches package-lock.json, according to the copy of it that npm keeps there. */
const isInstalled = () => {
  const copy = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(copy)) return false;
  const packagesOf = (file) => Object.entries(JSON.parse(readFileSync(file, 'utf8')).packages);
  const installed = new Map(packagesOf(copy));
  return packagesOf(join(root, 'package-lock.json')).every(
    // The copy does not list the root, and an optional package may be for another platform.
    ([path, { version, optional }]) => path === '' || optional || installed.get(path)?.version === version,
  );
};

/** Installs the packages of package-lock.json, unless they are installed. */
export const ensureInstalled = () => {
  if (isInstalled()) return;
  console.error('Installing packages (npm ci) …');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
};

/** The modification time of a file, or of the newest file in a folder, in ms; 0 if it is missing. */
export const newest = (path) => {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return readdirSync(path)
    .filter((name) => name !== 'node_modules' && name !== 'dist')
    .reduce((latest, name) => Math.max(latest, newest(join(path, name))), stat.mtimeMs);
};

/** Of each part that `scripts/build.mjs` builds: the file that it writes last, and the sources. */
const PARTS = {
  service: {
    output: 'dist/main.js',
    sources: ['src', 'tsconfig.json', 'scripts/build.mjs', 'scripts/bundling.mjs', 'package-lock.json'],
  },
  'dev-logto': {
    output: 'dev-logto/dist/main.js',
    sources: ['dev-logto/src', 'dev-logto/tsconfig.json'],
  },
  page: {
    output: 'examples/profile-page/dist/index.html',
    sources: ['examples/profile-page', 'client/src', 'client/package.json'],
  },
};

/** Builds the parts whose sources are newer than their output. */
export const ensureBuilt = (...parts) => {
  const outdated = parts.filter((part) => {
    const { output, sources } = PARTS[part];
    return newest(join(root, output)) <= Math.max(...sources.map((source) => newest(join(root, source))));
  });
  if (outdated.length === 0) return;
  console.error(`Building ${outdated.join(', ')} …`);
  run(process.execPath, [join(root, 'scripts/build.mjs'), ...outdated]);
};
