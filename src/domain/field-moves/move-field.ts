import type { INestApplicationContext } from '@nestjs/common';
import { UserRowRepository } from '../users/user-row.repository.js';
import { ConfigurationError } from '../../platform/config/environment-reader.js';
import { FieldCipherService } from '../fields/encryption/field-cipher.service.js';
import { ProblemError } from '../../platform/errors/problem-error.js';
import type { Json } from '../../platform/json/json.js';
import type { LogtoUser } from '../../platform/management-api/logto-user.js';
import { ManagementApiService } from '../../platform/management-api/management-api.service.js';
import type { CatalogueField } from '../fields/catalogue/catalogue-field.js';
import { FieldCatalogue } from '../fields/catalogue/field-catalogue.js';
import { planChanges, type ChangePlan } from '../profile-document/change-plan.js';
import { ChangePlanner } from '../profile-document/change-planner.service.js';
import { ChangeWriter } from '../changes/change-writer.js';
import type { UserLease } from '../changes/user-lease.js';
import { UserLeaseService } from '../changes/user-lease.service.js';
import { noLogtoValues } from '../changes/logto-values.js';
import { isSealed, storedIn, type UserState } from '../fields/user-state.js';
import { userPages } from './user-pages.js';

/** Users whose change is under way at once. */
const AT_ONCE = 8;

/** What moving works with. */
export type MoveParts = ReturnType<typeof movePartsOf>;

/** The same, from an application that has the ProfileDocumentModule. */
export function movePartsOf(app: INestApplicationContext) {
  const anywhere = { strict: false };
  return {
    catalogue: app.get(FieldCatalogue, anywhere),
    logto: app.get(ManagementApiService, anywhere),
    rows: app.get(UserRowRepository, anywhere),
    userLeases: app.get(UserLeaseService, anywhere),
    planner: app.get(ChangePlanner, anywhere),
    writer: app.get(ChangeWriter, anywhere),
    cipher: app.get(FieldCipherService, anywhere),
  };
}

export interface MoveOptions {
  /** False: only looks. */
  readonly apply: boolean;
  /** The page of users to begin with, from 1. */
  readonly fromPage?: number;
  readonly pageSize?: number;
  /** Stops it after the page under way. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: MoveProgress) => void;
}

export interface MoveProgress {
  readonly users: number;
  readonly total: number;
  /** Values moved; those that would be, when it only looks. */
  readonly moved: number;
  /** Users whose value breaks the field's rules: it is left, and read, where it is. */
  readonly unfit: readonly string[];
  /** Users for whom it did not work this time. */
  readonly failed: readonly string[];
  /** Users whom Logto cannot show. */
  readonly unreadable: number;
  /** Where to go on. */
  readonly nextPage: number;
}

type Verdict = 'nothing' | 'moved' | 'unfit' | 'failed';

/**
 * Moves a field's values from the store it was in to the one it is in, user by user, each as a change of that user. May
 * run beside the service, may be stopped, and may be run again: what was moved is passed by.
 * @throws ConfigurationError when the field is not being moved; ProblemError when users cannot be listed
 */
export async function moveField(parts: MoveParts, name: string, options: MoveOptions): Promise<MoveProgress> {
  const field = parts.catalogue.fields.get(name);
  if (!field) throw new ConfigurationError([`The catalogue has no field ${name}.`]);
  if (!field.previously)
    throw new ConfigurationError([`The catalogue does not say where ${name} was before (previously).`]);
  const { fromPage = 1, pageSize, signal, onProgress } = options;
  const judge = options.apply ? move : look;

  let progress: MoveProgress = {
    users: 0,
    total: 0,
    moved: 0,
    unfit: [],
    failed: [],
    unreadable: 0,
    nextPage: fromPage,
  };
  for await (const { page, users, unreadable, total } of userPages(parts.logto, fromPage, pageSize)) {
    const verdicts = await mapSome(
      users,
      async (user) => [user.id, await verdictOf(judge(parts, field, user))] as const,
    );
    const having = (wanted: Verdict) => verdicts.filter(([, verdict]) => verdict === wanted).map(([id]) => id);
    progress = {
      users: progress.users + users.length + unreadable,
      total,
      moved: progress.moved + having('moved').length,
      unfit: [...progress.unfit, ...having('unfit')],
      failed: [...progress.failed, ...having('failed')],
      unreadable: progress.unreadable + unreadable,
      nextPage: page + 1,
    };
    onProgress?.(progress);
    if (signal?.aborted) break;
  }
  return progress;
}

async function look(parts: MoveParts, field: CatalogueField, user: LogtoUser): Promise<Verdict> {
  const row = await parts.rows.read(user.id);
  const plan = await planMove(parts, field, { user, ...row });
  return typeof plan === 'string' ? plan : 'moved';
}

async function move(parts: MoveParts, field: CatalogueField, user: LogtoUser): Promise<Verdict> {
  const seen = await look(parts, field, user);
  return seen === 'moved'
    ? parts.userLeases.withLeaseOf(user.id, (lease) => moveUnderLease(parts, field, lease))
    : seen;
}

/** One user's failure does not stop the others; a user who was deleted in the meantime has nothing to move. */
const verdictOf = (judged: Promise<Verdict>): Promise<Verdict> =>
  judged.catch((error: unknown) =>
    error instanceof ProblemError && error.code === 'account_not_found' ? 'nothing' : 'failed',
  );

async function moveUnderLease(parts: MoveParts, field: CatalogueField, lease: UserLease): Promise<Verdict> {
  const user = await parts.logto.getUser(lease.userId);
  const plan = await planMove(parts, field, { user, ...lease.row });
  if (typeof plan === 'string') return plan;
  const row = { set: await parts.planner.toStored(user.id, plan.set), remove: plan.remove };
  await parts.writer.write(lease, { ...plan, row, user, proofs: [] });
  return 'moved';
}

async function planMove(
  { catalogue, cipher }: MoveParts,
  field: CatalogueField,
  state: UserState,
): Promise<ChangePlan | 'nothing' | 'unfit'> {
  const former = storedIn(field.previously!.store, field, state) ?? null;
  if (former === null) return 'nothing';
  // It was written since, so what is left in the old place counts no more.
  if (storedIn(field.store, field, state) !== undefined) return clearFormer(field, former as Json);
  const owner = { userId: state.user.id, field: field.name };
  const value = isSealed(former) ? await cipher.open(former.$sealed, owner) : former;
  if (catalogue.validate({ [field.name]: value }).length > 0) return 'unfit';
  return planChanges([{ field, value }], state);
}

function clearFormer({ name, previously, logtoPlace }: CatalogueField, former: Json): ChangePlan {
  const [logto, before] = [noLogtoValues(), noLogtoValues()];
  if (previously!.store === 'database') return { changes: [], logto, before, set: {}, remove: [name] };
  const place = previously!.store === 'customData' ? 'customData' : (logtoPlace ?? 'user');
  logto[place][name] = null;
  before[place][name] = former;
  return { changes: [], logto, before, set: {}, remove: [] };
}

/** A few at a time: enough to keep Logto busy, not so many that others wait. */
async function mapSome<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += AT_ONCE) {
    results.push(...(await Promise.all(items.slice(start, start + AT_ONCE).map(work))));
  }
  return results;
}
