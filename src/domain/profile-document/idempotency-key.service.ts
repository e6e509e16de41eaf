import { createHmac } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { and, eq, gt } from 'drizzle-orm';
import type { RowChange } from '../changes/user-lease.repository.js';
import { AppConfig } from '../../platform/config/app-config.js';
import { Clock } from '../../platform/config/clock.js';
import { derivedKey } from '../../platform/config/derived-key.js';
import { Database } from '../../platform/database/database.js';
import { idempotencyKey as table } from '../../platform/database/schema.js';
import { ProblemError } from '../../platform/errors/problem-error.js';
import { inOrder, type JsonObject } from '../../platform/json/json.js';

const LIFETIME_MS = 24 * 3_600_000;
const MAX_LENGTH = 255;

export type KeyUse = 'unused' | 'same' | 'other';

/**
 * `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a change that is sent again is not made again. The patch is stored as a
 * keyed hash, so that its content cannot be guessed from a dump of the database.
 */
@Injectable()
export class IdempotencyKeyService {
  private readonly secret: Buffer;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    config: AppConfig,
  ) {
    this.secret = derivedKey(config, 'idempotency-key');
  }

  /** Throws `validation_failed` if the key is empty or too long. */
  check(key: string): void {
    if (key.length > 0 && key.length <= MAX_LENGTH) return;
    throw new ProblemError('validation_failed', {
      errors: [{ pointer: 'header:Idempotency-Key', code: 'invalid_length', params: { min: 1, max: MAX_LENGTH } }],
    });
  }

  /** Whether the key was used before: for the `same` change or for an `other` one. */
  async findUse(userId: string, key: string, patch: JsonObject): Promise<KeyUse> {
    const [found] = await this.database.db
      .select({ requestHash: table.requestHash })
      .from(table)
      .where(and(eq(table.userId, userId), eq(table.key, key), gt(table.expiresAt, new Date(this.clock.now()))));
    if (!found) return 'unused';
    return found.requestHash === this.hash(patch) ? 'same' : 'other';
  }

  /** The record to store together with the change. */
  entry(key: string, patch: JsonObject): NonNullable<RowChange['idempotency']> {
    const expiresAt = new Date(this.clock.now() + LIFETIME_MS).toISOString();
    return { key, requestHash: this.hash(patch), expiresAt };
  }

  private hash(patch: JsonObject): string {
    return createHmac('sha256', this.secret)
      .update(JSON.stringify(inOrder(patch)))
      .digest('base64url');
  }
}
