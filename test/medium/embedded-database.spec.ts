import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EmbeddedDatabase, TEMPORARY } from '../../src/platform/database/embedded.js';
import { profileUser } from '../../src/platform/database/schema.js';

const LOCK_HOLDER = fileURLToPath(new URL('./support/hold-folder-lock.mjs', import.meta.url));

describe('the embedded database', () => {
  let folder: string;

  beforeEach(() => {
    folder = join(mkdtempSync(join(tmpdir(), 'embedded-')), 'deep', 'database');
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('keeps its rows after a restart', async () => {
    const first = await EmbeddedDatabase.open(folder);
    await first.db.insert(profileUser).values({ userId: 'u1' });
    await first.close();
    const second = await EmbeddedDatabase.open(folder);
    expect(await second.db.$count(profileUser)).toBe(1);
    await second.close();
  });

  it('rejects a second open of its folder with a one-line error until the first is closed', async () => {
    const first = await EmbeddedDatabase.open(folder);
    const message = await EmbeddedDatabase.open(folder).catch((error: Error) => error.message);
    expect(message).toBe(`Another process uses the database in ${folder}: stop it, or set DATABASE_URL.`);
    await first.close();
    await (await EmbeddedDatabase.open(folder)).close();
  });

  it('cannot be opened while another process uses its folder, but can be once that process is killed', async () => {
    mkdirSync(folder, { recursive: true });
    const holder = spawn(process.execPath, [LOCK_HOLDER, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(holder.stdout, 'data');
    await expect(EmbeddedDatabase.open(folder)).rejects.toThrow('Another process uses the database');
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    await (await EmbeddedDatabase.open(folder)).close();
  });

  it('is created again if its first start was killed', async () => {
    mkdirSync(join(folder, 'postgres.new', 'base'), { recursive: true });
    const database = await EmbeddedDatabase.open(folder);
    expect(await database.db.$count(profileUser)).toBe(0);
    expect(readdirSync(folder).sort()).toEqual(['lock', 'postgres']);
    await database.close();
  });

  it('is removed when it is closed if it is a throw-away database', async () => {
    const listFolders = () => readdirSync(tmpdir()).filter((name) => name.startsWith(`profile-db-${process.pid}-`));
    const before = listFolders();
    const database = await EmbeddedDatabase.open(TEMPORARY);
    expect(listFolders()).toHaveLength(before.length + 1);
    await database.close();
    expect(listFolders()).toEqual(before);
  });

  it('can be closed twice', async () => {
    const database = await EmbeddedDatabase.open(folder);
    await database.close();
    await expect(database.close()).resolves.toBeUndefined();
  });
});
