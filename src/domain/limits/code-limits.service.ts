import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../platform/config/app-config.js';
import { UpstreamError } from '../../platform/management-api/upstream-error.js';
import { LimitStoreService } from './limit-store.service.js';
import type { WindowLimit } from './window-limit.js';

/** Limits how many codes are sent, and how many wrong codes are tried. */
@Injectable()
export class CodeLimitsService {
  private readonly sendsPerUser: WindowLimit;
  private readonly sendsPerRecipient: WindowLimit;
  private readonly wrongPerUser: WindowLimit;

  constructor(store: LimitStoreService, { limits }: AppConfig) {
    const sends = { seconds: 600, code: 'rate_limited' } as const;
    this.sendsPerUser = store.window({ ...sends, name: 'code-sends', points: limits.codeSendsPerUser });
    this.sendsPerRecipient = store.window({
      ...sends,
      name: 'code-sends-per-recipient',
      points: limits.codeSendsPerRecipient,
    });
    // Per user, not per code: a new code would reset a limit per code.
    this.wrongPerUser = store.window({
      name: 'wrong-codes',
      points: limits.wrongCodesPerUser,
      seconds: 3600,
      code: 'too_many_attempts',
    });
  }

  /**
   * Counts and runs a send. Throws `rate_limited` without running it. `recipient` is an address key. A send that never
   * reached Logto, or that Logto could not deliver, does not count.
   */
  async send(userId: string, recipient: string, send: () => Promise<void>): Promise<void> {
    // Hashed, so that the counters contain no addresses.
    const recipientKey = createHash('sha256').update(recipient).digest('base64url');
    await this.sendsPerUser.take(userId);
    let counted = false;
    try {
      await this.sendsPerRecipient.take(recipientKey);
      counted = true;
      await send();
    } catch (error) {
      if (counted && !isKnownNotSent(error)) throw error;
      await this.sendsPerUser.giveBack(userId);
      if (counted) await this.sendsPerRecipient.giveBack(recipientKey);
      throw error;
    }
  }

  /**
   * Runs a check, and counts it if Logto compared the code and it was wrong. Throws `too_many_attempts` without
   * checking.
   */
  async attempt<T>(userId: string, check: () => Promise<T>): Promise<T> {
    await this.wrongPerUser.take(userId);
    let wrong = false;
    try {
      return await check();
    } catch (error) {
      wrong = error instanceof UpstreamError && error.code === 'invalid_code';
      throw error;
    } finally {
      if (!wrong) await this.wrongPerUser.giveBack(userId);
    }
  }
}

const isKnownNotSent = (error: unknown): boolean =>
  error instanceof UpstreamError && (error.outcome === 'not_sent' || error.code === 'channel_not_configured');
