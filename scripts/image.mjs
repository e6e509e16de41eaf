// `node scripts/image.mjs <folder>` writes what runs in production into a folder: the bundles, the packages that are not in
// them, and the field catalogue. The Dockerfile copies that folder; scripts/smoke.sh starts it.
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { UNBUNDLED } from './bundling.mjs';
import { ensureBuilt, root } from './prepare.mjs';

const [target, ...rest] = process.argv.slice(2);
if (target === undefined || rest.length > 0 || existsSync(target)) {
  console.error('usage: node scripts/image.mjs <new folder>');
  process.exit(1);
}
const folder = resolve(target);
const readManifest = (of) => JSON.parse(readFileSync(join(of, 'package.json'), 'utf8'));

/** Telemetry that swagger-ui-dist runs when it is installed; no code imports it. */
const SKIPPED = '@scarf/scarf';

/** Finds a package as Node does: in the nearest node_modules that has it. */
const locate = (name, from) => {
  const path = join(from, 'node_modules', name);
  if (existsSync(path)) return path;
  if (from === dirname(from)) throw new Error(`${name} is not installed`);
  return locate(name, dirname(from));
};

/** Copies a package and its dependencies, each to the same place in the folder. */
const copyPackage = (name, dependent) => {
  const source = locate(name, dependent);
  const place = join(folder, relative(root, source));
  if (existsSync(place)) return;
  const isNeeded = (path) => !/\/node_modules(\/|$)|\.map$/.test(path.slice(source.length));
  cpSync(source, place, { recursive: true, filter: isNeeded });
  for (const each of Object.keys(readManifest(source).dependencies ?? {}))
    if (each !== SKIPPED) copyPackage(each, source);
};

ensureBuilt('service');
for (const each of UNBUNDLED) copyPackage(each, root);
for (const name of ['dist', 'profile-fields.yaml', 'LICENSE']) {
  cpSync(join(root, name), join(folder, name), { recursive: true });
}
const { name, version, license, type, engines, dependencies } = readManifest(root);
const kept = Object.fromEntries(UNBUNDLED.map((each) => [each, dependencies[each]]));
const manifest = { name, version, private: true, license, type, engines, dependencies: kept };
writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
