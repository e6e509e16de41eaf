import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { AppConfig } from '../../../platform/config/app-config.js';
import type { Json } from '../../../platform/json/json.js';
import { FieldCipherService } from './field-cipher.service.js';

const key = (kid: string) => ({ kid, key: randomBytes(32) });
const cipherOf = (...fieldEncryptionKeys: ReturnType<typeof key>[]) =>
  new FieldCipherService({ fieldEncryptionKeys } as unknown as AppConfig);

const [first, second] = [key('2025'), key('2026')];
const owner = { userId: 'alice', field: 'taxId' };

describe('FieldCipherService', () => {
  it('decrypts any JSON value that it encrypted', async () => {
    const cipher = cipherOf(first);
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        const json = JSON.parse(JSON.stringify(value)) as Json;
        expect(await cipher.decrypt(await cipher.encrypt(json, owner), owner)).toEqual(json);
      }),
    );
  });

  it('encrypts with the first key, names it, and decrypts with any key', async () => {
    const old = await cipherOf(first).encrypt('DE123', owner);
    const ring = cipherOf(second, first);
    expect(await ring.decrypt(old, owner)).toBe('DE123');
    const [header] = (await ring.encrypt('DE123', owner)).split('.');
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({
      alg: 'dir',
      enc: 'A256GCM',
      kid: '2026',
      sub: 'alice',
      field: 'taxId',
    });
  });

  it('encrypts the same value differently each time and reveals nothing of it', async () => {
    const cipher = cipherOf(first);
    const [one, other] = await Promise.all([cipher.encrypt('DE123456', owner), cipher.encrypt('DE123456', owner)]);
    expect(one).not.toBe(other);
    expect(one.split('.').map((part) => Buffer.from(part, 'base64url').toString())).not.toContainEqual(
      expect.stringContaining('DE123456'),
    );
  });

  it.each([
    ['another user', { userId: 'bob', field: 'taxId' }],
    ['another field', { userId: 'alice', field: 'iban' }],
  ])('does not decrypt a value copied to %s', async (_where, there) => {
    const cipher = cipherOf(first);
    await expect(cipher.decrypt(await cipher.encrypt('DE123', owner), there)).rejects.toMatchObject({
      reason: 'moved',
    });
  });

  it('does not decrypt a value whose owner was changed in its header', async () => {
    const cipher = cipherOf(first);
    const [header, ...rest] = (await cipher.encrypt('DE123', owner)).split('.');
    const forged = Buffer.from(Buffer.from(header, 'base64url').toString().replace('alice', 'bobby')).toString(
      'base64url',
    );
    const jwe = [forged, ...rest].join('.');
    await expect(cipher.decrypt(jwe, { ...owner, userId: 'bobby' })).rejects.toMatchObject({ reason: 'damaged' });
  });

  it('reports a missing key and a text that is not a JWE', async () => {
    const encrypted = await cipherOf(first).encrypt('DE123', owner);
    await expect(cipherOf(second).decrypt(encrypted, owner)).rejects.toMatchObject({ reason: 'key_missing' });
    await expect(cipherOf(second).decrypt('DE123', owner)).rejects.toMatchObject({ reason: 'damaged' });
  });

  it('does not decrypt a JWE with any algorithm other than dir and A256GCM', async () => {
    const { CompactEncrypt } = await import('jose');
    const other = await new CompactEncrypt(Buffer.from('"x"'))
      .setProtectedHeader({ alg: 'A256KW', enc: 'A256GCM', kid: first.kid, sub: 'alice', field: 'taxId' })
      .encrypt(first.key);
    await expect(cipherOf(first).decrypt(other, owner)).rejects.toMatchObject({ reason: 'damaged' });
  });

  it('does not encrypt without a key', async () => {
    await expect(cipherOf().encrypt('DE123', owner)).rejects.toThrow('FIELD_ENCRYPTION_KEYS');
  });
});
