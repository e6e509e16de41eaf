import { randomBytes } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { eq, sql } from 'drizzle-orm';
import type { AppConfig } from '../../src/platform/config/app-config.js';
import { FieldCipherService } from '../../src/domain/fields/encryption/field-cipher.service.js';
import { profileUser, type EncryptedJson } from '../../src/platform/database/schema.js';
import { buildCatalogue } from '../../src/domain/fields/catalogue/load-catalogue.js';
import { FieldKeyCheckService } from '../../src/domain/fields/encryption/field-key-check.service.js';
import { rekey, type RekeyProgress } from '../../src/domain/fields/encryption/rekey.js';
import { countByKey, countPendingEncrypted } from '../../src/domain/fields/encryption/encrypted-values.js';
import { onEachDatabase } from './support/each-database.js';
import { stores } from '../support/stores.js';

const createKey = (kid: string) => ({ kid, key: randomBytes(32) });
const createCipher = (...fieldEncryptionKeys: ReturnType<typeof createKey>[]) =>
  new FieldCipherService({ fieldEncryptionKeys } as unknown as AppConfig);
const [oldKey, currentKey, lostKey] = [createKey('2024'), createKey('2026'), createKey('2023')];
const cipher = createCipher(currentKey, oldKey);

const catalogue = buildCatalogue(
  {
    fields: {
      taxId: { store: 'database', sensitive: true, mask: 'last4', schema: { type: 'string' } },
      iban: { store: 'database', sensitive: true, schema: { type: 'string' } },
      note: { store: 'database', schema: { type: 'string' } },
    },
  },
  stores,
);

onEachDatabase((database) => {
  const db = () => database.current.db;

  async function storeEncrypted(
    cipher: FieldCipherService,
    userId: string,
    values: Record<string, string>,
  ): Promise<void> {
    const encrypted = Object.entries(values).map(async ([field, value]) => {
      const jwe = await cipher.encrypt(value, { userId, field });
      return [field, { jwe, mask: catalogue.mask(field, value) }] as const;
    });
    const encryptedFields = Object.fromEntries(await Promise.all(encrypted));
    await db()
      .insert(profileUser)
      .values({ userId, fields: { note: 'plain' }, encryptedFields });
  }

  const readEncrypted = async (userId: string, field: string): Promise<EncryptedJson> => {
    const [row] = await db().select().from(profileUser).where(eq(profileUser.userId, userId));
    return row!.encryptedFields[field]!;
  };

  /** A cipher during whose encryption the service writes to every row. */
  const cipherDuring = (written: Partial<typeof profileUser.$inferInsert>): FieldCipherService =>
    Object.create(cipher, {
      encrypt: {
        value: async (...parameters: Parameters<FieldCipherService['encrypt']>) => {
          await db().update(profileUser).set(written);
          return cipher.encrypt(...parameters);
        },
      },
    }) as FieldCipherService;

  beforeEach(() => db().delete(profileUser));

  describe('rekey', () => {
    it('encrypts every value of an old key with the current key and changes nothing else', async () => {
      for (let n = 0; n < 7; n += 1)
        await storeEncrypted(createCipher(oldKey), `user${n}`, { taxId: `DE0000${n}`, iban: `DE9999${n}` });
      await storeEncrypted(cipher, 'user7', { taxId: 'DE00007' });
      const untouched = await readEncrypted('user7', 'taxId');

      const progress: RekeyProgress[] = [];
      const result = await rekey(database.current, cipher, catalogue, {
        batch: 3,
        onProgress: (state) => progress.push(state),
      });

      expect(result).toEqual({ done: 14, total: 14, undecryptable: 0 });
      expect(progress.map(({ done }) => done)).toEqual([0, 6, 12, 14]);
      expect(await countByKey(database.current)).toMatchObject([{ kid: '2026', count: 15 }]);
      expect(await readEncrypted('user7', 'taxId')).toEqual(untouched);
      for (let n = 0; n < 7; n += 1) {
        const userId = `user${n}`;
        const { jwe, mask } = await readEncrypted(userId, 'taxId');
        expect(await createCipher(currentKey).decrypt(jwe, { userId, field: 'taxId' })).toBe(`DE0000${n}`);
        expect(mask).toBe(catalogue.mask('taxId', `DE0000${n}`));
      }
    });

    it('continues where it was stopped', async () => {
      for (let n = 0; n < 5; n += 1) await storeEncrypted(createCipher(oldKey), `user${n}`, { taxId: `DE0000${n}` });
      const abort = new AbortController();
      const onProgress = ({ done }: RekeyProgress) => done >= 2 && abort.abort();
      expect(
        await rekey(database.current, cipher, catalogue, { batch: 2, signal: abort.signal, onProgress }),
      ).toMatchObject({
        done: 2,
        total: 5,
      });
      expect(await rekey(database.current, cipher, catalogue)).toEqual({ done: 3, total: 3, undecryptable: 0 });
    });

    it('does not change values that no key decrypts', async () => {
      await storeEncrypted(createCipher(lostKey), 'user1', { taxId: 'DE00001' });
      await storeEncrypted(createCipher(oldKey), 'user2', { taxId: 'DE00002' });
      const before = await readEncrypted('user1', 'taxId');
      expect(await rekey(database.current, cipher, catalogue)).toEqual({ done: 1, total: 2, undecryptable: 1 });
      expect(await readEncrypted('user1', 'taxId')).toEqual(before);
    });

    it('does not overwrite a value that the service writes concurrently', async () => {
      await storeEncrypted(createCipher(oldKey), 'user1', { taxId: 'DE00001' });
      const written = { jwe: await cipher.encrypt('DE-NEW', { userId: 'user1', field: 'taxId' }), mask: '••••' };
      const slowCipher = cipherDuring({ encryptedFields: { taxId: written } });
      await rekey(database.current, slowCipher, catalogue);
      expect(await readEncrypted('user1', 'taxId')).toEqual(written);
    });

    it('encrypts values that were stored before their field became sensitive', async () => {
      const plain = { taxId: 'DE00001', note: 'kept', iban: null };
      await db().insert(profileUser).values({ userId: 'user1', fields: plain });
      await storeEncrypted(cipher, 'user2', { taxId: 'DE00002' });
      expect(await rekey(database.current, cipher, catalogue)).toEqual({ done: 1, total: 1, undecryptable: 0 });
      const [row] = await db().select().from(profileUser).where(eq(profileUser.userId, 'user1'));
      expect(row).toMatchObject({ fields: { note: 'kept', iban: null }, fieldsVersion: 1 });
      expect(row!.fields).not.toHaveProperty('taxId');
      const { jwe, mask } = await readEncrypted('user1', 'taxId');
      expect(mask).toBe(catalogue.mask('taxId', 'DE00001'));
      expect(await cipher.decrypt(jwe, { userId: 'user1', field: 'taxId' })).toBe('DE00001');
      expect(await rekey(database.current, cipher, catalogue)).toEqual({ done: 0, total: 0, undecryptable: 0 });
    });

    it('decrypts values of fields that are no longer sensitive, and keeps those of removed fields', async () => {
      await storeEncrypted(createCipher(oldKey), 'user1', { note: 'secret once', removed: 'x' });
      await storeEncrypted(createCipher(lostKey), 'user2', { note: 'lost' });
      expect(await rekey(database.current, cipher, catalogue)).toMatchObject({ undecryptable: 2 });
      const [row] = await db().select().from(profileUser).where(eq(profileUser.userId, 'user1'));
      expect(row!.fields).toEqual({ note: 'secret once' });
      expect(Object.keys(row!.encryptedFields)).toEqual(['removed']);
      expect(row!.fieldsVersion).toBe(1);
      expect(await readEncrypted('user2', 'note')).toBeDefined();
    });

    it('keeps a plain value that the service replaces concurrently', async () => {
      await db()
        .insert(profileUser)
        .values({ userId: 'user1', fields: { taxId: 'DE00001' } });
      const written = { jwe: await cipher.encrypt('DE-NEW', { userId: 'user1', field: 'taxId' }), mask: '••••' };
      const slowCipher = cipherDuring({ fields: {}, encryptedFields: { taxId: written } });
      expect(await rekey(database.current, slowCipher, catalogue)).toMatchObject({ done: 0, total: 1 });
      expect(await readEncrypted('user1', 'taxId')).toEqual(written);
    });

    it('counts the pending changes that contain encrypted values', async () => {
      await db()
        .insert(profileUser)
        .values({
          userId: 'u1',
          pending: { row: { values: { plain: {}, encrypted: { taxId: { jwe: 'x', mask: '' } } } } },
        });
      await db()
        .insert(profileUser)
        .values({ userId: 'u2', pending: { row: { values: { plain: { note: 'x' }, encrypted: {} } } } });
      expect(await countPendingEncrypted(database.current)).toBe(1);
    });
  });

  describe('an encrypted value that is copied', () => {
    it.each([
      ['to the row of another user', 'bob', 'taxId'],
      ['to another field', 'alice', 'iban'],
    ])('%s cannot be decrypted', async (_case, userId, field) => {
      await storeEncrypted(cipher, 'alice', { taxId: 'DE00001' });
      await db().insert(profileUser).values({ userId: 'bob' });
      await db()
        .execute(sql`update logto_profile.profile_user set encrypted_fields = encrypted_fields || jsonb_build_object(${field}::text,
        (select encrypted_fields -> 'taxId' from logto_profile.profile_user where user_id = 'alice')) where user_id = ${userId}`);
      const { jwe } = await readEncrypted(userId, field);
      await expect(cipher.decrypt(jwe, { userId, field })).rejects.toMatchObject({ reason: 'moved' });
    });
  });

  describe('FieldKeyCheckService', () => {
    afterEach(() => {
      jest.restoreAllMocks();
    });

    async function checkAndReadLog(cipher: FieldCipherService) {
      const logged: string[] = [];
      for (const level of ['error', 'warn', 'log'] as const) {
        jest.spyOn(Logger.prototype, level).mockImplementation((text: string) => void logged.push(`${level}: ${text}`));
      }
      const check = new FieldKeyCheckService(catalogue, cipher, database.current);
      check.onModuleInit();
      await check.check();
      return logged;
    }

    it('logs a missing key with the number of its values and changes nothing', async () => {
      for (let n = 0; n < 3; n += 1) await storeEncrypted(createCipher(lostKey), `user${n}`, { taxId: `DE0000${n}` });
      const before = await readEncrypted('user1', 'taxId');
      expect(await checkAndReadLog(cipher)).toEqual([
        expect.stringMatching(/^error: 3 values of sensitive fields cannot be decrypted: .* lacks the key 2023\./),
      ]);
      expect(await readEncrypted('user1', 'taxId')).toEqual(before);
    });

    it('logs when the key of a key id has changed', async () => {
      await storeEncrypted(createCipher(createKey('2026')), 'user1', { taxId: 'DE00001' });
      expect(await checkAndReadLog(cipher)).toEqual([
        expect.stringMatching(/^error: 1 value of .* under this ID does not decrypt/),
      ]);
    });

    it('logs values of an old key, and logs nothing if all values use the current key', async () => {
      await storeEncrypted(cipher, 'user1', { taxId: 'DE00001' });
      expect(await checkAndReadLog(cipher)).toEqual([]);
      await storeEncrypted(createCipher(oldKey), 'user2', { taxId: 'DE00002' });
      expect(await checkAndReadLog(cipher)).toEqual([
        expect.stringMatching(/^log: 1 value .* old key 2024: run fields:rekey/),
      ]);
    });

    it('warns about values that are not encrypted as the catalogue says', async () => {
      await db()
        .insert(profileUser)
        .values({ userId: 'user1', fields: { taxId: 'DE00001', iban: 'DE00', note: 'plain' } });
      await storeEncrypted(cipher, 'user2', { note: 'secret once' });
      expect(await checkAndReadLog(cipher)).toEqual([
        expect.stringMatching(/^warn: 2 values of sensitive fields are stored in clear.* run fields:rekey/),
        expect.stringMatching(/^warn: 1 value of fields that are no longer sensitive .* run fields:rekey/),
      ]);
    });

    it('prevents the start if a field is sensitive and no key is configured', () => {
      const check = new FieldKeyCheckService(catalogue, createCipher(), database.current);
      expect(() => check.onModuleInit()).toThrow(
        'FIELD_ENCRYPTION_KEYS is missing: the field catalogue has sensitive fields (taxId, iban)',
      );
      const catalogueWithoutSensitive = buildCatalogue({ fields: { name: { store: 'logto' } } }, stores);
      expect(() =>
        new FieldKeyCheckService(catalogueWithoutSensitive, createCipher(), database.current).onModuleInit(),
      ).not.toThrow();
    });
  });
});
