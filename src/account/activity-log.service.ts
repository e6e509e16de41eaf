import { Injectable } from '@nestjs/common';
import type { Caller } from '../auth/caller.js';
import { Clock } from '../config/clock.js';
import { Database } from '../database/database.js';
import { activity } from '../database/schema.js';

export type AccountAction = 'password_changed' | 'sessions_ended' | 'identity_removed' | 'factor_removed';

/** Records what a user did at Logto, for that user to read; what is changed in the profile is recorded with the change. */
@Injectable()
export class ActivityLog {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** `details` never hold a sensitive value. */
  async record({ userId, clientId }: Caller, action: AccountAction, details?: Record<string, string>): Promise<void> {
    await this.database.db
      .insert(activity)
      .values({ userId, clientId, action, details, at: new Date(this.clock.now()) });
  }
}
