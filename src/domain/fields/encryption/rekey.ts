import { ConfigurationError } from '../../../platform/config/environment-reader.js';
import type { Database } from '../../../platform/database/database.js';
import { FieldDecryptionError, type FieldCipherService } from './field-cipher.service.js';
import { countByKey, findOfOtherKeys, replaceEncrypted, type EncryptedEntry } from './encrypted-values.js';

export interface RekeyProgress {
  readonly done: number;
  /** Values that had another key at the start. */
  readonly total: number;
  /** Values left as they are because they cannot be decrypted: their key is missing, or they were moved or damaged. */
  readonly undecryptable: number;
}

export interface RekeyOptions {
  /** Users in one transaction; the default is 200. */
  readonly batch?: number;
  /** Stops after the current batch. The next run continues there. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: RekeyProgress) => void;
}

/** Encrypts every value of an old key with the current one. Can run while the service is running. */
export async function rekey(
  database: Database,
  cipher: FieldCipherService,
  { batch = 200, signal, onProgress }: RekeyOptions = {},
): Promise<RekeyProgress> {
  const current = cipher.currentKid;
  if (current === undefined) throw new ConfigurationError(['FIELD_ENCRYPTION_KEYS is not set.']);
  const keys = await countByKey(database);
  const total = keys.reduce((sum, { kid, count }) => sum + (kid === current ? 0 : count), 0);
  let progress: RekeyProgress = { done: 0, total, undecryptable: 0 };
  let last = '';
  for (;;) {
    onProgress?.(progress);
    if (signal?.aborted) break;
    const entries = await findOfOtherKeys(database, current, last, batch);
    if (entries.length === 0) break;
    const changes = await Promise.all(entries.map((entry) => reencrypt(cipher, entry)));
    const renewed = changes.filter((change) => change !== undefined);
    const undecryptable = progress.undecryptable + changes.length - renewed.length;
    progress = { total, done: progress.done + (await replaceEncrypted(database, renewed)), undecryptable };
    last = entries.at(-1)!.userId;
  }
  return progress;
}

async function reencrypt(cipher: FieldCipherService, entry: EncryptedEntry) {
  try {
    return { entry, jwe: await cipher.encrypt(await cipher.decrypt(entry.jwe, entry), entry) };
  } catch (error) {
    if (error instanceof FieldDecryptionError) return undefined;
    throw error;
  }
}
