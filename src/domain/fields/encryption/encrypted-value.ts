import type { EncryptedJson } from '../../../platform/database/schema.js';

/**
 * The value of a sensitive field as it is stored: encrypted, with the mask that was computed when it was written. A class, because
 * users choose the shape of their JSON values: none of them can be mistaken for an encrypted one.
 */
export class EncryptedValue implements EncryptedJson {
  constructor(
    /** A compact JWE (RFC 7516), see FieldCipherService. */
    readonly jwe: string,
    readonly mask: string,
  ) {}
}
