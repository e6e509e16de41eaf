import { createHash } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { AppConfig } from '../../platform/config/app-config.js';
import { describeError } from '../../platform/errors/describe-error.js';

const TIMEOUT_MS = 2_000;

/**
 * Passwords known from data breaches, asked by k-anonymity range query: five of forty digits of the SHA-1 leave this
 * process, and `Add-Padding` hides even how many results there were. The protocol of Have I Been Pwned, which can be
 * served at home as well.
 */
@Injectable()
export class BreachedPasswordsService {
  private readonly logger = new Logger(BreachedPasswordsService.name);

  constructor(private readonly config: AppConfig) {}

  /** Also false if no service is configured or it does not respond: its outage never blocks a change. */
  async has(password: string): Promise<boolean> {
    const url = this.config.breachedPasswordsUrl;
    if (url === undefined) return false;
    const digest = createHash('sha1').update(password).digest('hex').toUpperCase();
    try {
      const response = await fetch(`${url.replace(/\/$/, '')}/range/${digest.slice(0, 5)}`, {
        headers: { 'Add-Padding': 'true' },
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      if (!response.ok) throw new Error(`HTTP ${response.status}`);
      return listed(await response.text(), digest.slice(5));
    } catch (error) {
      this.logger.warn(`The breached-password service does not respond. ${describeError(error)}`);
      return false;
    }
  }
}

/** Lines of `suffix:count`; padding has a count of 0. */
const listed = (text: string, suffix: string): boolean =>
  text.split(/\r?\n/).some((line) => {
    const [each, times] = line.split(':');
    return each?.toUpperCase() === suffix && Number(times) > 0;
  });
