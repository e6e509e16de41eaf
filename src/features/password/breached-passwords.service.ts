import { createHash } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { AppConfig } from '../../platform/config/app-config.js';
import { describeError } from '../../platform/errors/describe-error.js';

const TIMEOUT_MS = 2_000;

/**
 * Looks up passwords from data breaches by a k-anonymity range query: only five of the forty digits of the SHA-1 are
 * sent, and `Add-Padding` hides the number of results. The protocol is that of Have I Been Pwned, which can also be
 * self-hosted.
 */
@Injectable()
export class BreachedPasswordsService {
  private readonly logger = new Logger(BreachedPasswordsService.name);

  constructor(private readonly config: AppConfig) {}

  /** Returns false if no service is configured or if it is unavailable: an outage must not block password changes. */
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

/** Whether lines of `suffix:count` contain the suffix; padding has a count of 0. */
const listed = (text: string, suffix: string): boolean =>
  text.split(/\r?\n/).some((line) => {
    const [each, count] = line.split(':');
    return each?.toUpperCase() === suffix && Number(count) > 0;
  });
