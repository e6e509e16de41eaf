import { readFileSync } from 'node:fs';

/** Returns the installed version of a package. package.json contains only a range. */
export function installedVersion(name: string): string {
  // Read by path, because not every package exports its package.json.
  const manifest = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}
