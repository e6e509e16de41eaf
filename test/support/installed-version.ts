import { readFileSync } from 'node:fs';

/** The version of a package as it is installed, which may be any that its range in package.json allows. */
export function installedVersion(name: string): string {
  // By path: not every package exports its package.json.
  const manifest = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}
