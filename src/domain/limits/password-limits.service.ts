import { Injectable } from '@nestjs/common';
import type { Caller } from '../access/caller.js';
import { AppConfig } from '../../platform/config/app-config.js';
import { limitedAddress } from './caller-address.js';
import { LimitStoreService } from './limit-store.service.js';
import { PasswordLockService } from './password-lock.service.js';
import type { WindowLimit } from './window-limit.js';

/** What stands between a caller and guessing passwords. */
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
   * Runs a password check and counts its outcome: wrong counts against the user and the caller's address, right resets the
   * user's count, and a check that threw (Logto away, queue full) compared nothing. Throws too_many_attempts without
   * checking. An attempt that the user's lock rejects does not count against the address.
   */
  async attempt(caller: Caller, check: () => Promise<boolean>): Promise<boolean> {
    const started = await this.lock.begin(caller.userId);
    const address = limitedAddress(caller.ip, this.proxyTrusted);
    let counted = false;
    try {
      if (address !== undefined) await this.perAddress.take(address);
      counted = address !== undefined;
      const right = await check();
      if (right) {
        await this.lock.succeed(caller.userId);
        if (counted) await this.perAddress.giveBack(address!);
      }
      return right;
    } catch (error) {
      await this.lock.undo(started);
      if (counted) await this.perAddress.giveBack(address!);
      throw error;
    }
  }
}
