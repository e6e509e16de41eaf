import type { INestApplicationContext } from '@nestjs/common';
import { UserRowRepository } from '../users/user-row.repository.js';
import { ConfigurationError } from '../../platform/config/environment-reader.js';
import { FieldCipherService } from '../fields/encryption/field-cipher.service.js';
import { ProblemError } from '../../platform/errors/problem-error.js';
import { mapConcurrently } from '../../platform/map-concurrently.js';
import type { LogtoUser } from '../../platform/management-api/logto-user.js';
import { ManagementApiService } from '../../platform/management-api/management-api.service.js';
import type { CatalogueField } from '../fields/catalogue/catalogue-field.js';
import { FieldCatalogue } from '../fields/catalogue/field-catalogue.js';
import { EncryptedValue } from '../fields/encryption/encrypted-value.js';
import { FieldStores } from '../fields/stores/field-stores.js';
import type { UserState } from '../fields/user-state.js';
import { SensitiveChangesService } from '../profile-document/sensitive-changes.service.js';
import {
  clearedPreviousStore,
  isInPreviousStore,
  valuesByStore,
  type StoreChanges,
} from '../profile-document/values-by-store.js';
import { ChangeWriter } from '../changes/change-writer.js';
import type { UserLease } from '../changes/user-lease.js';
import { UserLeaseService } from '../changes/user-lease.service.js';
import { userPages } from '../users/user-pages.js';

/** Users whose values are moved at the same time: enough to keep Logto busy, few enough not to delay requests. */
const CONCURRENCY = 8;

/** The services that a move needs. */
export type MoveServices = ReturnType<typeof moveServicesOf>;

/** Takes them from an application that has the ProfileDocumentModule. */
export function moveServicesOf(app: INestApplicationContext) {
  const anywhere = { strict: false };
  return {
    catalogue: app.get(FieldCatalogue, anywhere),
    logto: app.get(ManagementApiService, anywhere),
    rows: app.get(UserRowRepository, anywhere),
    userLeases: app.get(UserLeaseService, anywhere),
    sensitiveChanges: app.get(SensitiveChangesService, anywhere),
    stores: app.get(FieldStores, anywhere),
    writer: app.get(ChangeWriter, anywhere),
    cipher: app.get(FieldCipherService, anywhere),
  };
}

export interface MoveOptions {
  /** False: only counts the values. */
  readonly apply: boolean;
  /** The page of users to start with, from 1. */
  readonly fromPage?: number;
  readonly pageSize?: number;
  /** Stops after the current page. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: MoveProgress) => void;
}

export interface MoveProgress {
  readonly users: number;
  readonly total: number;
  /** Values moved, or to be moved if they are only counted. */
  readonly moved: number;
  /** Users whose value breaks the field's rules: it stays in the previous store, and is read there. */
  readonly invalid: readonly string[];
  /** Users whose value could not be moved in this run. */
  readonly failed: readonly string[];
  /** Users for whom Logto responds with an error. */
  readonly unreadable: number;
  /** The page to continue with. */
  readonly nextPage: number;
}

type Result = 'nothing' | 'moved' | 'invalid' | 'failed';

/**
 * Moves a field's values from its previous store to its current one, user by user, each as a change of that user. Can run while the
 * service is running, and can be stopped and run again: values that were moved are skipped.
 * @throws ConfigurationError if the field has no previous store; ProblemError if users cannot be listed
 */
export async function moveField(services: MoveServices, name: string, options: MoveOptions): Promise<MoveProgress> {
  const field = services.catalogue.fields.get(name);
  if (!field) throw new ConfigurationError([`The catalogue has no field ${name}.`]);
  if (!field.previously)
    throw new ConfigurationError([`The field ${name} has no previous store: set \`previously\` in the catalogue.`]);
  const { fromPage = 1, pageSize, signal, onProgress } = options;
  const moveValue = options.apply ? move : preview;

  let progress: MoveProgress = {
    users: 0,
    total: 0,
    moved: 0,
    invalid: [],
    failed: [],
    unreadable: 0,
    nextPage: fromPage,
  };
  for await (const { page, users, unreadable, total } of userPages(services.logto, fromPage, pageSize)) {
    const results = await mapConcurrently(
      users,
      CONCURRENCY,
      async (user) => [user.id, await settle(moveValue(services, field, user))] as const,
    );
    const usersWith = (wanted: Result) => results.filter(([, result]) => result === wanted).map(([id]) => id);
    progress = {
      users: progress.users + users.length + unreadable,
      total,
      moved: progress.moved + usersWith('moved').length,
      invalid: [...progress.invalid, ...usersWith('invalid')],
      failed: [...progress.failed, ...usersWith('failed')],
      unreadable: progress.unreadable + unreadable,
      nextPage: page + 1,
    };
    onProgress?.(progress);
    if (signal?.aborted) break;
  }
  return progress;
}

async function preview(services: MoveServices, field: CatalogueField, user: LogtoUser): Promise<Result> {
  const row = await services.rows.read(user.id);
  const state = services.stores.stateOf(user, row, await services.stores.load(user.id));
  const plan = await planMove(services, field, state);
  return typeof plan === 'string' ? plan : 'moved';
}

async function move(services: MoveServices, field: CatalogueField, user: LogtoUser): Promise<Result> {
  const expected = await preview(services, field, user);
  if (expected !== 'moved') return expected;
  return services.userLeases.withLeaseOf(user.id, (lease) => moveUnderLease(services, field, lease));
}

/** One user's failure does not stop the others; a user who was deleted in the meantime has nothing to move. */
const settle = (moved: Promise<Result>): Promise<Result> =>
  moved.catch((error: unknown) =>
    error instanceof ProblemError && error.code === 'account_not_found' ? 'nothing' : 'failed',
  );

async function moveUnderLease(services: MoveServices, field: CatalogueField, lease: UserLease): Promise<Result> {
  const { logto, stores, writer } = services;
  const user = await logto.getUser(lease.userId);
  const state = stores.stateOf(user, lease.row, await stores.load(user.id));
  const plan = await planMove(services, field, state);
  if (typeof plan === 'string') return plan;
  await writer.write(lease, { state, ...plan, record: {}, proofs: [] });
  return 'moved';
}

async function planMove(
  { catalogue, cipher, sensitiveChanges }: MoveServices,
  field: CatalogueField,
  state: UserState,
): Promise<StoreChanges | 'nothing' | 'invalid'> {
  if (!isInPreviousStore(field, state)) return 'nothing';
  // The field was written after the move began, so the previous store's value is out of date.
  if (field.store.read(field, state) !== undefined) return clearedPreviousStore(field, state);
  const stored = field.previously!.store.read(field, state)!;
  const owner = { userId: state.user.id, field: field.name };
  const value = stored instanceof EncryptedValue ? await cipher.decrypt(stored.jwe, owner) : stored;
  if (catalogue.validate({ [field.name]: value }).length > 0) return 'invalid';
  return valuesByStore(await sensitiveChanges.encrypt([{ field, value }], state.user.id), state);
}
