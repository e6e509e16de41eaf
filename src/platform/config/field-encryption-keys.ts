import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ConfigurationError } from './environment-reader.js';

/** The `DATABASE_FOLDER` of an embedded database that exists in memory only. */
export const IN_MEMORY = 'memory://';

export interface FieldEncryptionKey {
  readonly kid: string;
  /** 32 bytes, for A256GCM. */
  readonly key: Uint8Array;
}

/**
 * Parses the parts of `FIELD_ENCRYPTION_KEYS`, `<key id>:<32 bytes in base64 or base64url>`. The first key encrypts.
 * @returns the keys, or the problem, to follow the name of the variable
 */
export function parseFieldEncryptionKeys(parts: readonly string[]): FieldEncryptionKey[] | string {
  const keys: FieldEncryptionKey[] = [];
  for (const part of parts) {
    const [, kid, encoded] = /^([\w.-]{1,64}):([A-Za-z0-9+/_-]+={0,2})$/.exec(part) ?? [];
    const key = Buffer.from(encoded ?? '', 'base64');
    if (!kid || key.length !== 32) return 'must list keys as <key id>:<32 bytes in base64>';
    // A placeholder, such as 43 times `A`: values would be encrypted with a key that everybody can guess.
    if (key.every((byte) => byte === key[0])) {
      return 'must list random keys, but all bytes of one are the same. Create a key with: openssl rand -base64 32';
    }
    if (keys.some((other) => other.kid === kid)) return 'must not use a key id twice';
    keys.push({ kid, key });
  }
  return keys;
}

/**
 * The key for development mode. It is created once and stored next to the embedded database, whose values it encrypts.
 * @throws ConfigurationError if the file contains no key: with a new key, encrypted values could no longer be decrypted
 */
export function developmentKey(databaseFolder: string): FieldEncryptionKey {
  const kid = 'development';
  if (databaseFolder === IN_MEMORY) return { kid, key: randomBytes(32) };
  const path = join(dirname(databaseFolder), 'field-encryption-key');
  mkdirSync(dirname(path), { recursive: true });
  try {
    writeFileSync(path, randomBytes(32).toString('base64'), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const key = Buffer.from(readFileSync(path, 'utf8'), 'base64');
  if (key.length !== 32) {
    throw new ConfigurationError([`${path} contains no key: restore it, or delete it together with the data`]);
  }
  return { kid, key };
}
