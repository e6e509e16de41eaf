import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ConfigurationError } from './environment-reader.js';

/** `DATABASE_FOLDER` of an embedded database that leaves nothing behind. */
export const IN_MEMORY = 'memory://';

export interface FieldEncryptionKey {
  readonly kid: string;
  /** 32 bytes, for A256GCM. */
  readonly key: Uint8Array;
}

/**
 * Reads `FIELD_ENCRYPTION_KEYS`: `<key id>:<32 bytes in base64 or base64url>`, comma-separated, the one that
 * encrypts first.
 * @returns the keys, or what is wrong with the variable.
 */
export function parseFieldEncryptionKeys(parts: readonly string[]): FieldEncryptionKey[] | string {
  const keys: FieldEncryptionKey[] = [];
  for (const part of parts) {
    const [, kid, encoded] = /^([\w.-]{1,64}):([A-Za-z0-9+/_-]+={0,2})$/.exec(part) ?? [];
    const key = Buffer.from(encoded ?? '', 'base64');
    if (!kid || key.length !== 32) return 'must list keys as <key id>:<32 bytes in base64>';
    if (keys.some((other) => other.kid === kid)) return 'must not use a key id twice';
    keys.push({ kid, key });
  }
  return keys;
}

/**
 * A key of development mode: made once and kept beside the embedded database, which it must outlive.
 * @throws ConfigurationError when the file is there but holds no key: a new one would lose what the old one encrypted
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
  if (key.length !== 32)
    throw new ConfigurationError([`${path} holds no key: put it back, or delete it with the data`]);
  return { kid, key };
}
