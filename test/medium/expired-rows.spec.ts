import { describe, expect, it } from '@jest/globals';
import { getTableName } from 'drizzle-orm';
import { ExpiredRowsService } from '../../src/platform/database/expired-rows.service.js';
import {
  activity,
  codeRequest,
  currentCode,
  idempotencyKey,
  rateLimit,
  signInNonce,
  verificationRecord,
} from '../../src/platform/database/schema.js';
import { onEachDatabase } from './support/each-database.js';

const NOW = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;
const clock = { now: () => NOW };

onEachDatabase((database) => {
  const db = () => database.current.db;

  const insertIntoEachTable = async (name: string, expiry: number) => {
    const [expiresAt, createdAt] = [new Date(expiry), new Date(NOW - 24 * HOUR_MS)];
    const caller = { userId: 'u1', clientId: 'c1' };
    await db()
      .insert(verificationRecord)
      .values({ ...caller, idHash: name, kind: 'password', provesIdentity: true, createdAt, expiresAt });
    await db()
      .insert(codeRequest)
      .values({
        ...caller,
        id: name,
        addressHash: name,
        encryptedAddress: name,
        purpose: 'address',
        requestedAt: createdAt,
        expiresAt,
      });
    await db().insert(currentCode).values({ addressHash: name, requestId: name, expiresAt });
    await db()
      .insert(signInNonce)
      .values({ ...caller, nonceHash: name, createdAt, expiresAt });
    await db().insert(idempotencyKey).values({ userId: 'u1', key: name, requestHash: 'h', expiresAt });
    await db().insert(rateLimit).values({ key: name, points: 1, expire: expiry });
  };

  describe('ExpiredRowsService.deleteExpired', () => {
    it('deletes the expired rows of every table and no others', async () => {
      const { rows: expiring } = await database.current.query({
        text: `select table_name from information_schema.columns
               where table_schema = 'logto_profile' and column_name in ('expires_at', 'expire') order by table_name`,
        values: [],
      });
      const inserted = [verificationRecord, codeRequest, currentCode, signInNonce, idempotencyKey, rateLimit];
      expect(expiring.map(({ table_name }) => table_name)).toEqual(inserted.map(getTableName).sort());
      await insertIntoEachTable('expired', NOW - HOUR_MS);
      await insertIntoEachTable('just expired', NOW - 1);
      await insertIntoEachTable('valid', NOW + HOUR_MS);
      await db().insert(rateLimit).values({ key: 'unlimited', points: 1 });
      await db()
        .insert(activity)
        .values({ userId: 'u1', at: new Date(0), action: 'profile_changed' });

      expect(await new ExpiredRowsService(database.current, clock).deleteExpired()).toBe(6);

      for (const table of [verificationRecord, codeRequest, currentCode, signInNonce, idempotencyKey] as const) {
        expect(await db().$count(table)).toBe(2);
      }
      expect(await db().$count(rateLimit)).toBe(3);
      expect(await db().$count(activity)).toBe(1);
    });

    it('deletes any number of rows, even when two replicas do so concurrently', async () => {
      await db().delete(rateLimit);
      const rows = Array.from({ length: 2_500 }, (_, n) => ({ key: `k${n}`, points: 1, expire: NOW - HOUR_MS }));
      await db().insert(rateLimit).values(rows);
      const replicas = [1, 2].map(() => new ExpiredRowsService(database.current, clock).deleteExpired());
      const [first, second] = await Promise.all(replicas);
      // A replica skips rows that the other replica has locked. The next run deletes them.
      const rest = await new ExpiredRowsService(database.current, clock).deleteExpired();
      expect(first + second + rest).toBe(2_500);
      expect(await db().$count(rateLimit)).toBe(0);
    });
  });
});
