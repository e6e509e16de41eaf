import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../platform/config/app-config.js';
import { ProblemError } from '../../platform/errors/problem-error.js';
import { UpstreamError } from '../../platform/management-api/upstream-error.js';
import { LimitStoreService } from './limit-store.service.js';
import type { WindowLimit } from './window-limit.js';

/** Limits how many codes are sent, and how many wrong codes are tried. */
@Injectable()
export class CodeLimitsService {
  private readonly sendsPerUser: WindowLimit;
  private readonly sendsPerRecipient: WindowLimit;
  private readonly sendsToOwn: WindowLimit;
  private readonly wrongPerUser: WindowLimit;
  private readonly wrongPerRecipient: WindowLimit;

  constructor(store: LimitStoreService, { limits }: AppConfig) {
    const sends = { seconds: 600, code: 'rate_limited' } as const;
    this.sendsPerUser = store.window({ ...sends, name: 'code-sends', points: limits.codeSendsPerUser });
    this.sendsPerRecipient = store.window({
      ...sends,
      name: 'code-sends-per-recipient',
      points: limits.codeSendsPerRecipient,
    });
    this.sendsToOwn = store.window({ ...sends, name: 'code-sends-to-own', points: limits.codeSendsPerRecipient });
    // Not per code: a new code would reset the limit. Per recipient too, because an attacker may have many accounts.
    const wrong = { seconds: 3600, code: 'too_many_attempts' } as const;
    this.wrongPerUser = store.window({ ...wrong, name: 'wrong-codes', points: limits.wrongCodesPerUser });
    this.wrongPerRecipient = store.window({
      ...wrong,
      name: 'wrong-codes-per-recipient',
      points: limits.wrongCodesPerRecipient,
    });
  }

  /**
   * Counts a send to any address. Throws `rate_limited`. Each sender has a budget per recipient, so that nobody can spend that of
   * another. Every send counts, because the counters must not reveal whether a message was sent.
   */
  async countSend(userId: string, addressHash: string): Promise<void> {
    await this.sendsPerUser.take(userId);
    try {
      await this.sendsPerRecipient.take(`${addressHash}:${userId}`);
    } catch (error) {
      await this.sendsPerUser.giveBack(userId);
      throw error;
    }
  }

  /**
   * Counts and runs a send to an address of the user's account, which has a budget of its own. Throws `rate_limited` without running
   * it. A send that never reached Logto, or for which Logto has no connector, does not count.
   */
  async sendToOwn(userId: string, send: () => Promise<void>): Promise<void> {
    await this.sendsToOwn.take(userId);
    try {
      await send();
    } catch (error) {
      if (isKnownNotSent(error)) await this.sendsToOwn.giveBack(userId);
      throw error;
    }
  }

  /**
   * Runs a check, and counts it if the code was wrong. Throws `too_many_attempts` without checking.
   * @param addressHash of an address that is not the user's own; a limit on the own address would let others lock its owner out
   */
  async attempt<T>(userId: string, addressHash: string | undefined, check: () => Promise<T>): Promise<T> {
    const limited =
      addressHash === undefined ? check : () => this.wrongPerRecipient.countFailures(addressHash, isWrongCode, check);
    return this.wrongPerUser.countFailures(userId, isWrongCode, limited);
  }
}

/** Whether a check failed because the code is wrong. */
export const isWrongCode = (error: unknown): boolean => error instanceof ProblemError && error.code === 'invalid_code';

const isKnownNotSent = (error: unknown): boolean =>
  error instanceof UpstreamError && (error.outcome === 'not_sent' || error.code === 'channel_not_configured');
