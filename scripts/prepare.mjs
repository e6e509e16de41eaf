import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
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

/** When the latest of all files in a folder was changed, or a file was: ms; 0 when there is none. */
export const newest = (path) => {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return readdirSync(path)
    .filter((name) => name !== 'node_modules' && name !== 'dist')
    .reduce((latest, name) => Math.max(latest, newest(join(path, name))), stat.mtimeMs);
};

/** What is built: by which npm script, the file that it writes last, and of which sources. */
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

/** Builds the parts of which a source is newer than what was built of it. */
export const ensureBuilt = (...parts) => {
  for (const part of parts) {
    const { script, output, sources } = BUILDS[part];
    if (newest(join(root, output)) > Math.max(...sources.map((source) => newest(join(root, source))))) continue;
    console.error(`Building (npm run ${script}) …`);
    run('npm', ['run', '--silent', script]);
  }
};
