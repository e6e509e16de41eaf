import { Injectable } from '@nestjs/common';
import { sql, type SQL } from 'drizzle-orm';
import { PgDialect } from 'drizzle-orm/pg-core';
import { Database, type Db, type Transaction } from '../../platform/database/database.js';
import {
  activity,
  type ACTIVITY_ACTIONS,
  idempotencyKey,
  profileUser as row,
  type RowValues,
} from '../../platform/database/schema.js';
import type { JsonObject } from '../../platform/json/json.js';
import {
  bumpLogtoVersion,
  toUserRow,
  UNCHANGED_MS,
  USER_ROW_COLUMNS,
  type UserRow,
} from '../users/user-row.repository.js';

/** What the statement that ends a change writes. */
export interface RowChange {
  readonly values?: RowValues;
  /** A line for the user's activity: the action, the application and the fields. */
  readonly activity?: {
    readonly action: (typeof ACTIVITY_ACTIONS)[number];
    readonly clientId: string;
    readonly fields?: readonly string[];
    /** Never a sensitive value. */
    readonly details?: Readonly<Record<string, string>>;
  };
  readonly revocation?: Revocation;
  readonly idempotency?: { readonly key: string; readonly requestHash: string; readonly expiresAt: string };
}

/** What a recovery, such as a new password, revokes. Times are in seconds since the epoch, by Logto's clock. */
export interface Revocation {
  /** Whether the user's other proofs, codes and challenges become void. */
  readonly proofs: boolean;
  /** Access tokens issued before it are rejected. */
  readonly tokensBefore?: number;
  /** The time of this service's own password change. */
  readonly passwordChangedAt?: number;
}

/** How a lease was used. */
export interface LeaseUse {
  /** The `logto_version` that acquiring it led to. */
  readonly acquired: number;
  /** Whether a store may have been called. */
  readonly called: boolean;
}

/** `unchangedMs` is that of the row before this statement. */
const ACQUIRE = `insert into logto_profile.profile_user as held (user_id, lease, lease_until, logto_version, changed_at)
  values ($1, $2, clock_timestamp() + $3 * interval '1 millisecond', 1, clock_timestamp())
  on conflict (user_id) do update
    set lease = excluded.lease, lease_until = excluded.lease_until, call_started_at = null,
      logto_version = held.logto_version + 2, changed_at = clock_timestamp()
    where held.lease is null or held.lease_until <= clock_timestamp()
  returning ${USER_ROW_COLUMNS}, (
    select ${UNCHANGED_MS} from logto_profile.profile_user
    where user_id = held.user_id and logto_version = held.logto_version - 2) as "unchangedMs"`;
/**
 * Without a call, Logto's user is unchanged, so users that were cached before the change are valid again, unless something else bumped the
 * version. The end of a change with a call bumps it by one, everything else by two. A crash of the database can lose only the end. So a
 * lost version, under which a user may be cached, is never reached again.
 */
const bumpAtEnd = ({ acquired, called }: LeaseUse): SQL => sql`logto_version = case
    when ${called}::boolean then logto_version + 1
    when logto_version = ${acquired}::bigint and ${acquired}::bigint > 1 then logto_version - 2
    else logto_version + 2 end,
  changed_at = clock_timestamp()`;
const RELEASED = sql.raw('lease = null, lease_until = null, call_started_at = null, pending = null');
const dialect = new PgDialect();

/**
 * The lease and the pending change in the user's row. Under the lease, one replica at a time changes the user. Leases expire by the
 * database's clock, because the clocks of replicas differ. `lease` is a random ID of the holder.
 */
@Injectable()
export class UserLeaseRepository {
  constructor(private readonly database: Database) {}

  /**
   * Acquires the lease and bumps the version; undefined if another holder has the lease. Creates a missing row; its `unchangedSince`
   * is infinite, because nothing is known of its past.
   */
  async acquire(userId: string, lease: string, milliseconds: number): Promise<UserRow | undefined> {
    const { rows } = await this.database.query({
      name: 'acquire-lease',
      text: ACQUIRE,
      values: [userId, lease, milliseconds],
    });
    return rows[0] && toUserRow(rows[0]);
  }

  /**
   * Makes the lease expire `milliseconds` from now, and records whether a call has started. Does not wait for the disk: the commit that
   * acquired the lease did. False if it has expired.
   */
  async renew(userId: string, lease: string, milliseconds: number, called: boolean): Promise<boolean> {
    const statement = sql`update ${row} set lease_until = ${fromNow(milliseconds)}, ${callStarted(called)}
      where ${mine(userId, lease)} and lease_until > clock_timestamp() returning set_config('synchronous_commit', 'off', true)`;
    return changedOne(await this.prepared('renew-lease', statement));
  }

  /**
   * As `renew`, for a lease that has expired: users may have been cached in the meantime, so it bumps the version. False if another holder
   * has acquired it.
   */
  async renewExpired(userId: string, lease: string, milliseconds: number, called: boolean): Promise<boolean> {
    return changedOne(
      await this.database.db.execute(
        sql`update ${row} set lease_until = ${fromNow(milliseconds)}, ${callStarted(called)}, ${bumpLogtoVersion}
            where ${mine(userId, lease)} returning 1`,
      ),
    );
  }

  /** Makes a lease that is no longer used expire `milliseconds` from now. */
  async expire(userId: string, lease: string, milliseconds: number): Promise<void> {
    await this.database.db.execute(
      sql`update ${row} set lease_until = ${fromNow(milliseconds)} where ${mine(userId, lease)}`,
    );
  }

  /** Writes the pending change. False if the lease is no longer ours. */
  async writePending(tx: Transaction, userId: string, lease: string, pending: JsonObject): Promise<boolean> {
    return changedOne(
      await tx.execute(
        sql`update ${row} set pending = ${JSON.stringify(pending)}::jsonb where ${mine(userId, lease)} returning 1`,
      ),
    );
  }

  /** Releases the lease and drops the pending change, without changing any value. False if the lease is no longer ours. */
  async release(
    userId: string,
    lease: string,
    use: LeaseUse,
    tx: Db | Transaction = this.database.db,
  ): Promise<boolean> {
    return changedOne(
      await tx.execute(sql`update ${row} set ${RELEASED}, ${bumpAtEnd(use)} where ${mine(userId, lease)} returning 1`),
    );
  }

  /**
   * Ends a change: applies it, clears the pending change, releases the lease, bumps the versions.
   * @param durable whether to wait for the disk. Not needed if a crash of the database could lose only a line of activity: the lease
   *   then expires
   * @param tx the transaction, if more is written in it
   * @returns the new `fields_version`; undefined if the lease is no longer ours and nothing was written
   */
  async apply(
    userId: string,
    lease: string,
    change: RowChange,
    { durable, tx, ...use }: LeaseUse & { durable: boolean; tx?: Transaction },
  ): Promise<number | undefined> {
    const statement = applying(userId, lease, change, use, durable);
    const { rows } = tx
      ? ((await tx.execute(statement)) as unknown as Result)
      : await this.prepared('apply-change', statement);
    return rows[0] && Number(rows[0]['fields_version']);
  }

  /** Users with a pending change whose lease has expired, those that expired first at the front. */
  async findAbandoned(limit: number): Promise<string[]> {
    const { rows } = await this.database.query({
      text: `select user_id from logto_profile.profile_user where pending is not null and lease_until <= clock_timestamp()
             order by lease_until limit $1`,
      values: [limit],
    });
    return rows.map(({ user_id }) => user_id as string);
  }

  private prepared(name: string, statement: SQL): Promise<Result> {
    const { sql: text, params } = dialect.sqlToQuery(statement);
    return this.database.query({ name, text, values: params });
  }
}

const fromNow = (milliseconds: number): SQL => sql`clock_timestamp() + ${milliseconds} * interval '1 millisecond'`;
const callStarted = (called: boolean): SQL =>
  sql`call_started_at = case when ${called}::boolean then coalesce(call_started_at, clock_timestamp()) end`;
const mine = (userId: string, lease: string): SQL => sql`user_id = ${userId} and lease = ${lease}`;

/** Idempotency keys kept per user, the newest ones. A user could otherwise fill the database. */
const MAX_KEYS = 1_000;

const NO_VALUES: RowValues = { plain: {}, encrypted: {} };

const hasValues = ({ plain, encrypted }: RowValues): boolean =>
  Object.keys(plain).length + Object.keys(encrypted).length > 0;

/** Whether the row keeps more than a line of activity, which a crash may lose. */
export const changesRow = ({ values, idempotency, revocation }: RowChange): boolean =>
  (values !== undefined && hasValues(values)) || idempotency !== undefined || revocation !== undefined;

/** The same text for every change, so that the database plans it once. */
function applying(userId: string, lease: string, change: RowChange, use: LeaseUse, durable: boolean): SQL {
  const { values = NO_VALUES, activity: entry, idempotency: key, revocation } = change;
  const [plain, encrypted] = [JSON.stringify(values.plain), JSON.stringify(values.encrypted)];
  return sql`with done as (
      update ${row} set
        fields = (fields || ${plain}::jsonb) - array(select jsonb_object_keys(${encrypted}::jsonb)),
        encrypted_fields = (encrypted_fields || ${encrypted}::jsonb) - array(select jsonb_object_keys(${plain}::jsonb)),
        fields_version = fields_version + ${hasValues(values) ? 1 : 0}::int, ${bumpAtEnd(use)},
        security_epoch = security_epoch + ${revocation?.proofs ? 1 : 0}::int,
        tokens_valid_from = greatest(tokens_valid_from, to_timestamp(${revocation?.tokensBefore ?? null}::float8)),
        password_changed_at = greatest(password_changed_at, to_timestamp(${revocation?.passwordChangedAt ?? null}::float8)),
        ${RELEASED}
      where ${mine(userId, lease)} returning user_id, fields_version,
        case when not ${durable}::boolean then set_config('synchronous_commit', 'off', true) end
    ), logged as (
      insert into ${activity} (user_id, at, action, client_id, fields, details)
      select user_id, clock_timestamp(), entry ->> 'action', entry ->> 'clientId',
        array(select jsonb_array_elements_text(entry -> 'fields')), entry -> 'details'
      from done, (select ${entry ? JSON.stringify(entry) : null}::jsonb as entry) given where entry is not null
    ), kept as (
      insert into ${idempotencyKey} (user_id, key, request_hash, expires_at)
      select user_id, entry ->> 'key', entry ->> 'requestHash', (entry ->> 'expiresAt')::timestamptz
      from done, (select ${key ? JSON.stringify(key) : null}::jsonb as entry) given where entry is not null
      on conflict (user_id, key) do update set request_hash = excluded.request_hash, expires_at = excluded.expires_at
      returning 1
    ), trimmed as (
      delete from ${idempotencyKey} where exists (select 1 from kept) and user_id = ${userId} and key in (
        select key from ${idempotencyKey} where user_id = ${userId} order by expires_at desc offset ${MAX_KEYS}::int)
    ) select fields_version from done`;
}

/** The result of an executed statement. Drizzle's types depend on the driver; both drivers return `rows`. */
interface Result {
  readonly rows: readonly Record<string, unknown>[];
}
const changedOne = (result: unknown): boolean => (result as Result).rows.length === 1;
