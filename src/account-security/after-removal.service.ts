import { Injectable } from '@nestjs/common';
import { AccountCopies } from '../account/account-copies.service.js';
import { ActivityLog } from '../account/activity-log.service.js';
import type { Caller } from '../auth/caller.js';

/** What follows once an identity is gone. */
@Injectable()
export class AfterRemoval {
  constructor(
    private readonly copies: AccountCopies,
    private readonly activity: ActivityLog,
  ) {}

  async settle(caller: Caller, target: string): Promise<void> {
    // Logto fires no webhook for this.
    await this.copies.invalidate(caller.userId);
    await this.activity.record(caller, 'identity_removed', { target });
  }
}
