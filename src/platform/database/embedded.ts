import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import { migrate } from 'drizzle-orm/pglite/migrator';
import { ConfigurationError } from '../config/environment-reader.js';
import { Database, MIN_WORK_MEM, type Db, type Statement } from './database.js';
import { MIGRATIONS } from './migrations.js';
import { keepValuesOutOfErrors, toDatabaseError } from './query-error.js';
import * as schema from './schema.js';
import { transact } from './transact.js';
import { createCluster } from './prepared-cluster.js';

/** As the folder's name: a temporary folder, removed when the database is closed or the process exits. */
export const TEMPORARY = 'memory://';

/** The app's database inside this process: PGlite, in a folder that no other process can use at the same time. */
export class EmbeddedDatabase extends Database {
  readonly db;

  private constructor(
    private readonly pglite: PGlite,
    private readonly release: () => void,
  ) {
    super();
    const drizzled = drizzle(pglite, { schema });
    const begin: Db['transaction'] = drizzled.transaction.bind(drizzled);
    const transaction: Db['transaction'] = (work) => transact(begin, work);
    this.db = Object.assign(drizzled, { transaction });
  }

  /**
   * @param folder created if it is missing; the data is in its subfolder `postgres`. `memory://`: see TEMPORARY
   * @throws ConfigurationError if another process uses the folder
   */
  static async open(folder: string): Promise<EmbeddedDatabase> {
    keepValuesOutOfErrors();
    const temporary = folder === TEMPORARY;
    const root = temporary ? mkdtempSync(join(tmpdir(), `profile-db-${process.pid}-`)) : resolve(folder);
    const remove = () => rmSync(root, { recursive: true, force: true });
    if (temporary) process.once('exit', remove);

    const unlock = await lockFolder(root);
    const release = () => {
      unlock();
      if (!temporary) return;
      process.removeListener('exit', remove);
      remove();
    };
    try {
      const data = join(root, 'postgres');
      if (!existsSync(data)) {
        // Created under another name first: a start that is killed leaves no incomplete database.
        const incomplete = `${data}.new`;
        rmSync(incomplete, { recursive: true, force: true });
        await createCluster(incomplete);
        renameSync(incomplete, data);
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
      throw toDatabaseError(error);
    }
  }

  /** Waits for the statements of requests: this database has only one connection. */
  async checkHealth({ text }: Statement) {
    try {
      return await this.pglite.transaction(async (tx) => {
        await tx.exec(`set local work_mem = '${MIN_WORK_MEM}'`);
        return tx.query<Record<string, unknown>>(text);
      });
    } catch (error) {
      throw toDatabaseError(error);
    }
  }

  async close(): Promise<void> {
    if (this.pglite.closed) return;
    await this.pglite.close();
    this.release();
  }
}

/**
 * Locks the folder, because PGlite does not: with a second process, rows are lost silently. The kernel releases its lock when the
 * holder dies, which a file with a process ID would survive.
 */
async function lockFolder(folder: string): Promise<() => void> {
  // Loaded on demand: a native module, not needed with a PostgreSQL server.
  const { tryLock } = await import('fs-native-extensions');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const fd = openSync(join(folder, 'lock'), 'a+', 0o600);
  if (!tryLock(fd)) {
    closeSync(fd);
    throw new ConfigurationError([`Another process uses the database in ${folder}: stop it, or set DATABASE_URL.`]);
  }
  return () => closeSync(fd);
}
