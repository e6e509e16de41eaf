// `npm run build [-- <part> …]` builds parts of the repository from scratch; without arguments, the service and dev-logto.
import { cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bundleEntry } from './bundling.mjs';
import { root, run, TSC } from './prepare.mjs';

/** Compiles a folder. Its old output is removed, so that no output of a deleted source remains. */
const compile = (folder, output = 'dist') => {
  rmSync(join(folder, output), { recursive: true, force: true });
  run(process.execPath, [TSC, '-p', folder]);
};

const parts = {
  /** `build/` holds the compiled modules, for scripts; `dist/` what runs: a bundle of each entry, and the migrations. */
  async service() {
    compile('.', 'build');
    rmSync('dist', { recursive: true, force: true });
    for (const output of ['build', 'dist']) {
      const migrations = 'platform/database/migrations';
      cpSync(join('src', migrations), join(output, migrations), { recursive: true });
    }
    // An empty database to copy, so that a first start is fast.
    const { preparedCluster } = await import('../build/platform/database/prepared-cluster.js');
    await preparedCluster();
    const commands = readdirSync('build/commands').filter((name) => /^(?:fields|users)-.*\.js$/.test(name));
    await Promise.all(commands.map((name) => bundleEntry(join('commands', name))));
    await bundleEntry('main.js'); // last: ensureBuilt() takes it for the end of a build
  },
  'dev-logto': () => compile('dev-logto'),
  client: () => compile('client'),
  page() {
    parts.client();
    run('npm', ['run', '--silent', 'build', '-w', 'profile-page']);
  },
  bench: () => compile('bench/baseline'),
};

const named = process.argv.slice(2);
const unknown = named.find((part) => !Object.hasOwn(parts, part));
if (unknown !== undefined) {
  console.error(`Unknown part: ${unknown}. Parts: ${Object.keys(parts).join(', ')}.`);
  process.exit(1);
}
process.chdir(root);
for (const part of named.length > 0 ? named : ['service', 'dev-logto']) await parts[part]();
