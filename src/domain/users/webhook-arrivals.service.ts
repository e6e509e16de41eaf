import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { sql } from 'drizzle-orm';
import { AppConfig } from '../../platform/config/app-config.js';
import { Clock } from '../../platform/config/clock.js';
import { Database } from '../../platform/database/database.js';
import { describeError } from '../../platform/errors/describe-error.js';
import { PeriodicWorker } from '../../platform/periodic-worker.js';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/**
 * Knows whether Logto's webhooks arrive, on any replica. A configured key alone does not say so: the webhook may be missing in Logto,
 * have another key, or not reach the service. Without webhooks, cached users are valid only for a short time.
 */
@Injectable()
export class WebhookArrivalsService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(WebhookArrivalsService.name);
  /** When the last valid webhook arrived, in milliseconds since the epoch. */
  private lastAt = -Infinity;
  private recordedAt = -Infinity;
  private hasWarned = false;
  private readonly worker = new PeriodicWorker({
    everyMs: MINUTE_MS,
    run: () => this.refresh(),
    onError: (error) => this.logger.warn(`The arrival of webhooks could not be read: ${describeError(error)}`),
  });

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly config: AppConfig,
  ) {}

  onApplicationBootstrap(): void {
    if (this.config.webhookSigningKey !== undefined) this.worker.start({ immediately: true });
  }

  onModuleDestroy(): Promise<void> {
    return this.worker.stop();
  }

  /** Whether a valid webhook arrived within the last day. */
  get areArriving(): boolean {
    return this.clock.now() - this.lastAt < DAY_MS;
  }

  /** Records the arrival of a valid webhook, at most once a minute in the database. */
  async record(): Promise<void> {
    const now = this.clock.now();
    this.lastAt = now;
    if (now - this.recordedAt < MINUTE_MS) return;
    this.recordedAt = now;
    await this.database.db.execute(
      sql`insert into logto_profile.webhook_arrival (last_at) values (to_timestamp(${now / 1000}::float8))
          on conflict (singleton) do update set last_at = greatest(webhook_arrival.last_at, excluded.last_at)`,
    );
  }

  /** Reads what other replicas recorded. Warns once while no webhook arrives. */
  async refresh(): Promise<void> {
    const { rows } = await this.database.query({
      text: `select extract(epoch from last_at)::float8 * 1000 as "lastAt" from logto_profile.webhook_arrival`,
    });
    this.lastAt = Math.max(this.lastAt, Number(rows[0]?.['lastAt'] ?? -Infinity));
    if (this.areArriving) this.hasWarned = false;
    else if (!this.hasWarned) {
      this.hasWarned = true;
      const age = this.config.cacheMaxAgeMs / 1000;
      this.logger.warn(
        `LOGTO_WEBHOOK_SIGNING_KEY is set, but no webhook arrived within the last day: cached users are valid for ${age} s only.`,
      );
    }
  }
}
