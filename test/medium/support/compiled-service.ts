import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const cache = join(root, 'node_modules', '.cache');

/**
 * The service compiled file by file, for a process in which a test replaces providers: what `npm run build` makes is
 * bundled, and shows none of its classes. `remove` it in the end.
 */
export function compileService(): { folder: string; remove: () => void } {
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'compiled-service-'));
  const tsc = join(root, 'node_modules', 'typescript7', 'bin', 'tsc');
  execFileSync(process.execPath, [tsc, '-p', root, '--outDir', folder], { stdio: 'inherit' });
  cpSync(join(root, 'src', 'database', 'migrations'), join(folder, 'database', 'migrations'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
