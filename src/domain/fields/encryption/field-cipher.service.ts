import { createSecretKey, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { compactDecrypt, CompactEncrypt, errors } from 'jose';
import { AppConfig } from '../../../platform/config/app-config.js';
import type { Json } from '../../../platform/json/json.js';

/** Whose value it is, and of which field: bound into the encrypted value, so that a copy elsewhere cannot be decrypted. */
export interface SealedFor {
  readonly userId: string;
  readonly field: string;
}

/** An encrypted value that cannot be decrypted. Says why, never what it holds. */
export class FieldDecryptionError extends Error {
  override readonly name = 'FieldDecryptionError';

  constructor(readonly reason: 'key_missing' | 'moved' | 'damaged') {
    super(`An encrypted value could not be decrypted: ${reason}`);
  }
}

/** Encrypts the values of sensitive fields, by the keys of `FIELD_ENCRYPTION_KEYS`: the first one encrypts, each one decrypts. */
@Injectable()
export class FieldCipherService {
  private readonly keys: ReadonlyMap<string, KeyObject>;
  /** The ID of the key that encrypts; undefined if there is none. */
  readonly currentKid: string | undefined;

  constructor(config: AppConfig) {
    this.keys = new Map(config.fieldEncryptionKeys.map(({ kid, key }) => [kid, createSecretKey(key)]));
    this.currentKid = config.fieldEncryptionKeys[0]?.kid;
  }

  knows(kid: string): boolean {
    return this.keys.has(kid);
  }

  /**
   * @returns a compact JWE (RFC 7516; `dir`, `A256GCM`); owner and field stand in its protected header
   * @throws Error when no key is configured
   */
  async seal(value: Json, { userId, field }: SealedFor): Promise<string> {
    if (this.currentKid === undefined) throw new Error('FIELD_ENCRYPTION_KEYS is not set.');
    const kid = this.currentKid;
    return new CompactEncrypt(Buffer.from(JSON.stringify(value)))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid, sub: userId, field })
      .encrypt(this.keys.get(kid)!);
  }

  /** @throws FieldDecryptionError when its key is missing, or it was encrypted for another user or field, or was changed */
  async open(jwe: string, { userId, field }: SealedFor): Promise<Json> {
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
