import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import { migrate } from 'drizzle-orm/pglite/migrator';
import { MIGRATIONS } from './migrations.js';

const CACHE = fileURLToPath(new URL('../../../node_modules/.cache/logto-profile-service', import.meta.url));

/**
 * Creates an empty database with all tables, as a folder to copy: copying takes 0.2 s, creating a database takes seconds. There is
 * one for each PGlite version and set of migrations. The build creates it.
 * @returns the path of the folder
 * @public for the build
 */
export async function preparedCluster(): Promise<string> {
  const cluster = join(CACHE, `pglite-${fingerprint()}`);
  if (existsSync(cluster)) return cluster;
  const incomplete = `${cluster}.${process.pid}`;
  mkdirSync(CACHE, { recursive: true });
  await initialize(incomplete);
  try {
    renameSync(incomplete, cluster);
  } catch (error) {
    if (!existsSync(cluster)) throw error;
    rmSync(incomplete, { recursive: true, force: true }); // Another process was faster.
  }
  return cluster;
}

/** Creates an empty database in a new folder: copies the prepared one, or starts from scratch if the cache is not writable. */
export async function createCluster(folder: string): Promise<void> {
  let prepared: string;
  try {
    prepared = await preparedCluster();
  } catch (error) {
    if (!['EACCES', 'EPERM', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    return initialize(folder);
  }
  cpSync(prepared, folder, { recursive: true });
}

async function initialize(folder: string): Promise<void> {
  const pglite = await PGlite.create(folder);
  await migrate(drizzle(pglite), MIGRATIONS);
  await pglite.close();
}

function fingerprint(): string {
  const hash = createHash('sha256');
  const pglite = createRequire(import.meta.url).resolve('@electric-sql/pglite');
  hash.update(readFileSync(join(dirname(pglite), '..', 'package.json')));
  const folder = MIGRATIONS.migrationsFolder;
  for (const file of readdirSync(folder).sort())
    if (file.endsWith('.sql')) hash.update(readFileSync(join(folder, file)));
  return hash.digest('hex').slice(0, 16);
}
