import { Injectable, Logger } from '@nestjs/common';
import { AppConfig } from '../../platform/config/app-config.js';
import { RememberedCheck } from '../../platform/remembered-check.js';
import { fetchJson } from './fetch-json.js';

const EVERY_MS = 5 * 60_000;
const RETRY_MS = 2_000;

export type IssuerProblem = 'issuer_unverified' | 'issuer_mismatch';

/**
 * Checks that Logto calls itself what the configuration says, in its discovery document (OpenID Connect Discovery 1.0 section 4.3).
 * Otherwise, every access token would be rejected because of its issuer. Nothing else is read from that document.
 */
@Injectable()
export class IssuerCheckService {
  private readonly logger = new Logger(IssuerCheckService.name);
  private lastIssuer: unknown;
  private readonly remembered = new RememberedCheck<IssuerProblem>({
    run: () => this.compare(),
    initially: 'issuer_unverified',
    everyMs: EVERY_MS,
    retryMs: RETRY_MS,
  });

  constructor(private readonly config: AppConfig) {}

  /** Returns the problem, or undefined if there is none. Checks every 5 minutes, and every 2 s while there is a problem. */
  check(): Promise<IssuerProblem | undefined> {
    return this.remembered.check();
  }

  private async compare(): Promise<IssuerProblem | undefined> {
    const {
      logto: { issuer },
      upstream: { timeoutMs },
    } = this.config;
    const document = (await fetchJson(`${issuer}/.well-known/openid-configuration`, timeoutMs)) as {
      issuer?: unknown;
    } | null;
    const found = document?.issuer;
    if (found !== issuer && found !== this.lastIssuer) {
      this.logger.error(
        `Logto's issuer is ${JSON.stringify(found)}, but LOGTO_ENDPOINT makes this service expect "${issuer}": every token is rejected.`,
      );
    }
    this.lastIssuer = found;
    return found === issuer ? undefined : 'issuer_mismatch';
  }
}
