import { Injectable } from '@nestjs/common';
import DataLoader from 'dataloader';
import { sql } from 'drizzle-orm';
import { LRUCache } from 'lru-cache';
import { Database } from '../../platform/database/database.js';
import { profileUser as row, type RowValues } from '../../platform/database/schema.js';
import { EncryptedValue } from '../fields/encryption/encrypted-value.js';
import type { Pending } from '../fields/stores/field-stores.js';
import type { StoreValues } from '../fields/user-state.js';

/** A user's row at one moment. A missing row reads as empty, at version 0. */
export interface UserRow {
  readonly exists: boolean;
  readonly fields: StoreValues;
  readonly fieldsVersion: number;
  /** Bumped whenever Logto's user may have changed: one that was read under an older version is out of date. */
  readonly logtoVersion: number;
  /**
   * Between this moment (by `performance.now()`) and the reading of the row no change began or ended, except the one that acquired
   * the lease by this very statement. So a call to Logto that started after it, and ended before the reading, saw this version.
   */
  readonly unchangedSince: number;
  /** What was created under an earlier one, a proof say, no longer counts. */
  readonly securityEpoch: number;
  /** Access tokens issued before it are rejected; seconds since the epoch, by Logto's clock. */
  readonly tokensValidFrom?: number;
  /** The lease that is valid now. While there is one, Logto's user may change without the version being bumped. */
  readonly lease?: string;
  /** The pending change. Without a lease it was abandoned: its writer crashed, or could not finish it. */
  readonly pending?: Pending;
}

const MAX_KNOWN = 100_000;

/** How long ago the last change began or ended. A lease that expired ended then: its holder's last call may have come until that moment. */
export const UNCHANGED_MS = `extract(epoch from clock_timestamp() - greatest(changed_at,
  case when lease_until <= clock_timestamp() then lease_until end))::float8 * 1000`;
export const USER_ROW_COLUMNS = `fields, encrypted_fields as "encryptedFields", fields_version as "fieldsVersion", logto_version as "logtoVersion", pending,
  security_epoch as "securityEpoch", extract(epoch from tokens_valid_from)::float8 as "tokensValidFrom",
  case when lease_until > clock_timestamp() then lease end as lease`;
const READ = `select user_id, ${USER_ROW_COLUMNS}, ${UNCHANGED_MS} as "unchangedMs"
  from logto_profile.profile_user where user_id = any($1::text[])`;
/** Does nothing to a row that exists, except to read it as it is now, which `on conflict do nothing` would not. */
const ENSURE = `insert into logto_profile.profile_user (user_id) values ($1)
  on conflict (user_id) do update set user_id = excluded.user_id returning ${USER_ROW_COLUMNS}, ${UNCHANGED_MS} as "unchangedMs"`;
/** Invalidates every replica's cached user. */
export const bumpLogtoVersion = sql.raw('logto_version = logto_version + 2, changed_at = clock_timestamp()');

/** The one row per user: the fields kept in this database, the versions, and what has been revoked. */
@Injectable()
export class UserRowRepository {
  /** Reads of the same tick of the event loop are one query, since under load they are most of the work. */
  private readonly reads = new DataLoader((userIds: readonly string[]) => this.readAll(userIds), {
    cache: false,
    maxBatchSize: 100,
    batchScheduleFn: setImmediate,
  });

  /** Users that had a row when this process last read it. */
  private readonly known = new LRUCache<string, true>({ max: MAX_KNOWN });

  constructor(private readonly database: Database) {}

  /** Whether the user had a row when this process last read it. */
  knows(userId: string): boolean {
    return this.known.has(userId);
  }

  /** As it is after the call, never before. */
  read(userId: string): Promise<UserRow> {
    return this.reads.load(userId);
  }

  /** As `read`; creates a missing row, at version 0. */
  async ensure(userId: string): Promise<UserRow> {
    const found = await this.read(userId);
    if (found.exists) return found;
    const { rows } = await this.database.query({ name: 'ensure-user', text: ENSURE, values: [userId] });
    this.known.set(userId, true);
    return toUserRow(rows[0]);
  }

  /** Logto's user has changed, so no replica's cached one counts any more. */
  async bumpLogtoVersion(userId: string): Promise<void> {
    await this.database.db.execute(sql`update ${row} set ${bumpLogtoVersion} where user_id = ${userId}`);
  }

  /** Rejects access tokens issued before `seconds` (since the epoch, by Logto's clock). */
  async revokeTokens(userId: string, seconds: number): Promise<void> {
    await this.database.db.execute(
      sql`update ${row} set tokens_valid_from = greatest(tokens_valid_from, to_timestamp(${seconds}::float8))
          where user_id = ${userId}`,
    );
  }

  /**
   * Voids proofs, codes and challenges after a change of the password elsewhere, which Logto reported with `at` (milliseconds
   * since the epoch, by its clock). Does nothing when this service made that change itself, or knows of a later one.
   */
  async revokeAfterPasswordChange(userId: string, at: number): Promise<void> {
    const changedAt = sql`to_timestamp(${at / 1000}::float8)`;
    await this.database.db.execute(
      sql`update ${row} set security_epoch = security_epoch + 1, password_changed_at = ${changedAt}, ${bumpLogtoVersion}
          where user_id = ${userId} and (password_changed_at is null or password_changed_at < ${changedAt})`,
    );
  }

  /** Voids proofs, codes and challenges of a user whom Logto has suspended. Their tokens are rejected as long as that lasts. */
  async revokeOnSuspension(userId: string): Promise<void> {
    await this.database.db.execute(
      sql`update ${row} set security_epoch = security_epoch + 1, ${bumpLogtoVersion} where user_id = ${userId}`,
    );
  }

  /**
   * A suspension was lifted at `at` (milliseconds since the epoch, by Logto's clock). It ended all sessions, so access tokens from
   * before must not come back to life.
   */
  async revokeAfterSuspension(userId: string, at: number): Promise<void> {
    const validFrom = sql`to_timestamp(${Math.floor(at / 1000) + 1}::float8)`;
    await this.database.db.execute(
      sql`update ${row} set security_epoch = security_epoch + 1, tokens_valid_from = ${validFrom}, ${bumpLogtoVersion}
          where user_id = ${userId} and (tokens_valid_from is null or tokens_valid_from < ${validFrom})`,
    );
  }

  /** Removes a row in which nothing was ever kept. */
  async removeEmpty(userId: string): Promise<void> {
    await this.database.db.execute(
      sql`delete from ${row} where user_id = ${userId} and fields_version = 0 and pending is null
          and security_epoch = 0 and tokens_valid_from is null`,
    );
  }

  private async readAll(userIds: readonly string[]): Promise<UserRow[]> {
    const { rows } = await this.database.query({ name: 'read-users', text: READ, values: [userIds] });
    const found = new Map(rows.map((each) => [each['user_id'], each]));
    return userIds.map((userId) => {
      const row = toUserRow(found.get(userId));
      this.known.set(userId, row.exists || undefined);
      return row;
    });
  }
}

/** A row of a statement that selects USER_ROW_COLUMNS and `unchangedMs`. */
export function toUserRow(found: Record<string, unknown> | undefined): UserRow {
  if (!found) {
    return {
      exists: false,
      fields: {},
      fieldsVersion: 0,
      logtoVersion: 0,
      unchangedSince: -Infinity,
      securityEpoch: 0,
    };
  }
  const tokensValidFrom = found['tokensValidFrom'];
  return {
    exists: true,
    fields: fieldsOf(found as unknown as { fields: RowValues['plain']; encryptedFields: RowValues['encrypted'] }),
    fieldsVersion: Number(found['fieldsVersion']),
    logtoVersion: Number(found['logtoVersion']),
    // The response took a while, so the true moment is a little earlier.
    unchangedSince: performance.now() - Number(found['unchangedMs'] ?? -Infinity),
    securityEpoch: Number(found['securityEpoch']),
    ...(tokensValidFrom !== null && { tokensValidFrom: Number(tokensValidFrom) }),
    lease: (found['lease'] as string | null) ?? undefined,
    pending: (found['pending'] as Pending | null) ?? undefined,
  };
}

function fieldsOf({
  fields,
  encryptedFields,
}: {
  fields: RowValues['plain'];
  encryptedFields: RowValues['encrypted'];
}) {
  const encrypted = Object.entries(encryptedFields);
  if (encrypted.length === 0) return fields;
  const values = encrypted.map(([name, { jwe, mask }]) => [name, new EncryptedValue(jwe, mask)] as const);
  return { ...fields, ...Object.fromEntries(values) };
}
