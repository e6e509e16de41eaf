// Bundles service-child.mjs, the service and their packages into node_modules/.cache/service-child.mjs, which starts several
// times as fast. The bundle of `npm run build` cannot be used, because it exports none of its classes.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from '../../../scripts/bundling.mjs';
import { newest, root } from '../../../scripts/prepare.mjs';

const src = join(root, 'src');
const cache = join(root, 'node_modules', '.cache');
const entry = fileURLToPath(new URL('./service-child.mjs', import.meta.url));
const outfile = join(cache, 'service-child.mjs');
const sources = [src, join(root, 'scripts'), join(root, 'tsconfig.json'), join(root, 'package-lock.json'), entry];

/** Resolves the sources that service-child.mjs imports to their compiled output. */
const compiledSources = (compiled) => ({
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
    const tsc = join(root, 'node_modules', 'typescript7', 'bin', 'tsc');
    execFileSync(process.execPath, [tsc, '-p', root, '--outDir', compiled], { stdio: 'inherit' });
    writeFileSync(join(compiled, 'package.json'), '{"type":"module"}');
    // Renamed once it is complete, because another test file may be building or starting it concurrently.
    const partial = join(compiled, 'service-child.mjs');
    await bundle({ entry, outfile: partial, compiled, places: src, home: cache, plugins: [compiledSources(compiled)] });
    utimesSync(partial, startedAt, startedAt); // So that a source changed during the build is newer.
    renameSync(partial, outfile);
  } finally {
    rmSync(compiled, { recursive: true, force: true });
  }
}
