import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { eq } from 'drizzle-orm';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { MIGRATIONS } from '../../src/database/migrations.js';
import { PostgresDatabase } from '../../src/database/postgres.js';
import { idempotencyKey, profileUser } from '../../src/database/schema.js';
import { onEachDatabase } from './support/each-database.js';
import { createPostgresDatabase } from './support/postgres.js';

onEachDatabase((database) => {
  it('gives back what was stored, JSON and instants alike', async () => {
    const row = {
      userId: 'u1',
      fields: { shippingAddress: { locality: 'Köln', lines: [1, null, 'ü'] } },
      leaseUntil: new Date(1_800_000_000_123),
    };
    await database.current.db.insert(profileUser).values(row);
    const [found] = await database.current.db.select().from(profileUser).where(eq(profileUser.userId, 'u1'));
    expect(found).toMatchObject({ ...row, fieldsVersion: 0, pending: null });
  });

  it('rolls a failed transaction back', async () => {
    const failing = database.current.db.transaction(async (tx) => {
      await tx.insert(profileUser).values({ userId: 'u2' });
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await database.current.db.select().from(profileUser).where(eq(profileUser.userId, 'u2'))).toEqual([]);
  });

  it('keeps values out of the errors of failed queries', async () => {
    const row = { userId: 'u3', key: 'secret-key', requestHash: 'secret-hash', status: 200, expiresAt: new Date() };
    await database.current.db.insert(idempotencyKey).values(row);
    const error = await database.current.db
      .insert(idempotencyKey)
      .values(row)
      .then(
        () => undefined,
        (reason: unknown) => reason,
      );
    expect(error).toMatchObject({ name: 'QueryError', code: '23505', constraint: 'idempotency_key_user_id_key_pk' });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('secret-');
  });

  it('runs statements of other libraries', async () => {
    const text = 'insert into rate_limit (key, points, expire) values ($1, $2, $3) returning points';
    const result = await database.current.query({ text, values: ['k', 3, 1_800_000_000_000] });
    expect(result).toMatchObject({ rows: [{ points: 3 }], rowCount: 1 });
  });
});

const fresh = await createPostgresDatabase();

(fresh ? describe : describe.skip)('replicas that start at once', () => {
  it('migrate in turn', async () => {
    const replicas = await Promise.all(Array.from({ length: 6 }, () => PostgresDatabase.open(fresh!.url, 1)));
    const { rows } = await replicas[5].query({ text: 'select count(*)::int as n from drizzle.__drizzle_migrations' });
    expect(rows).toEqual([{ n: readMigrationFiles(MIGRATIONS).length }]);
    await Promise.all(replicas.map((replica) => replica.close()));
    await fresh!.drop();
  });
});
