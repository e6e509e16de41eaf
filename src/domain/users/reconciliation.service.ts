import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { AppConfig } from '../../platform/config/app-config.js';
import { Clock } from '../../platform/config/clock.js';
import { describeError } from '../../platform/errors/describe-error.js';
import { ProblemError } from '../../platform/errors/problem-error.js';
import { ManagementApiService } from '../../platform/management-api/management-api.service.js';
import { mapConcurrently } from '../../platform/map-concurrently.js';
import { PeriodicWorker } from '../../platform/periodic-worker.js';
import { LogtoUserCache } from './logto-user-cache.js';
import { MissingUserRepository, type KnownUser } from './missing-user.repository.js';
import { userPages } from './user-pages.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Calls to Logto at the same time: few enough not to delay requests. */
const CONCURRENCY = 4;
/** The pause between two pages in the background. */
const BACKGROUND_PAUSE_MS = 500;
/** The most users that a run marks without confirmation; it is also at most one in a hundred. */
const MAX_UNCONFIRMED = 50;

export interface ReconciliationOptions {
  /** The largest number of users that may be marked as missing; by default a small share of all. */
  readonly confirm?: number;
  /** Between two pages of Logto's users, in milliseconds. */
  readonly pauseMs?: number;
  /** Stops before anything is changed, or between two users that are erased. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface ReconciliationResult {
  /** Users in this database. */
  readonly known: number;
  /** Users that Logto did not know for the first time in this run. */
  readonly newlyMissing: number;
  /** Marked as missing in this run. None if there were too many; `limit` then says how many are allowed. */
  readonly marked: number;
  readonly limit: number;
  /** Found at Logto again, and no longer marked. */
  readonly restored: number;
  /** Erased, because they have been missing for long enough. */
  readonly erased: number;
  /** Users for whom Logto responded with an error, which proves nothing. */
  readonly unclear: number;
}

/**
 * Finds users that Logto has deleted although no webhook said so: Logto sends each webhook once. A user is first marked, and erased
 * only if Logto still does not know them `ERASE_AFTER_DAYS` later. If suspiciously many are missing, nothing is changed.
 */
@Injectable()
export class ReconciliationService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(ReconciliationService.name);
  private readonly stopping = new AbortController();
  private readonly worker = new PeriodicWorker({
    everyMs: HOUR_MS,
    run: () => this.runIfDue(),
    onError: (error) => this.logger.warn(`Users could not be reconciled with Logto: ${describeError(error)}`),
  });

  constructor(
    private readonly users: MissingUserRepository,
    private readonly logto: ManagementApiService,
    private readonly cache: LogtoUserCache,
    private readonly clock: Clock,
    private readonly config: AppConfig,
  ) {}

  onApplicationBootstrap(): void {
    this.worker.start();
  }

  onModuleDestroy(): Promise<void> {
    this.stopping.abort();
    return this.worker.stop();
  }

  /** The background job: once a day, on one replica. */
  async runIfDue(): Promise<void> {
    if (!(await this.users.claimRun('reconciliation', new Date(this.clock.now()), DAY_MS))) return;
    const result = await this.run({ pauseMs: BACKGROUND_PAUSE_MS, signal: this.stopping.signal });
    if (result.newlyMissing > result.limit) {
      this.logger.warn(
        `Logto does not know ${result.newlyMissing} of ${result.known} users, which is more than a run may mark. Check that the ` +
          `tenant is the right one, then run users:reconcile -- --confirm ${result.newlyMissing}.`,
      );
    }
  }

  /**
   * Handles a deletion that a webhook reported: erases the user if Logto does not know them. If Logto cannot be called, the user is
   * marked, and erased by a later run.
   */
  async confirmDeletion(userId: string): Promise<void> {
    const state = await this.lookUp(userId);
    if (state === 'missing') return this.cache.erase(userId);
    await this.cache.invalidate(userId);
    if (state === 'unclear') await this.users.mark([userId], new Date(this.clock.now()));
  }

  /** One run. @throws ProblemError if Logto's users cannot be listed */
  async run({ confirm, pauseMs = 0, signal, onProgress }: ReconciliationOptions = {}): Promise<ReconciliationResult> {
    const listed = await this.listUsers(pauseMs, signal, onProgress);
    let known = 0;
    const candidates: KnownUser[] = [];
    const found: string[] = [];
    for await (const page of this.users.pages()) {
      known += page.length;
      for (const user of page) {
        if (!listed.has(user.userId)) candidates.push(user);
        else if (user.missingSince) found.push(user.userId);
      }
    }

    // A user that moved between two pages while they were listed is missing in the list, but not at Logto.
    const missing: KnownUser[] = [];
    let unclear = 0;
    await mapConcurrently(candidates, CONCURRENCY, async (user) => {
      signal?.throwIfAborted();
      const state = await this.lookUp(user.userId);
      if (state === 'missing') missing.push(user);
      else if (state === 'unclear') unclear += 1;
      else if (user.missingSince) found.push(user.userId);
    });
    await this.users.unmark(found);

    const newlyMissing = missing.filter(({ missingSince }) => !missingSince).map(({ userId }) => userId);
    const limit = confirm ?? Math.min(MAX_UNCONFIRMED, Math.max(1, Math.floor(known / 100)));
    const result = { known, newlyMissing: newlyMissing.length, limit, restored: found.length, unclear };
    if (newlyMissing.length > limit) return { ...result, marked: 0, erased: 0 };

    await this.users.mark(newlyMissing, new Date(this.clock.now()));
    const eraseBefore = this.clock.now() - this.config.eraseAfterDays * DAY_MS;
    const due = missing.filter(({ missingSince }) => missingSince && missingSince.getTime() <= eraseBefore);
    let erased = 0;
    for (const { userId } of due) {
      if (signal?.aborted) break;
      await this.cache.erase(userId);
      erased += 1;
    }
    return { ...result, marked: newlyMissing.length, erased };
  }

  private async listUsers(
    pauseMs: number,
    signal: AbortSignal | undefined,
    onProgress: ReconciliationOptions['onProgress'],
  ): Promise<Set<string>> {
    const listed = new Set<string>();
    let done = 0;
    for await (const { users, unreadable, total } of userPages(this.logto)) {
      signal?.throwIfAborted();
      for (const { id } of users) listed.add(id);
      done += users.length + unreadable;
      onProgress?.(done, total);
      if (pauseMs > 0) await delay(pauseMs, undefined, { signal, ref: false });
    }
    return listed;
  }

  private async lookUp(userId: string): Promise<'found' | 'missing' | 'unclear'> {
    try {
      await this.logto.getUser(userId, { unattended: true });
      return 'found';
    } catch (error) {
      return error instanceof ProblemError && error.code === 'account_not_found' ? 'missing' : 'unclear';
    }
  }
}
