import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { lt, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import { Clock } from '../config/clock.js';
import { PeriodicWorker } from '../periodic-worker.js';
import { Database } from './database.js';
import { codeRequest, currentCode, idempotencyKey, rateLimit, signInNonce, verificationRecord } from './schema.js';

const MINUTE_MS = 60_000;
const EVERY_MS = 5 * MINUTE_MS;
/** Expired rows are kept for this long, because clocks differ. */
const GRACE_MS = 10 * MINUTE_MS;
/** Rows deleted by one statement, so that no statement takes long. */
const BATCH = 1_000;

/** The columns with the time at which a row expires. The last one is in milliseconds since the epoch. */
const EXPIRIES: readonly PgColumn[] = [
  verificationRecord.expiresAt,
  codeRequest.expiresAt,
  currentCode.expiresAt,
  signInNonce.expiresAt,
  idempotencyKey.expiresAt,
  rateLimit.expire,
];

/** Deletes expired rows. Every replica does so; each skips rows that another one is deleting. */
@Injectable()
export class ExpiredRowsService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(ExpiredRowsService.name);
  private readonly worker = new PeriodicWorker({
    everyMs: EVERY_MS,
    run: (signal) => this.deleteExpired(signal),
    onError: ({ message }) => this.logger.warn(`Expired rows could not be deleted: ${message}`),
  });

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.worker.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.worker.stop();
  }

  /** @returns how many rows were deleted */
  async deleteExpired(signal?: AbortSignal): Promise<number> {
    const before = new Date(this.clock.now() - GRACE_MS);
    let deleted = 0;
    for (const column of EXPIRIES) {
      let batch: number;
      do {
        batch = await this.deleteBatch(column, before);
        deleted += batch;
      } while (batch === BATCH && !signal?.aborted);
    }
    return deleted;
  }

  private async deleteBatch(column: PgColumn, before: Date): Promise<number> {
    const { table } = column;
    const expired = lt(column, column === rateLimit.expire ? before.getTime() : before);
    const result = await this.database.db.execute(
      sql`delete from ${table} where ctid in
          (select ctid from ${table} where ${expired} limit ${BATCH} for update skip locked) returning 1`,
    );
    return (result as unknown as { rows: unknown[] }).rows.length;
  }
}
