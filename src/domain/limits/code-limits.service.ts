import { createHash } from 'node:crypto';
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
   * Counts and runs a send. Throws `rate_limited` without running it. `recipient` is an address key. A send that never
   * reached Logto, or that Logto could not deliver, does not count.
   */
  async send(userId: string, recipient: string, send: () => Promise<void>): Promise<void> {
    const recipientKey = hash(recipient);
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
   * Runs a check, and counts it if the code was wrong. Throws `too_many_attempts` without checking.
   * @param recipient the key of an address that is not the user's own; a limit on the own address would let others lock its
   *   owner out
   */
  async attempt<T>(userId: string, recipient: string | undefined, check: () => Promise<T>): Promise<T> {
    const limited =
      recipient === undefined ? check : () => this.wrongPerRecipient.countFailures(hash(recipient), isWrongCode, check);
    return this.wrongPerUser.countFailures(userId, isWrongCode, limited);
  }
}

const isWrongCode = (error: unknown): boolean => error instanceof ProblemError && error.code === 'invalid_code';

/** The counters contain no addresses. */
const hash = (recipient: string): string => createHash('sha256').update(recipient).digest('base64url');

const isKnownNotSent = (error: unknown): boolean =>
  error instanceof UpstreamError && (error.outcome === 'not_sent' || error.code === 'channel_not_configured');
