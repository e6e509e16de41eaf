import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { ProblemError } from '../../platform/errors/problem-error.js';
import type { LogtoUser } from '../../platform/management-api/logto-user.js';
import type { Caller } from '../access/caller.js';
import { checkNotRevoked } from '../access/revocation.service.js';
import { FieldStores } from '../fields/stores/field-stores.js';
import type { UserState } from '../fields/user-state.js';
import { LogtoUserService, type PendingRead } from '../users/logto-user.service.js';
import { ChangeWriter } from './change-writer.js';
import { CrashPoints } from './crash-points.js';
import { LeaseTiming } from './lease-timing.js';
import { UserLease } from './user-lease.js';
import { UserLeaseRepository } from './user-lease.repository.js';
import { leaseUnavailable, UserQueue } from './user-queue.js';

/** The longest pause between two attempts to acquire a lease that another replica holds, in milliseconds. */
const MAX_PAUSE_MS = 100;

/**
 * Serializes the changes of one user: in this process by a queue, across replicas by the lease in the user's row. The next holder of
 * the lease first resumes a change that an earlier one abandoned.
 */
@Injectable()
export class UserLeaseService {
  private readonly logger = new Logger(UserLeaseService.name);
  private readonly queue = new UserQueue();

  constructor(
    private readonly leases: UserLeaseRepository,
    private readonly users: LogtoUserService,
    private readonly stores: FieldStores,
    private readonly writer: ChangeWriter,
    private readonly timing: LeaseTiming,
    private readonly crashPoints: CrashPoints,
  ) {}

  /**
   * Runs `work` under the caller's lease, with the current state of all stores. Calls Logto while the lease is being acquired, and again
   * if that was too early.
   * @param options `acceptCached`: the work needs only the status of the account, so a cached user is good enough, and any that is known
   *   if Logto is unavailable
   * @throws ProblemError `overloaded` if the lease cannot be acquired in time, `invalid_token` if the caller's token was revoked
   *   while it waited, what LogtoUserService throws, and what `work` throws
   */
  withLease<T>(
    caller: Caller,
    work: (lease: UserLease, state: UserState) => Promise<T>,
    { acceptCached = false }: { readonly acceptCached?: boolean } = {},
  ): Promise<T> {
    const { userId } = caller;
    return this.enqueue(userId, (giveUpAt) => {
      const read = acceptCached && this.users.mayBeCached(userId) ? undefined : this.users.startRead(userId);
      return this.hold(userId, giveUpAt, async (lease) => {
        checkNotRevoked(caller, lease.row);
        const reading = this.readUser(lease, read, acceptCached);
        const [user, loaded] = await Promise.all([reading, this.stores.load(userId)]);
        await this.crashPoints.hit('userRead', userId);
        return work(lease, this.stores.stateOf(user, lease.row, loaded));
      });
    });
  }

  private async readUser(
    { userId, row }: UserLease,
    read: PendingRead | undefined,
    acceptCached: boolean,
  ): Promise<LogtoUser> {
    // An earlier read may not include a change that the row already shows.
    const current = read && read.startedAt > row.unchangedSince ? read : undefined;
    const cached = acceptCached && !current ? this.users.findCached(row, userId) : undefined;
    if (cached) return cached;
    try {
      return await this.users.awaitUser(current ?? this.users.startRead(userId));
    } catch (error) {
      const stale = acceptCached ? this.users.findStale(userId, row, error) : undefined;
      if (!stale) throw error;
      return stale.user;
    }
  }

  /** As `withLease`, for work without a caller: recovery and operators' commands. Does not call Logto. */
  withLeaseOf<T>(userId: string, work: (lease: UserLease) => Promise<T>): Promise<T> {
    return this.enqueue(userId, (giveUpAt) => this.hold(userId, giveUpAt, work));
  }

  private enqueue<T>(userId: string, task: (giveUpAt: number) => Promise<T>): Promise<T> {
    const { patienceMs } = this.timing;
    const giveUpAt = performance.now() + patienceMs;
    return this.queue.run(userId, patienceMs, () => task(giveUpAt));
  }

  /** Acquires the lease, and first resumes a pending change that was abandoned. */
  private async hold<T>(userId: string, giveUpAt: number, work: (lease: UserLease) => Promise<T>): Promise<T> {
    for (;;) {
      const lease = await this.acquire(userId, giveUpAt);
      const { pending } = lease;
      if (!pending) return this.use(lease, work);
      await this.use(lease, () => this.writer.resume(lease, pending));
    }
  }

  private async use<T>(lease: UserLease, work: (lease: UserLease) => Promise<T>): Promise<T> {
    const close = () =>
      lease.close().catch((error: Error) => {
        this.logger.warn(`A lease was not released, and will expire: ${error.message}`);
      });
    try {
      await this.crashPoints.hit('leaseAcquired', lease.userId);
      const result = await work(lease);
      await close();
      return result;
    } catch (error) {
      const closed = close();
      // A database that does not respond would delay the response once more.
      if (!isDatabaseFailure(error)) await closed;
      throw error;
    }
  }

  private async acquire(userId: string, giveUpAt: number): Promise<UserLease> {
    const id = randomUUID();
    for (let pause = 5; ; pause = Math.min(pause * 1.5, MAX_PAUSE_MS)) {
      const now = performance.now();
      const row = await this.leases.acquire(userId, id, this.timing.leaseMs);
      if (row) return new UserLease(this.leases, this.timing, userId, id, row, now);
      if (now >= giveUpAt) throw leaseUnavailable();
      // A random pause keeps two replicas from retrying in step.
      await delay(pause * (0.5 + Math.random()));
    }
  }
}

const isDatabaseFailure = (error: unknown): boolean =>
  error instanceof ProblemError && error.code === 'database_unavailable';
