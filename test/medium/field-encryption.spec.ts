import { randomBytes } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { eq, sql } from 'drizzle-orm';
import type { AppConfig } from '../../src/platform/config/app-config.js';
import { FieldCipherService } from '../../src/domain/fields/encryption/field-cipher.service.js';
import { profileUser, type SealedValue } from '../../src/platform/database/schema.js';
import { buildCatalogue } from '../../src/domain/fields/catalogue/load-catalogue.js';
import { FieldKeyCheckService } from '../../src/domain/fields/encryption/field-key-check.service.js';
import { rekey, type RekeyProgress } from '../../src/domain/fields/encryption/rekey.js';
import { sealedByKey, sealedInFlight } from '../../src/domain/fields/encryption/sealed-values.js';
import { onEachDatabase } from './support/each-database.js';

const key = (kid: string) => ({ kid, key: randomBytes(32) });
const cipherOf = (...fieldEncryptionKeys: ReturnType<typeof key>[]) =>
  new FieldCipherService({ fieldEncryptionKeys } as unknown as AppConfig);
const [old, current, lost] = [key('2024'), key('2026'), key('2023')];
const ring = cipherOf(current, old);

const catalogue = buildCatalogue({
  fields: {
    taxId: { store: 'database', sensitive: true, mask: 'last4', schema: { type: 'string' } },
    iban: { store: 'database', sensitive: true, schema: { type: 'string' } },
    note: { store: 'database', schema: { type: 'string' } },
  },
});

onEachDatabase((database) => {
  const db = () => database.current.db;

  async function store(cipher: FieldCipherService, userId: string, values: Record<string, string>): Promise<void> {
    const sealed = Object.entries(values).map(async ([field, value]) => {
      const $sealed = await cipher.seal(value, { userId, field });
      return [field, { $sealed, $mask: catalogue.mask(field, value) }] as const;
    });
    const fields = { note: 'plain', ...Object.fromEntries(await Promise.all(sealed)) };
    await db().insert(profileUser).values({ userId, fields });
  }

  const sealedOf = async (userId: string, field: string): Promise<SealedValue> => {
    const [row] = await db().select().from(profileUser).where(eq(profileUser.userId, userId));
    return row.fields[field] as SealedValue;
  };

  beforeEach(() => db().delete(profileUser));

  describe('rekey', () => {
    it('encrypts every value of an old key again and changes nothing else', async () => {
      for (let n = 0; n < 7; n += 1)
        await store(cipherOf(old), `user${n}`, { taxId: `DE0000${n}`, iban: `DE9999${n}` });
      await store(ring, 'user7', { taxId: 'DE00007' });
      const untouched = await sealedOf('user7', 'taxId');

      const states: RekeyProgress[] = [];
      const end = await rekey(database.current, ring, { batch: 3, onProgress: (state) => states.push(state) });

      expect(end).toEqual({ done: 14, total: 14, unopened: 0 });
      expect(states.map(({ done }) => done)).toEqual([0, 6, 12, 14]);
      expect(await sealedByKey(database.current)).toMatchObject([{ kid: '2026', count: 15 }]);
      expect(await sealedOf('user7', 'taxId')).toEqual(untouched);
      for (let n = 0; n < 7; n += 1) {
        const userId = `user${n}`;
        const { $sealed, $mask } = await sealedOf(userId, 'taxId');
        expect(await cipherOf(current).open($sealed, { userId, field: 'taxId' })).toBe(`DE0000${n}`);
        expect($mask).toBe(catalogue.mask('taxId', `DE0000${n}`));
      }
    });

    it('can be stopped and continues where it stopped', async () => {
      for (let n = 0; n < 5; n += 1) await store(cipherOf(old), `user${n}`, { taxId: `DE0000${n}` });
      const stop = new AbortController();
      const onProgress = ({ done }: RekeyProgress) => done >= 2 && stop.abort();
      expect(await rekey(database.current, ring, { batch: 2, signal: stop.signal, onProgress })).toMatchObject({
        done: 2,
        total: 5,
      });
      expect(await rekey(database.current, ring)).toEqual({ done: 3, total: 3, unopened: 0 });
    });

    it('leaves values that no key decrypts unchanged', async () => {
      await store(cipherOf(lost), 'user1', { taxId: 'DE00001' });
      await store(cipherOf(old), 'user2', { taxId: 'DE00002' });
      const before = await sealedOf('user1', 'taxId');
      expect(await rekey(database.current, ring)).toEqual({ done: 1, total: 2, unopened: 1 });
      expect(await sealedOf('user1', 'taxId')).toEqual(before);
    });

    it('does not overwrite a value that the service writes in the meantime', async () => {
      await store(cipherOf(old), 'user1', { taxId: 'DE00001' });
      const written = { $sealed: await ring.seal('DE-NEW', { userId: 'user1', field: 'taxId' }), $mask: '••••' };
      const slow = Object.create(ring, {
        seal: {
          value: async (...parameters: Parameters<FieldCipherService['seal']>) => {
            await db()
              .update(profileUser)
              .set({ fields: { taxId: written } });
            return ring.seal(...parameters);
          },
        },
      }) as FieldCipherService;
      await rekey(database.current, slow);
      expect(await sealedOf('user1', 'taxId')).toEqual(written);
    });

    it('reports how many pending changes hold encrypted values', async () => {
      await db()
        .insert(profileUser)
        .values({ userId: 'u1', pending: { row: { set: { taxId: { $sealed: 'x', $mask: '' } } } } });
      await db()
        .insert(profileUser)
        .values({ userId: 'u2', pending: { row: { set: { note: 'x' } } } });
      expect(await sealedInFlight(database.current)).toBe(1);
    });
  });

  describe('a value moved by hand', () => {
    it.each([
      ['to the row of another user', 'bob', 'taxId'],
      ['to another field', 'alice', 'iban'],
    ])('%s cannot be decrypted', async (_where, userId, field) => {
      await store(ring, 'alice', { taxId: 'DE00001' });
      await db().insert(profileUser).values({ userId: 'bob' });
      await db().execute(sql`update profile_user set fields = fields || jsonb_build_object(${field}::text,
        (select fields -> 'taxId' from profile_user where user_id = 'alice')) where user_id = ${userId}`);
      const { $sealed } = await sealedOf(userId, field);
      await expect(ring.open($sealed, { userId, field })).rejects.toMatchObject({ reason: 'moved' });
    });
  });

  describe('FieldKeyCheckService', () => {
    afterEach(() => {
      jest.restoreAllMocks();
    });

    async function logOfCheck(cipher: FieldCipherService) {
      const logged: string[] = [];
      for (const level of ['error', 'log'] as const) {
        jest.spyOn(Logger.prototype, level).mockImplementation((text: string) => void logged.push(`${level}: ${text}`));
      }
      const check = new FieldKeyCheckService(catalogue, cipher, database.current);
      check.onModuleInit();
      await check.check();
      return logged;
    }

    it('logs a missing key with the number of its values and changes nothing', async () => {
      for (let n = 0; n < 3; n += 1) await store(cipherOf(lost), `user${n}`, { taxId: `DE0000${n}` });
      const before = await sealedOf('user1', 'taxId');
      expect(await logOfCheck(ring)).toEqual([
        expect.stringMatching(/^error: 3 values of sensitive fields cannot be decrypted: .* lacks the key 2023\./),
      ]);
      expect(await sealedOf('user1', 'taxId')).toEqual(before);
    });

    it('logs that a key id now has another key', async () => {
      await store(cipherOf(key('2026')), 'user1', { taxId: 'DE00001' });
      expect(await logOfCheck(ring)).toEqual([
        expect.stringMatching(/^error: 1 value of .* under this ID does not decrypt/),
      ]);
    });

    it('logs values of an old key, and nothing when all values use the current one', async () => {
      await store(ring, 'user1', { taxId: 'DE00001' });
      expect(await logOfCheck(ring)).toEqual([]);
      await store(cipherOf(old), 'user2', { taxId: 'DE00002' });
      expect(await logOfCheck(ring)).toEqual([
        expect.stringMatching(/^log: 1 value .* old key 2024: run fields:rekey/),
      ]);
    });

    it('prevents the start when a sensitive field has no key at all', () => {
      const check = new FieldKeyCheckService(catalogue, cipherOf(), database.current);
      expect(() => check.onModuleInit()).toThrow(
        'FIELD_ENCRYPTION_KEYS is missing: the field catalogue has sensitive fields (taxId, iban)',
      );
      const plain = buildCatalogue({ fields: { name: { store: 'logto' } } });
      expect(() => new FieldKeyCheckService(plain, cipherOf(), database.current).onModuleInit()).not.toThrow();
    });
  });
});
