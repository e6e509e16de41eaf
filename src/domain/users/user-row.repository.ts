import { Injectable } from '@nestjs/common';
import DataLoader from 'dataloader';
import { sql, type SQL } from 'drizzle-orm';
import { PgDialect } from 'drizzle-orm/pg-core';
import { LRUCache } from 'lru-cache';
import { Database, type Db, type Transaction } from '../../platform/database/database.js';
import { activity, idempotencyKey, profileUser as row, type StoredValue } from '../../platform/database/schema.js';
import type { JsonObject } from '../../platform/json/json.js';

/** A user's row at one moment. A missing one reads as empty, at version 0. */
export interface UserRow {
  readonly exists: boolean;
  readonly fields: Readonly<Record<string, StoredValue>>;
  readonly fieldsVersion: number;
  /** Raised whenever Logto's part may have changed: what was read of it under an older version is out of date. */
  readonly version: number;
  /**
   * Between this moment (by `performance.now()`) and the reading of the row no change began or ended, but for the one that took
   * the lease with this very reading. So what Logto was asked after it, and answered before the reading, is of this version.
   */
  readonly unchangedSince: number;
  /** What was created under an earlier one, a proof say, no longer counts. */
  readonly securityEpoch: number;
  /** Access tokens issued before it are rejected; seconds since the epoch, by Logto's clock. */
  readonly tokensValidFrom?: number;
  /** The lease that is valid now. While there is one, Logto's part may change without the version being raised. */
  readonly lease?: string;
  /** The change in flight, see PendingChange. Without a lease, one that its writer left behind. */
  readonly pending?: JsonObject;
}

/** What the end of a change writes, in one statement. */
export interface RowChange {
  /** Values to keep in the row, by field; null is kept as null. */
  readonly set: Readonly<Record<string, StoredValue>>;
  readonly remove: readonly string[];
  /** For the user's history: what was done, by which application, to which fields. */
  readonly activity?: {
    readonly action: string;
    readonly clientId: string;
    readonly fields?: readonly string[];
    /** Never a sensitive value. */
    readonly details?: Readonly<Record<string, string>>;
  };
  readonly revocation?: Revocation;
  readonly idempotency?: { readonly key: string; readonly requestHash: string; readonly expiresAt: string };
}

/** What a recovery (a new password, say) takes from an intruder. Times in seconds since the epoch, by Logto's clock. */
export interface Revocation {
  /** The user's other proofs, codes and challenges no longer count. */
  readonly proofs: boolean;
  /** Access tokens issued before it are rejected. */
  readonly tokensBefore?: number;
  /** Until when changes of the password are known to be this service's own. */
  readonly passwordChangedAt?: number;
}

const MAX_KNOWN = 100_000;

/** A lease that ran out ended when it did, and its holder's last call may have come until then. */
const UNCHANGED_MS = `extract(epoch from clock_timestamp() - greatest(changed_at,
  case when lease_until <= clock_timestamp() then lease_until end))::float8 * 1000`;
const COLUMNS = `fields, fields_version as "fieldsVersion", snapshot_version as version, pending,
  security_epoch as "securityEpoch", extract(epoch from tokens_valid_from)::float8 as "tokensValidFrom",
  case when lease_until > clock_timestamp() then lease end as lease`;
const READ = `select user_id, ${COLUMNS}, ${UNCHANGED_MS} as "unchangedMs"
  from profile_user where user_id = any($1::text[])`;
/** Does nothing to a row that exists, except to read it as it is now, which `on conflict do nothing` would not. */
const ENSURE = `insert into profile_user (user_id) values ($1)
  on conflict (user_id) do update set user_id = excluded.user_id returning ${COLUMNS}, ${UNCHANGED_MS} as "unchangedMs"`;
/** `unchangedMs` is of the row before, if that is the one that the lease was taken on. */
const TAKE = `insert into profile_user as held (user_id, lease, lease_until, snapshot_version, changed_at)
  values ($1, $2, clock_timestamp() + $3 * interval '1 millisecond', 1, clock_timestamp())
  on conflict (user_id) do update
    set lease = excluded.lease, lease_until = excluded.lease_until,
      snapshot_version = held.snapshot_version + 2, changed_at = clock_timestamp()
    where held.lease is null or held.lease_until <= clock_timestamp()
  returning ${COLUMNS}, (
    select ${UNCHANGED_MS} from profile_user
    where user_id = held.user_id and snapshot_version = held.snapshot_version - 2) as "unchangedMs"`;
const raised = sql.raw('snapshot_version = snapshot_version + 2, changed_at = clock_timestamp()');
/**
 * The end of a change, which alone a crash of the database may forget, raises by one and all else by two: a version that was
 * forgotten, and under which somebody may hold a copy, is never reached again.
 */
const ended = sql.raw('snapshot_version = snapshot_version + 1, changed_at = clock_timestamp()');
const dialect = new PgDialect();

/**
 * The one row a user: the fields kept here, the versions, and the lease under which one change at a time is made, by
 * whichever replica. Leases are measured by the database's clock, since replicas' clocks differ.
 */
@Injectable()
export class UserRowRepository {
  /** Reads that requests ask for in the same turn of the event loop are one query: at load that is most of the work. */
  private readonly reads = new DataLoader((userIds: readonly string[]) => this.readAll(userIds), {
    cache: false,
    maxBatchSize: 100,
    batchScheduleFn: setImmediate,
  });

  /** Users that had a row when it was last looked at from here. */
  private readonly known = new LRUCache<string, true>({ max: MAX_KNOWN });

  constructor(private readonly database: Database) {}

  /** Whether the user had a row when this process last looked. */
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
    return rowOf(rows[0]);
  }

  /**
   * Takes the lease when nobody holds it, and raises the version; undefined when somebody does. Makes a missing row, of which
   * nothing is known before (`unchangedSince` is infinite).
   */
  async take(userId: string, lease: string, milliseconds: number): Promise<UserRow | undefined> {
    const { rows } = await this.database.query({
      name: 'take-user',
      text: TAKE,
      values: [userId, lease, milliseconds],
    });
    return rows[0] && rowOf(rows[0]);
  }

  /** Makes the lease end `milliseconds` from now. False when it is no longer ours. */
  async extend(userId: string, lease: string, milliseconds: number): Promise<boolean> {
    return changedOne(
      await this.database.db.execute(
        sql`update ${row} set lease_until = clock_timestamp() + ${milliseconds} * interval '1 millisecond'
            where ${mine(userId, lease)} returning 1`,
      ),
    );
  }

  /** Writes the change in flight. False when the lease is no longer ours. */
  async setPending(tx: Transaction, userId: string, lease: string, pending: JsonObject): Promise<boolean> {
    return changedOne(
      await tx.execute(
        sql`update ${row} set pending = ${JSON.stringify(pending)}::jsonb where ${mine(userId, lease)} returning 1`,
      ),
    );
  }

  /** Gives the lease back with nothing changed here, and drops what is pending. */
  async release(tx: Db | Transaction, userId: string, lease: string): Promise<void> {
    await tx.execute(
      sql`update ${row} set lease = null, lease_until = null, pending = null, ${raised}
          where ${mine(userId, lease)}`,
    );
  }

  /**
   * Ends a change: applies it, clears what is pending, gives the lease back, raises the versions.
   * @param lasting whether the disk is waited for: not needed where a crash of the database, which leaves the lease to run out,
   *   could forget a line of history only
   * @param tx where more is written in one transaction with it
   * @returns the row's new version of fields; undefined when the lease is no longer ours, and nothing was written
   */
  async finish(
    userId: string,
    lease: string,
    change: RowChange,
    { lasting, tx }: { lasting: boolean; tx?: Transaction },
  ): Promise<number | undefined> {
    const statement = finishing(userId, lease, change, lasting);
    const { rows } = tx
      ? ((await tx.execute(statement)) as unknown as Answer)
      : await this.prepared('finish', statement);
    return rows[0] && Number(rows[0]['fields_version']);
  }

  /** Raises the version of an existing row: Logto's part has changed. */
  async raise(userId: string): Promise<void> {
    await this.database.db.execute(sql`update ${row} set ${raised} where user_id = ${userId}`);
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
      sql`update ${row} set security_epoch = security_epoch + 1, password_changed_at = ${changedAt}, ${raised}
          where user_id = ${userId} and (password_changed_at is null or password_changed_at < ${changedAt})`,
    );
  }

  /** Voids proofs, codes and challenges of a user whom Logto has suspended. Their tokens are rejected as long as that lasts. */
  async revokeOnSuspension(userId: string): Promise<void> {
    await this.database.db.execute(
      sql`update ${row} set security_epoch = security_epoch + 1, ${raised} where user_id = ${userId}`,
    );
  }

  /**
   * A suspension was lifted at `at` (milliseconds since the epoch, by Logto's clock). It ended all sessions, so access tokens from
   * before must not come back to life.
   */
  async revokeAfterSuspension(userId: string, at: number): Promise<void> {
    const validFrom = sql`to_timestamp(${Math.floor(at / 1000) + 1}::float8)`;
    await this.database.db.execute(
      sql`update ${row} set security_epoch = security_epoch + 1, tokens_valid_from = ${validFrom}, ${raised}
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

  private prepared(name: string, statement: SQL): Promise<Answer> {
    const { sql: text, params } = dialect.sqlToQuery(statement);
    return this.database.query({ name, text, values: params });
  }

  private async readAll(userIds: readonly string[]): Promise<UserRow[]> {
    const { rows } = await this.database.query({ name: 'read-users', text: READ, values: [userIds] });
    const found = new Map(rows.map((each) => [each['user_id'], each]));
    return userIds.map((userId) => {
      const row = rowOf(found.get(userId));
      this.known.set(userId, row.exists || undefined);
      return row;
    });
  }

  /** Users whose writer left a change behind. */
  async abandoned(limit: number): Promise<string[]> {
    const { rows } = await this.database.query({
      text: `select user_id from profile_user where pending is not null and lease_until <= clock_timestamp()
             order by lease_until limit $1`,
      values: [limit],
    });
    return rows.map(({ user_id }) => user_id as string);
  }
}

const mine = (userId: string, lease: string): SQL => sql`user_id = ${userId} and lease = ${lease}`;

/** One text whatever is changed, so that the database plans it once. */
function finishing(userId: string, lease: string, change: RowChange, lasting: boolean): SQL {
  const { set, remove, activity: entry, idempotency: key, revocation } = change;
  const touched = Object.keys(set).length + remove.length > 0;
  return sql`with done as (
      update ${row} set
        fields = (fields || ${JSON.stringify(set)}::jsonb)
          - array(select jsonb_array_elements_text(${JSON.stringify(remove)}::jsonb)),
        fields_version = fields_version + ${touched ? 1 : 0}::int, ${ended},
        security_epoch = security_epoch + ${revocation?.proofs ? 1 : 0}::int,
        tokens_valid_from = greatest(tokens_valid_from, to_timestamp(${revocation?.tokensBefore ?? null}::float8)),
        password_changed_at = greatest(password_changed_at, to_timestamp(${revocation?.passwordChangedAt ?? null}::float8)),
        lease = null, lease_until = null, pending = null
      where ${mine(userId, lease)} returning user_id, fields_version,
        case when not ${lasting}::boolean then set_config('synchronous_commit', 'off', true) end
    ), logged as (
      insert into ${activity} (user_id, at, action, client_id, fields, details)
      select user_id, clock_timestamp(), entry ->> 'action', entry ->> 'clientId',
        array(select jsonb_array_elements_text(entry -> 'fields')), entry -> 'details'
      from done, (select ${entry ? JSON.stringify(entry) : null}::jsonb as entry) given where entry is not null
    ), kept as (
      insert into ${idempotencyKey} (user_id, key, request_hash, status, expires_at)
      select user_id, entry ->> 'key', entry ->> 'requestHash', 200, (entry ->> 'expiresAt')::timestamptz
      from done, (select ${key ? JSON.stringify(key) : null}::jsonb as entry) given where entry is not null
      on conflict (user_id, key) do update set request_hash = excluded.request_hash, expires_at = excluded.expires_at
    ) select fields_version from done`;
}

/** Drizzle types an executed statement's answer by driver; both drivers answer with `rows`. */
interface Answer {
  readonly rows: readonly Record<string, unknown>[];
}
const changedOne = (result: unknown): boolean => (result as Answer).rows.length === 1;

function rowOf(found: Record<string, unknown> | undefined): UserRow {
  if (!found) {
    return { exists: false, fields: {}, fieldsVersion: 0, version: 0, unchangedSince: -Infinity, securityEpoch: 0 };
  }
  const tokensValidFrom = found['tokensValidFrom'];
  return {
    exists: true,
    fields: found['fields'] as UserRow['fields'],
    fieldsVersion: Number(found['fieldsVersion']),
    version: Number(found['version']),
    // The answer took a while to come, so the true moment is a little earlier.
    unchangedSince: performance.now() - Number(found['unchangedMs'] ?? -Infinity),
    securityEpoch: Number(found['securityEpoch']),
    ...(tokensValidFrom !== null && { tokensValidFrom: Number(tokensValidFrom) }),
    lease: (found['lease'] as string | null) ?? undefined,
    pending: (found['pending'] as JsonObject | null) ?? undefined,
  };
}
