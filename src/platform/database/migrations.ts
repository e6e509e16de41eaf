import { fileURLToPath } from 'node:url';
import type { MigrationConfig } from 'drizzle-orm/migrator';

/** The SQL that drizzle-kit wrote is beside this file, in the sources as in the built output. */
export const MIGRATIONS: MigrationConfig = {
  migrationsSchema: 'logto_profile',
  migrationsTable: 'migration',
  migrationsFolder: fileURLToPath(new URL('./migrations', import.meta.url)),
};

/** Key of the advisory lock that replicas which start together acquire in turn: any constant, here the letters "LOGTOPRF". */
export const MIGRATION_LOCK = 0x4c4f47544f505246n;
