import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import { migrate } from 'drizzle-orm/pglite/migrator';
import { ConfigurationError } from '../config/environment-reader.js';
import { Database, type Statement } from './database.js';
import { MIGRATIONS } from './migrations.js';
import { keepValuesOutOfErrors, QueryError } from './query-error.js';
import * as schema from './schema.js';
import { makeCluster } from './prepared-cluster.js';

/** As a folder: one of its own that is gone when the database is closed or the process ends by itself. */
export const THROW_AWAY = 'memory://';

/** The app's database inside this process: PGlite, on a folder that no other process may use at the same time. */
export class EmbeddedDatabase extends Database {
  readonly db;

  private constructor(
    private readonly pglite: PGlite,
    private readonly release: () => void,
  ) {
    super();
    this.db = drizzle(pglite, { schema });
  }

  /**
   * @param folder made when it is not there; the data goes into `postgres` below it. `memory://`: see THROW_AWAY
   * @throws ConfigurationError when another process uses the folder
   */
  static async open(folder: string): Promise<EmbeddedDatabase> {
    keepValuesOutOfErrors();
    const throwAway = folder === THROW_AWAY;
    const root = throwAway ? mkdtempSync(join(tmpdir(), `profile-db-${process.pid}-`)) : resolve(folder);
    const remove = () => rmSync(root, { recursive: true, force: true });
    if (throwAway) process.once('exit', remove);

    const unlock = await lockFolder(root);
    const release = () => {
      unlock();
      if (!throwAway) return;
      process.removeListener('exit', remove);
      remove();
    };
    try {
      const data = join(root, 'postgres');
      if (!existsSync(data)) {
        // Copied beside and renamed, so that a start that is killed half way leaves no half a database.
        const half = `${data}.new`;
        rmSync(half, { recursive: true, force: true });
        await makeCluster(half);
        renameSync(half, data);
      }
      const pglite = await PGlite.create(data);
      await migrate(drizzle(pglite), MIGRATIONS);
      return new EmbeddedDatabase(pglite, release);
    } catch (error) {
      release();
      throw error;
    }
  }

  async query({ text, values }: Statement) {
    try {
      const { rows, affectedRows } = await this.pglite.query<Record<string, unknown>>(text, values);
      return { rows, rowCount: affectedRows ?? rows.length };
    } catch (error) {
      throw new QueryError(error);
    }
  }

  async close(): Promise<void> {
    if (this.pglite.closed) return;
    await this.pglite.close();
    this.release();
  }
}

/**
 * PGlite itself locks nothing: a second process on the folder loses rows in silence. A lock of the kernel, unlike a
 * file with a process id, is gone with its holder, however that died.
 */
async function lockFolder(folder: string): Promise<() => void> {
  // Loaded on demand: it is native, and not needed with a PostgreSQL server.
  const { tryLock } = await import('fs-native-extensions');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const fd = openSync(join(folder, 'lock'), 'a+', 0o600);
  if (!tryLock(fd)) {
    closeSync(fd);
    throw new ConfigurationError([`Another process uses the database in ${folder}: stop it, or set DATABASE_URL.`]);
  }
  return () => closeSync(fd);
}
