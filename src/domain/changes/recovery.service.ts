import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { ProblemError } from '../../platform/errors/problem-error.js';
import { PeriodicWorker } from '../../platform/periodic-worker.js';
import { UserLeaseRepository } from './user-lease.repository.js';
import { UserLeaseService } from './user-lease.service.js';

const EVERY_MS = 10_000;
/** Users in one round, so that a large backlog does not keep Logto from everyone else. */
const BATCH = 50;

/** Finishes pending changes whose writer crashed: of one user on demand, and of all users by a background job. */
@Injectable()
export class RecoveryService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(RecoveryService.name);
  private readonly worker = new PeriodicWorker({
    everyMs: EVERY_MS,
    run: (signal) => this.recoverAbandoned(signal),
    onError: ({ message }) => this.logger.warn(`Abandoned changes could not be looked up: ${message}`),
  });

  constructor(
    private readonly leases: UserLeaseRepository,
    private readonly userLeases: UserLeaseService,
  ) {}

  onApplicationBootstrap(): void {
    this.worker.start({ immediately: true });
  }

  /** Before the database and the connections to Logto are closed. */
  onModuleDestroy(): Promise<void> {
    return this.worker.stop();
  }

  /**
   * Resumes the user's pending change, if any; drops that of a user who no longer exists. False if that is not possible now; a later
   * attempt may succeed.
   */
  async recover(userId: string): Promise<boolean> {
    try {
      // Acquiring the lease resumes the change.
      await this.userLeases.withLeaseOf(userId, () => Promise.resolve());
      return true;
    } catch (error) {
      if (error instanceof ProblemError && error.code === 'account_not_found') return true;
      this.logger.warn(`A pending change could not be resumed yet: ${(error as Error).message}`);
      return false;
    }
  }

  /** One round of the background job. */
  async recoverAbandoned(signal?: AbortSignal): Promise<void> {
    for (const userId of await this.leases.findAbandoned(BATCH)) {
      if (signal?.aborted) return;
      await this.recover(userId);
    }
  }
}
