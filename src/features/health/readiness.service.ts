import { Injectable, Logger } from '@nestjs/common';
import { IssuerCheckService } from '../../domain/access/issuer-check.service.js';
import { SigningKeys } from '../../domain/access/signing-keys.js';
import { DatabaseHealthService } from '../../platform/database/database-health.service.js';
import { ShutdownService } from '../../platform/http/shutdown.service.js';
import { MachineTokenService } from '../../platform/management-api/machine-token.service.js';
import { RememberedCheck } from '../../platform/remembered-check.js';

/** Why the service is not ready, by the stable code of each reason. */
export const REASONS = {
  shutting_down: 'The service is shutting down.',
  signing_keys_missing: "Logto's signing keys have not been fetched yet.",
  issuer_unverified: "Logto's discovery document has not been fetched yet.",
  issuer_mismatch: "The issuer in Logto's discovery document is not the configured one: check LOGTO_ENDPOINT.",
  machine_token_missing: 'Logto has not issued a machine token yet.',
  machine_credentials_rejected:
    'Logto rejects the machine credentials: check LOGTO_M2M_APP_ID, LOGTO_M2M_APP_SECRET and LOGTO_MANAGEMENT_API_RESOURCE.',
  machine_scope_missing:
    'The machine token lacks the scope "all": give the machine-to-machine application a role with this scope.',
  database_unavailable: 'The database does not respond.',
  database_read_only: 'The database is read-only.',
  database_full: 'The disk of the database is full.',
  database_not_migrated: 'The tables of the service are missing or outdated: restart the service to migrate them.',
  check_too_slow: 'The checks took too long: the process is overloaded or was paused.',
} as const;

export type Reason = keyof typeof REASONS;

/** How long a result is used for further probes, since its check started. */
const REUSED_MS = 1_000;
/** How long each check may take. The whole probe then takes less than a second. */
const DEADLINE_MS = 900;
/** A result that is older when it is complete is not used. */
const MAX_AGE_MS = 2_000;
const TOKEN_CHECK_MS = 2_000;

/**
 * Finds out whether the next request would succeed. Concurrent probes share one check. An outage of Logto does not make the service
 * unready: its replicas would all become unready together.
 */
@Injectable()
export class ReadinessService {
  private readonly logger = new Logger(ReadinessService.name);
  private readonly token = new RememberedCheck<Reason>({
    run: () => this.tokens.findProblem(),
    initially: 'machine_token_missing',
    everyMs: TOKEN_CHECK_MS,
    retryMs: TOKEN_CHECK_MS,
  });
  private running?: Promise<readonly Reason[]>;
  private last?: { readonly startedAt: number; readonly reasons: readonly Reason[] };
  private loggedReasons = '';

  constructor(
    private readonly keys: SigningKeys,
    private readonly issuer: IssuerCheckService,
    private readonly tokens: MachineTokenService,
    private readonly database: DatabaseHealthService,
    private readonly shutdown: ShutdownService,
  ) {}

  /** Returns why the service is not ready; nothing if it is. Takes less than a second, and the result is at most 2 s old. */
  async findReasons(): Promise<readonly Reason[]> {
    if (this.shutdown.hasStarted) return ['shutting_down'];
    if (this.last && performance.now() - this.last.startedAt < REUSED_MS) return this.last.reasons;
    this.running ??= this.checkAll().finally(() => (this.running = undefined));
    return this.running;
  }

  private async checkAll(): Promise<readonly Reason[]> {
    const startedAt = performance.now();
    const found = await Promise.all([
      this.keys.seen ? undefined : 'signing_keys_missing',
      withDeadline(this.issuer.check(), 'issuer_unverified'),
      withDeadline(this.token.check(), 'machine_token_missing'),
      withDeadline(this.database.check(), 'database_unavailable'),
    ] as const);
    const reasons: Reason[] = found.filter((reason) => reason !== undefined);
    if (performance.now() - startedAt > MAX_AGE_MS) reasons.push('check_too_slow');
    this.last = { startedAt, reasons };
    this.log(reasons.join(', '));
    return reasons;
  }

  private log(reasons: string): void {
    if (reasons === this.loggedReasons) return;
    this.loggedReasons = reasons;
    if (reasons === '') this.logger.log('Ready.');
    else this.logger.warn(`Not ready: ${reasons}.`);
  }
}

/** Resolves with the result of a check, or with a reason once the check has taken too long. */
async function withDeadline(check: Promise<Reason | undefined>, late: Reason): Promise<Reason | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<Reason>((resolve) => (timer = setTimeout(resolve, DEADLINE_MS, late)));
  try {
    return await Promise.race([check, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
