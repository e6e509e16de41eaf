import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../platform/config/app-config.js';
import type { Caller } from '../access/caller.js';
import { limitedAddress } from './caller-address.js';
import { LimitStoreService } from './limit-store.service.js';
import { PasswordLockService } from './password-lock.service.js';
import type { WindowLimit } from './window-limit.js';

/** The limits on guessing passwords. */
@Injectable()
export class PasswordLimitsService {
  private readonly perAddress: WindowLimit;
  private readonly proxyTrusted: boolean;

  constructor(
    store: LimitStoreService,
    private readonly lock: PasswordLockService,
    { limits, trustProxy }: AppConfig,
  ) {
    this.proxyTrusted = trustProxy !== false;
    this.perAddress = store.window({
      name: 'wrong-passwords-per-address',
      points: limits.passwordAttemptsPerAddress,
      seconds: 600,
      code: 'too_many_attempts',
    });
  }

  /**
   * Runs a password check and counts its result. A wrong password counts against the user and the caller's address. The
   * correct password resets the user's count. A check that threw (Logto is down, the queue is full) does not count.
   * Throws `too_many_attempts` without checking; an attempt while the user is locked does not count against the
   * address.
   */
  async attempt(caller: Caller, check: () => Promise<boolean>): Promise<boolean> {
    const started = await this.lock.begin(caller.userId);
    const address = limitedAddress(caller.ip, this.proxyTrusted);
    let counted = false;
    try {
      if (address !== undefined) await this.perAddress.take(address);
      counted = address !== undefined;
      const isCorrect = await check();
      if (isCorrect) {
        await this.lock.succeed(caller.userId);
        if (counted) await this.perAddress.giveBack(address!);
      }
      return isCorrect;
    } catch (error) {
      await this.lock.undo(started);
      if (counted) await this.perAddress.giveBack(address!);
      throw error;
    }
  }
}
