import { Injectable } from '@nestjs/common';
import DataLoader from 'dataloader';
import { sql, type SQL } from 'drizzle-orm';
import { Database, type Db, type Transaction } from '../database/database.js';
import { activity, idempotencyKey, profileUser as row, type StoredValue } from '../database/schema.js';
import type { JsonObject } from '../management-api/logto-user.js';

/** A user's row at one moment. A missing one reads as empty, at version 0. */
export interface UserRow {
  readonly exists: boolean;
  readonly fields: Readonly<Record<string, StoredValue>>;
  readonly fieldsVersion: number;
  /** Raised whenever Logto's part may have changed: what was read of it under an older version is out of date. */
  readonly version: number;
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
  readonly activity?: { readonly action: string; readonly clientId: string; readonly fields: readonly string[] };
  readonly idempotency?: { readonly key: string; readonly requestHash: string; readonly expiresAt: string };
}

const COLUMNS = `fields, fields_version as "fieldsVersion", snapshot_version as version, pending,
  case when lease_until > clock_timestamp() then lease end as lease`;
const READ = `select user_id, ${COLUMNS} from profile_user where user_id = any($1::text[])`;
const TAKE = `insert into profile_user as held (user_id, lease, lease_until, snapshot_version)
  values ($1, $2, clock_timestamp() + $3 * interval '1 millisecond', 1)
  on conflict (user_id) do update
    set lease = excluded.lease, lease_until = excluded.lease_until, snapshot_version = held.snapshot_version + 1
    where held.lease is null or held.lease_until <= clock_timestamp()
  returning ${COLUMNS}`;

/**
 * The one row a user: the fields kept here, the versions, and the lease under which one change at a time is made, by
 * whichever replica. Leases are measured by the database's clock, since replicas' clocks differ.
 */
@Injectable()
export class UserRows {
  /** Reads that requests ask for in the same turn of the event loop are one query: at load that is most of the work. */
  private readonly reads = new DataLoader((userIds: readonly string[]) => this.readAll(userIds), {
    cache: false,
    maxBatchSize: 100,
    batchScheduleFn: setImmediate,
  });

  constructor(private readonly database: Database) {}

  /** As it is after the call, never before. */
  read(userId: string): Promise<UserRow> {
    return this.reads.load(userId);
  }

  /** Makes the row where it is missing, at version 0. */
  async ensure(userId: string): Promise<void> {
    await this.database.db.insert(row).values({ userId }).onConflictDoNothing();
  }

  /** Takes the lease when nobody holds it, and raises the version; undefined when somebody does. Makes a missing row. */
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
      sql`update ${row} set lease = null, lease_until = null, pending = null, snapshot_version = snapshot_version + 1
          where ${mine(userId, lease)}`,
    );
  }

  /**
   * Ends a change: applies it, clears what is pending, gives the lease back, raises the versions.
   * @returns the row's new version of fields; undefined when the lease is no longer ours, and nothing was written
   */
  async finish(tx: Db | Transaction, userId: string, lease: string, change: RowChange): Promise<number | undefined> {
    const touched = Object.keys(change.set).length + change.remove.length > 0;
    const statement = sql`with done as (
        update ${row} set
          fields = (fields || ${JSON.stringify(change.set)}::jsonb)
            - array(select jsonb_array_elements_text(${JSON.stringify(change.remove)}::jsonb)),
          fields_version = fields_version + ${touched ? 1 : 0}::int, snapshot_version = snapshot_version + 1,
          lease = null, lease_until = null, pending = null
        where ${mine(userId, lease)} returning user_id, fields_version
      )${activityOf(change)}${idempotencyOf(change)} select fields_version from done`;
    const { rows } = (await tx.execute(statement)) as { rows: { fields_version: string | number }[] };
    return rows[0] && Number(rows[0].fields_version);
  }

  /** Raises the version of an existing row: Logto's part has changed. */
  async raise(userId: string): Promise<void> {
    await this.database.db.execute(
      sql`update ${row} set snapshot_version = snapshot_version + 1 where user_id = ${userId}`,
    );
  }

  /** Removes a row in which nothing was ever kept. */
  async removeEmpty(userId: string): Promise<void> {
    await this.database.db.execute(
      sql`delete from ${row} where user_id = ${userId} and fields_version = 0 and pending is null`,
    );
  }

  private async readAll(userIds: readonly string[]): Promise<UserRow[]> {
    const { rows } = await this.database.query({ name: 'read-users', text: READ, values: [userIds] });
    const found = new Map(rows.map((each) => [each['user_id'], each]));
    return userIds.map((userId) => rowOf(found.get(userId)));
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

function activityOf({ activity: entry }: RowChange): SQL {
  if (!entry) return sql``;
  return sql`, logged as (insert into ${activity} (user_id, at, action, client_id, fields)
    select user_id, clock_timestamp(), ${entry.action}::text, ${entry.clientId}::text,
      array(select jsonb_array_elements_text(${JSON.stringify(entry.fields)}::jsonb)) from done)`;
}

function idempotencyOf({ idempotency: entry }: RowChange): SQL {
  if (!entry) return sql``;
  return sql`, kept as (insert into ${idempotencyKey} (user_id, key, request_hash, status, expires_at)
    select user_id, ${entry.key}::text, ${entry.requestHash}::text, 200, ${entry.expiresAt}::timestamptz from done
    on conflict (user_id, key) do update set request_hash = excluded.request_hash, expires_at = excluded.expires_at)`;
}

// Drizzle types an executed statement's answer by driver; both drivers answer with `rows`.
const changedOne = (result: unknown): boolean => (result as { rows: unknown[] }).rows.length === 1;

function rowOf(found: Record<string, unknown> | undefined): UserRow {
  if (!found) return { exists: false, fields: {}, fieldsVersion: 0, version: 0 };
  return {
    exists: true,
    fields: found['fields'] as UserRow['fields'],
    fieldsVersion: Number(found['fieldsVersion']),
    version: Number(found['version']),
    lease: (found['lease'] as string | null) ?? undefined,
    pending: (found['pending'] as JsonObject | null) ?? undefined,
  };
}
