import { beforeAll, describe, expect, it } from '@jest/globals';
import { eq, sql } from 'drizzle-orm';
import { drizzle as onPostgres } from 'drizzle-orm/node-postgres';
import { pgTable, text } from 'drizzle-orm/pg-core';
import { drizzle as onPglite } from 'drizzle-orm/pglite';
import { installedVersion } from '../../../test/support/installed-version.js';
import { convertQueryErrors } from './drizzle-query-errors.js';

const FAULT = new Error('duplicate key');
class ConvertedError extends Error {}

const table = pgTable('user', { id: text().primaryKey(), name: text() });
const client = { query: () => Promise.reject(FAULT) };

beforeAll(() => convertQueryErrors((cause) => new ConvertedError('converted', { cause })));

describe('the errors of Drizzle', () => {
  it('are checked with 0.45', () => {
    expect(installedVersion('drizzle-orm')).toMatch(/^0\.45\./);
  });

  describe.each([
    ['PostgreSQL', onPostgres(client as never)],
    ['PGlite', onPglite(client as never)],
  ])('are converted on %s', (_name, db) => {
    it.each<[string, () => PromiseLike<unknown>]>([
      ['execute', () => db.execute(sql`select ${'a secret'}`)],
      ['select', () => db.select().from(table).where(eq(table.name, 'a secret'))],
      ['insert', () => db.insert(table).values({ id: 'u1', name: 'a secret' })],
      ['insert … returning', () => db.insert(table).values({ id: 'u1', name: 'a secret' }).returning()],
      ['update', () => db.update(table).set({ name: 'a secret' })],
      ['delete', () => db.delete(table).where(eq(table.name, 'a secret'))],
      ['a prepared query', () => db.select().from(table).prepare('named').execute()],
    ])('when %s fails', async (_statement, run) => {
      const error = await Promise.resolve(run()).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(ConvertedError);
      expect(error).toMatchObject({ message: 'converted', cause: FAULT });
    });
  });
});
