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
  /** Bumped whenever Logto's user may have changed: a user that was read under an older version is out of date. */
  readonly logtoVersion: number;
  /**
   * No change began or ended between this moment (by `performance.now()`) and the read of the row, except one that acquired the lease
   * by the same statement. So a call to Logto that started after this moment and ended before the read returned this version.
   */
  readonly unchangedSince: number;
  /** Proofs, codes and challenges created under an earlier epoch are void. */
  readonly securityEpoch: number;
  /** Access tokens issued before it are rejected; seconds since the epoch, by Logto's clock. */
  readonly tokensValidFrom?: number;
  /** By client: access tokens issued to it before are rejected; as `tokensValidFrom`. */
  readonly clientCutoffs: Readonly<Record<string, number>>;
  /** The current lease. Acquiring it bumped `logtoVersion` by 2. */
  readonly lease?: string;
  /** Whether its holder may have called Logto. From then on, Logto's user may change without the version being bumped. */
  readonly callStarted: boolean;
  /** The pending change. Without a lease it was abandoned: its writer crashed, or could not finish it. */
  readonly pending?: Pending;
}

const MAX_KNOWN = 100_000;

/** How long ago the last change began or ended. An expired lease ended when it expired: its holder may have called Logto until then. */
export const UNCHANGED_MS = `extract(epoch from clock_timestamp() - greatest(changed_at,
  case when lease_until <= clock_timestamp() then lease_until end))::float8 * 1000`;
export const USER_ROW_COLUMNS = `fields, encrypted_fields as "encryptedFields", fields_version as "fieldsVersion", logto_version as "logtoVersion", pending,
  security_epoch as "securityEpoch", extract(epoch from tokens_valid_from)::float8 as "tokensValidFrom",
  client_cutoffs as "clientCutoffs",
  case when lease_until > clock_timestamp() then lease end as lease, call_started_at is not null as "callStarted"`;
const READ = `select user_id, ${USER_ROW_COLUMNS}, ${UNCHANGED_MS} as "unchangedMs"
  from logto_profile.profile_user where user_id = any($1::text[])`;
/** Returns an existing row unchanged, which `on conflict do nothing` would not. */
const ENSURE = `insert into logto_profile.profile_user (user_id) values ($1)
  on conflict (user_id) do update set user_id = excluded.user_id returning ${USER_ROW_COLUMNS}, ${UNCHANGED_MS} as "unchangedMs"`;
/** Invalidates the cached user on every replica. */
export const bumpLogtoVersion = sql.raw('logto_version = logto_version + 2, changed_at = clock_timestamp()');

/** The one row per user: the fields kept in this database, the versions, and what has been revoked. */
@Injectable()
export class UserRowRepository {
  /** Combines the reads of one tick of the event loop into one query, because under load they are most of the work. */
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

  /** Reads the row. Never returns a state from before the call. */
  read(userId: string): Promise<UserRow> {
    return this.reads.load(userId);
  }

  /** Reads the row, and creates a missing one at version 0. */
  async ensure(userId: string): Promise<UserRow> {
    const found = await this.read(userId);
    if (found.exists) return found;
    const { rows } = await this.database.query({ name: 'ensure-user', text: ENSURE, values: [userId] });
    this.known.set(userId, true);
    return toUserRow(rows[0]);
  }

  /** Invalidates the cached user on every replica, after Logto's user has changed. */
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

  /** Rejects access tokens that were issued to a client before `seconds` (since the epoch, by Logto's clock), unless a later time is set. */
  async revokeTokensOfClient(userId: string, clientId: string, seconds: number): Promise<void> {
    await this.database.db.execute(
      sql`update ${row} set client_cutoffs = client_cutoffs || jsonb_build_object(${clientId}::text,
            greatest((client_cutoffs ->> ${clientId}::text)::float8, ${seconds}::float8))
          where user_id = ${userId}`,
    );
  }

  /**
   * Voids proofs, codes and challenges after the password was changed elsewhere at `at` (milliseconds since the epoch, by Logto's
   * clock). Does nothing if this service made that change, or has recorded a later one.
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
   * Rejects access tokens issued before a suspension was lifted at `at` (milliseconds since the epoch, by Logto's clock): the
   * suspension ended all sessions.
   */
  async revokeAfterSuspension(userId: string, at: number): Promise<void> {
    const validFrom = sql`to_timestamp(${Math.floor(at / 1000) + 1}::float8)`;
    await this.database.db.execute(
      sql`update ${row} set security_epoch = security_epoch + 1, tokens_valid_from = ${validFrom}, ${bumpLogtoVersion}
          where user_id = ${userId} and (tokens_valid_from is null or tokens_valid_from < ${validFrom})`,
    );
  }

  /** Removes the row if nothing was ever stored in it. */
  async removeEmpty(userId: string): Promise<void> {
    await this.database.db.execute(
      sql`delete from ${row} where user_id = ${userId} and fields_version = 0 and pending is null
          and security_epoch = 0 and tokens_valid_from is null and client_cutoffs = '{}'`,
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
      clientCutoffs: {},
      callStarted: false,
    };
  }
  const tokensValidFrom = found['tokensValidFrom'];
  return {
    exists: true,
    fields: fieldsOf(found as unknown as { fields: RowValues['plain']; encryptedFields: RowValues['encrypted'] }),
    fieldsVersion: Number(found['fieldsVersion']),
    logtoVersion: Number(found['logtoVersion']),
    // The true moment is earlier by the time that the response took.
    unchangedSince: performance.now() - Number(found['unchangedMs'] ?? -Infinity),
    securityEpoch: Number(found['securityEpoch']),
    clientCutoffs: found['clientCutoffs'] as UserRow['clientCutoffs'],
    ...(tokensValidFrom !== null && { tokensValidFrom: Number(tokensValidFrom) }),
    lease: (found['lease'] as string | null) ?? undefined,
    callStarted: found['callStarted'] === true,
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
