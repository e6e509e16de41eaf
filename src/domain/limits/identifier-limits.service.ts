import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../platform/config/app-config.js';
import { ProblemError } from '../../platform/errors/problem-error.js';
import { LimitStoreService } from './limit-store.service.js';
import type { WindowLimit } from './window-limit.js';

/** Limits how often a user can find out that an identifier is taken. */
@Injectable()
export class IdentifierLimitsService {
  private readonly takenPerUser: WindowLimit;

  constructor(store: LimitStoreService, { limits }: AppConfig) {
    this.takenPerUser = store.window({
      name: 'taken-identifiers',
      points: limits.takenIdentifiersPerUser,
      seconds: 3600,
      code: 'too_many_attempts',
    });
  }

  /**
   * Runs a change of identifiers, and counts it if one of them is taken. Throws `too_many_attempts` without running it.
   */
  attempt<T>(userId: string, change: () => Promise<T>): Promise<T> {
    return this.takenPerUser.countFailures(userId, isTaken, change);
  }
}

const isTaken = (error: unknown): boolean => error instanceof ProblemError && error.code === 'identifier_taken';
