import { fileURLToPath } from 'node:url';
import type { MigrationConfig } from 'drizzle-orm/migrator';

/** Where the SQL lies that drizzle-kit wrote: beside this file, in the sources as in the built output. */
export const MIGRATIONS: MigrationConfig = {
  migrationsFolder: fileURLToPath(new URL('./migrations', import.meta.url)),
};

/** Key of the advisory lock that replicas starting together take in turn. Any constant will do; this one says "LOGTOPRF". */
export const MIGRATION_LOCK = 0x4c4f47544f505246n;
