import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { UserRowRepository } from '../users/user-row.repository.js';
import { UserLeaseService } from './user-lease.service.js';

const EVERY_MS = 30_000;
/** Users at a time, so that a large backlog does not keep Logto from everyone else. */
const BATCH = 50;

/** Makes good, now and then, what crashed writers left behind for users who do not come back by themselves. */
@Injectable()
export class RecoveryService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(RecoveryService.name);
  private timer?: NodeJS.Timeout;
  private sweeping: Promise<void> = Promise.resolve();

  constructor(
    private readonly rows: UserRowRepository,
    private readonly changes: UserLeaseService,
  ) {}

  onApplicationBootstrap(): void {
    const sweep = () => {
      this.sweeping = this.sweep().catch((error: Error) => {
        this.logger.warn(`Changes left behind could not be looked for: ${error.message}`);
      });
    };
    sweep();
    this.timer = setInterval(sweep, EVERY_MS).unref();
  }

  /** Before the database and the connections to Logto are closed. */
  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.sweeping;
  }

  /** One round. A change that cannot be made good now is left for the next. */
  async sweep(): Promise<void> {
    for (const userId of await this.rows.abandoned(BATCH)) {
      try {
        await this.changes.recover(userId);
      } catch (error) {
        this.logger.warn(`A change left behind could not be made good yet: ${(error as Error).message}`);
      }
    }
  }
}
