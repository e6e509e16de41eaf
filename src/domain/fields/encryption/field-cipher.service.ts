import { createSecretKey, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { compactDecrypt, CompactEncrypt, errors } from 'jose';
import { AppConfig } from '../../../platform/config/app-config.js';
import type { Json } from '../../../platform/json/json.js';

/** The user and the field of a value: bound into the encrypted value, so that a copy elsewhere cannot be decrypted. */
export interface ValueOwner {
  readonly userId: string;
  readonly field: string;
}

/** An encrypted value that cannot be decrypted. Contains the reason and nothing of the value. */
export class FieldDecryptionError extends Error {
  override readonly name = 'FieldDecryptionError';

  constructor(readonly reason: 'key_missing' | 'moved' | 'damaged') {
    super(`An encrypted value could not be decrypted: ${reason}`);
  }
}

/** Encrypts the values of sensitive fields with the keys of `FIELD_ENCRYPTION_KEYS`: the first one encrypts, each one decrypts. */
@Injectable()
export class FieldCipherService {
  private readonly keys: ReadonlyMap<string, KeyObject>;
  /** The ID of the key that encrypts; undefined if there is none. */
  readonly currentKid: string | undefined;

  constructor(config: AppConfig) {
    this.keys = new Map(config.fieldEncryptionKeys.map(({ kid, key }) => [kid, createSecretKey(key)]));
    this.currentKid = config.fieldEncryptionKeys[0]?.kid;
  }

  /**
   * @returns a compact JWE (RFC 7516; `dir`, `A256GCM`); user and field are in its protected header
   * @throws Error when no key is configured
   */
  async encrypt(value: Json, { userId, field }: ValueOwner): Promise<string> {
    if (this.currentKid === undefined) throw new Error('FIELD_ENCRYPTION_KEYS is not set.');
    const kid = this.currentKid;
    return new CompactEncrypt(Buffer.from(JSON.stringify(value)))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid, sub: userId, field })
      .encrypt(this.keys.get(kid)!);
  }

  /** @throws FieldDecryptionError if the key is missing, or the value was encrypted for another user or field, or changed */
  async decrypt(jwe: string, { userId, field }: ValueOwner): Promise<Json> {
    const { plaintext, protectedHeader } = await compactDecrypt(
      jwe,
      ({ kid }) => {
        const key = this.keys.get(kid ?? '');
        if (!key) throw new FieldDecryptionError('key_missing');
        return key;
      },
      { keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM'] },
    ).catch((error: unknown) => {
      throw error instanceof errors.JOSEError ? new FieldDecryptionError('damaged') : error;
    });
    if (protectedHeader.sub !== userId || protectedHeader.field !== field) throw new FieldDecryptionError('moved');
    return JSON.parse(Buffer.from(plaintext).toString()) as Json;
  }
}
