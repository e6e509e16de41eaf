import { createHmac } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { compactDecrypt, CompactEncrypt } from 'jose';
import { AppConfig } from '../../platform/config/app-config.js';
import { derivedKey } from '../../platform/config/derived-key.js';
import { addressKey, type AddressKind } from './address.js';

/**
 * Protects addresses that codes are sent to and proofs are about: they may belong to anybody, so a dump of the database must not
 * contain them. They are compared by a keyed hash, and encrypted where Logto needs them again. Both keys are derived from
 * `LOGTO_M2M_APP_SECRET`.
 */
@Injectable()
export class AddressProtectionService {
  private readonly hashKey: Buffer;
  private readonly encryptionKey: Buffer;

  constructor(config: AppConfig) {
    this.hashKey = derivedKey(config, 'address-hash');
    this.encryptionKey = derivedKey(config, 'address-encryption');
  }

  /** The same for all forms of an address, such as other letter case, and different for any other address. */
  hash(kind: AddressKind, address: string): string {
    return createHmac('sha256', this.hashKey)
      .update(`${kind}:${addressKey(kind, address)}`)
      .digest('base64url');
  }

  /** Encrypts an address as a compact JWE (RFC 7516). */
  encrypt(address: string): Promise<string> {
    return new CompactEncrypt(Buffer.from(address))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
      .encrypt(this.encryptionKey);
  }

  /** Returns undefined if the address was encrypted before `LOGTO_M2M_APP_SECRET` was rotated. */
  async decrypt(encrypted: string): Promise<string | undefined> {
    const options = { keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM'] };
    const decrypted = await compactDecrypt(encrypted, this.encryptionKey, options).catch(() => undefined);
    return decrypted && Buffer.from(decrypted.plaintext).toString();
  }
}
