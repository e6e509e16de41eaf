import { ConfigurationError } from '../../../platform/config/environment-reader.js';
import type { Database } from '../../../platform/database/database.js';
import type { FieldCatalogue } from '../catalogue/field-catalogue.js';
import {
  countByKey,
  countValues,
  decryptEncrypted,
  encryptPlain,
  findEncrypted,
  findOfOtherKeys,
  findPlain,
  replaceEncrypted,
  type EncryptedEntry,
  type PlainEntry,
} from './encrypted-values.js';
import { FieldDecryptionError, type FieldCipherService } from './field-cipher.service.js';

export interface RekeyProgress {
  readonly done: number;
  /** Values that had another key at the start, or were not encrypted as the catalogue says. */
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

/** The values of some users, and what becomes of them. */
interface Pass<Entry extends { readonly userId: string }, Change> {
  find(afterUser: string): Promise<Entry[]>;
  /** Undefined if the value cannot be decrypted. */
  convert(entry: Entry): Promise<Change | undefined>;
  write(changes: readonly Change[]): Promise<number>;
}

/**
 * Encrypts every value of an old key with the current one; encrypts values of fields that became sensitive after they were stored, and
 * decrypts those of fields that no longer are. Can run while the service is running.
 */
export async function rekey(
  database: Database,
  cipher: FieldCipherService,
  catalogue: FieldCatalogue,
  { batch = 200, signal, onProgress }: RekeyOptions = {},
): Promise<RekeyProgress> {
  const current = cipher.currentKid;
  if (current === undefined) throw new ConfigurationError(['FIELD_ENCRYPTION_KEYS is not set.']);
  const { sensitive, plain } = namesInRow(catalogue);
  const ofOtherKeys = (await countByKey(database)).reduce(
    (sum, { kid, count }) => sum + (kid === current ? 0 : count),
    0,
  );
  const misplaced = await countMisplaced(database, catalogue);
  let progress: RekeyProgress = {
    done: 0,
    total: ofOtherKeys + misplaced.plain + misplaced.encrypted,
    undecryptable: 0,
  };

  const run = async <Entry extends { readonly userId: string }, Change>(pass: Pass<Entry, Change>): Promise<void> => {
    for (let last = ''; !signal?.aborted;) {
      const entries = await pass.find(last);
      if (entries.length === 0) return;
      const changes = await Promise.all(entries.map((entry) => unlessUndecryptable(pass.convert(entry))));
      const converted = changes.filter((change) => change !== undefined);
      const undecryptable = progress.undecryptable + changes.length - converted.length;
      progress = { ...progress, done: progress.done + (await pass.write(converted)), undecryptable };
      last = entries.at(-1)!.userId;
      onProgress?.(progress);
    }
  };

  onProgress?.(progress);
  await run({
    find: (after) => findOfOtherKeys(database, current, after, batch),
    convert: async (entry: EncryptedEntry) => ({
      entry,
      jwe: await cipher.encrypt(await cipher.decrypt(entry.jwe, entry), entry),
    }),
    write: (changes) => replaceEncrypted(database, changes),
  });
  if (misplaced.plain > 0) {
    await run({
      find: (after) => findPlain(database, sensitive, after, batch),
      convert: async (entry: PlainEntry) => {
        const jwe = await cipher.encrypt(entry.value, entry);
        return { entry, encrypted: { jwe, mask: catalogue.mask(entry.field, entry.value) } };
      },
      write: (changes) => encryptPlain(database, changes),
    });
  }
  if (misplaced.encrypted > 0) {
    await run({
      find: (after) => findEncrypted(database, plain, after, batch),
      convert: async (entry: EncryptedEntry) => ({ entry, value: await cipher.decrypt(entry.jwe, entry) }),
      write: (changes) => decryptEncrypted(database, changes),
    });
  }
  return progress;
}

/** Counts the values of sensitive fields that are in clear, and those of other fields that are encrypted. Reads every row. */
export async function countMisplaced(
  database: Database,
  catalogue: FieldCatalogue,
): Promise<{ readonly plain: number; readonly encrypted: number }> {
  const names = namesInRow(catalogue);
  return {
    plain: await countValues(database, 'plain', names.sensitive),
    encrypted: await countValues(database, 'encrypted', names.plain),
  };
}

/** The fields in the user's row. */
function namesInRow(catalogue: FieldCatalogue): { readonly sensitive: string[]; readonly plain: string[] } {
  const inRow = [...catalogue.fields.values()].filter(({ store }) => store.toRow);
  const names = (isSensitive: boolean) =>
    inRow.filter((field) => field.sensitive === isSensitive).map(({ name }) => name);
  return { sensitive: names(true), plain: names(false) };
}

const unlessUndecryptable = <T>(converted: Promise<T>): Promise<T | undefined> =>
  converted.catch((error: unknown) => {
    if (error instanceof FieldDecryptionError) return undefined;
    throw error;
  });
