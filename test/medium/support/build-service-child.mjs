// Bundles service-child.mjs, the service and their packages into node_modules/.cache/service-child.mjs, which starts several
// times faster. Tests cannot use the bundle of `npm run build`, because it does not export its classes.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from '../../../scripts/bundling.mjs';
import { newest, root, TSC } from '../../../scripts/prepare.mjs';

const sourceFolder = join(root, 'src');
const cache = join(root, 'node_modules', '.cache');
const entry = fileURLToPath(new URL('./service-child.mjs', import.meta.url));
const outfile = join(cache, 'service-child.mjs');
const sources = [
  sourceFolder,
  join(root, 'scripts'),
  join(root, 'tsconfig.json'),
  join(root, 'package-lock.json'),
  entry,
];

/** An esbuild plugin that resolves the sources that service-child.mjs imports to their compiled output. */
const useCompiledSources = (compiled) => ({
  name: 'compiled-sources',
  setup: ({ onResolve }) =>
    onResolve({ filter: /\/src\// }, ({ path, importer }) =>
      importer === entry ? { path: resolve(compiled, path.split('/src/')[1]) } : undefined,
    ),
});

if (!existsSync(outfile) || statSync(outfile).mtimeMs < Math.max(...sources.map(newest))) {
  const startedAt = new Date();
  mkdirSync(cache, { recursive: true });
  const compiled = mkdtempSync(join(cache, 'compiled-service-'));
  try {
    execFileSync(process.execPath, [TSC, '-p', root, '--outDir', compiled], { stdio: 'inherit' });
    writeFileSync(join(compiled, 'package.json'), '{"type":"module"}');
    // The bundle is renamed once it is complete, because another test file may build or start it concurrently.
    const partial = join(compiled, 'service-child.mjs');
    await bundle({
      entry,
      outfile: partial,
      compiled,
      places: sourceFolder,
      home: cache,
      plugins: [useCompiledSources(compiled)],
    });
    utimesSync(partial, startedAt, startedAt); // A source that changes during the build is then newer than the bundle.
    renameSync(partial, outfile);
  } finally {
    rmSync(compiled, { recursive: true, force: true });
  }
}
