import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's root, so that the commands work from any folder. */
export const root = fileURLToPath(new URL('..', import.meta.url));

const run = (command, args) => {
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

/** The npm script of each build, the file that it writes last, and its sources. */
const BUILDS = {
  service: {
    script: 'build:service',
    output: 'dist/platform/database/migrations/meta/_journal.json',
    sources: ['src', 'tsconfig.json'],
  },
  'dev-logto': {
    script: 'build:dev-logto',
    output: 'dev-logto/dist/main.js',
    sources: ['dev-logto/src', 'dev-logto/tsconfig.json'],
  },
  page: {
    script: 'build:page',
    output: 'examples/profile-page/dist/index.html',
    sources: ['examples/profile-page', 'client/src', 'client/package.json'],
  },
};

/** Builds the parts whose sources are newer than their output. */
export const ensureBuilt = (...parts) => {
  for (const part of parts) {
    const { script, output, sources } = BUILDS[part];
    if (newest(join(root, output)) > Math.max(...sources.map((source) => newest(join(root, source))))) continue;
    console.error(`Building (npm run ${script}) …`);
    run('npm', ['run', '--silent', script]);
  }
};
