// Makes node_modules/.cache/service-child.mjs: service-child.mjs, the service and their packages in one file, which starts
// several times as fast. What `npm run build` makes is bundled too, and shows none of its classes.
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

/** What service-child.mjs imports of the sources is taken from what they were compiled to. */
const compiledSources = (compiled) => ({
  name: 'compiled-sources',
  setup: ({ onResolve }) =>
    onResolve({ filter: /\/src\// }, ({ path, importer }) =>
      importer === entry ? { path: resolve(compiled, path.split('/src/')[1]) } : undefined,
    ),
});

if (!existsSync(outfile) || statSync(outfile).mtimeMs < Math.max(...sources.map(newest))) {
  const begun = new Date();
  mkdirSync(cache, { recursive: true });
  const compiled = mkdtempSync(join(cache, 'compiled-service-'));
  try {
    const tsc = join(root, 'node_modules', 'typescript7', 'bin', 'tsc');
    execFileSync(process.execPath, [tsc, '-p', root, '--outDir', compiled], { stdio: 'inherit' });
    writeFileSync(join(compiled, 'package.json'), '{"type":"module"}');
    // Renamed when it is whole: another test file may be making it too, or be starting the one that was.
    const half = join(compiled, 'service-child.mjs');
    await bundle({ entry, outfile: half, compiled, places: src, home: cache, plugins: [compiledSources(compiled)] });
    utimesSync(half, begun, begun); // What was changed meanwhile is newer.
    renameSync(half, outfile);
  } finally {
    rmSync(compiled, { recursive: true, force: true });
  }
}
