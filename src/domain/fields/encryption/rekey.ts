import { ConfigurationError } from '../../../platform/config/environment-reader.js';
import type { Database } from '../../../platform/database/database.js';
import { FieldDecryptionError, type FieldCipherService } from './field-cipher.service.js';
import { replaceSealed, sealedByKey, sealedOtherwise, type SealedEntry } from './sealed-values.js';

export interface RekeyProgress {
  readonly done: number;
  /** Values that had another key at the start. */
  readonly total: number;
  /** Values left as they are, since they do not open: their key is lost, or they were moved or damaged. */
  readonly unopened: number;
}

export interface RekeyOptions {
  /** Users in one transaction; the default is 200. */
  readonly batch?: number;
  /** Stops it after the batch under way. Running it again goes on where it stopped. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: RekeyProgress) => void;
}

/** Encrypts again every value that another key than the current one encrypted. May run beside the service. */
export async function rekey(
  database: Database,
  cipher: FieldCipherService,
  { batch = 200, signal, onProgress }: RekeyOptions = {},
): Promise<RekeyProgress> {
  const current = cipher.currentKid;
  if (current === undefined) throw new ConfigurationError(['FIELD_ENCRYPTION_KEYS is not set.']);
  const keys = await sealedByKey(database);
  const total = keys.reduce((sum, { kid, count }) => sum + (kid === current ? 0 : count), 0);
  let progress: RekeyProgress = { done: 0, total, unopened: 0 };
  let last = '';
  for (;;) {
    onProgress?.(progress);
    if (signal?.aborted) break;
    const entries = await sealedOtherwise(database, current, last, batch);
    if (entries.length === 0) break;
    const changes = await Promise.all(entries.map((entry) => reencrypt(cipher, entry)));
    const opened = changes.filter((change) => change !== undefined);
    const unopened = progress.unopened + changes.length - opened.length;
    progress = { total, done: progress.done + (await replaceSealed(database, opened)), unopened };
    last = entries[entries.length - 1].userId;
  }
  return progress;
}

async function reencrypt(cipher: FieldCipherService, entry: SealedEntry) {
  try {
    return { entry, sealed: await cipher.seal(await cipher.open(entry.sealed, entry), entry) };
  } catch (error) {
    if (error instanceof FieldDecryptionError) return undefined;
    throw error;
  }
}
