import { createHash } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { AppConfig } from '../../platform/config/app-config.js';
import { CircuitBreaker, CircuitOpenError } from '../../platform/resilience/circuit-breaker.js';
import { OutageLog } from '../../platform/resilience/outage-log.js';

const TIMEOUT_MS = 2_000;

/**
 * Looks up passwords from data breaches by a k-anonymity range query: only five of the forty digits of the SHA-1 are
 * sent, and `Add-Padding` hides the number of results. The protocol is that of Have I Been Pwned, which can also be
 * self-hosted.
 */
@Injectable()
export class BreachedPasswordsService {
  private readonly outages = new OutageLog(new Logger(BreachedPasswordsService.name), 'The breached-password service');
  private readonly breaker = new CircuitBreaker({ isFailure: (outcome) => 'error' in outcome });

  constructor(private readonly config: AppConfig) {}

  /** Returns false if no service is configured or if it is unavailable: an outage must not block password changes. */
  async has(password: string): Promise<boolean> {
    const url = this.config.breachedPasswordsUrl;
    if (url === undefined) return false;
    const digest = createHash('sha1').update(password).digest('hex').toUpperCase();
    try {
      const list = await this.breaker.run(() => fetchRange(`${url.replace(/\/$/, '')}/range/${digest.slice(0, 5)}`));
      this.outages.succeeded('range query');
      return listed(list, digest.slice(5));
    } catch (error) {
      if (!(error instanceof CircuitOpenError)) this.outages.failed('range query', (error as Error).message);
      return false;
    }
  }
}

async function fetchRange(url: string): Promise<string> {
  const response = await fetch(url, {
    headers: { 'Add-Padding': 'true' },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return response.text();
}

/** Whether lines of `suffix:count` contain the suffix; padding has a count of 0. */
const listed = (text: string, suffix: string): boolean =>
  text.split(/\r?\n/).some((line) => {
    const [each, count] = line.split(':');
    return each?.toUpperCase() === suffix && Number(count) > 0;
  });
