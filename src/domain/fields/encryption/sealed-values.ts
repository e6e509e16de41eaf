import { sql, type SQL } from 'drizzle-orm';
import type { Database } from '../../../platform/database/database.js';

/** An encrypted value in a user's row. */
export interface SealedEntry {
  readonly userId: string;
  readonly field: string;
  readonly sealed: string;
}

/** The values that one key encrypted. */
export interface SealedByKey {
  readonly kid: string;
  readonly count: number;
  /** One of them. */
  readonly sample: SealedEntry;
}

const isSealed = sql`jsonb_typeof(value) = 'object' and value ? '$sealed'`;
const sealed = sql`value ->> '$sealed'`;
const header = sql`translate(split_part(${sealed}, '.', 1), '-_', '+/')`;
/** The `kid` of a compact JWE, read by the database: its header is base64url without padding. */
const kid = sql`(convert_from(decode(rpad(${header}, (ceil(length(${header}) / 4.0) * 4)::int, '='), 'base64'), 'UTF8')::jsonb ->> 'kid')`;

/** How many encrypted values there are, by the ID of their key. Reads every row that has fields. */
export async function sealedByKey(database: Database): Promise<SealedByKey[]> {
  interface Row {
    kid: string;
    count: number;
    userId: string;
    field: string;
    sealed: string;
  }
  const rows = await longQuery<Row>(
    database,
    sql`select kid, count(*)::int as count, (array_agg(user_id))[1] as "userId", (array_agg(name))[1] as field,
          (array_agg(sealed))[1] as sealed
        from (select ${kid} as kid, user_id, name, ${sealed} as sealed
              from profile_user, jsonb_each(fields) as entry(name, value) where ${isSealed}) as found
        group by kid order by kid`,
  );
  return rows.map(({ kid, count, ...sample }) => ({ kid, count, sample }));
}

/** Encrypted values whose key is not `current`, of the next users after `afterUser`, at most `users` of them. */
export async function sealedOtherwise(
  database: Database,
  current: string,
  afterUser: string,
  users: number,
): Promise<SealedEntry[]> {
  return longQuery<SealedEntry>(
    database,
    sql`select user_id as "userId", name as field, ${sealed} as sealed
        from profile_user, jsonb_each(fields) as entry(name, value)
        where user_id in (
            select user_id from profile_user
            where user_id > ${afterUser} and exists (
              select 1 from jsonb_each(fields) as entry(name, value) where ${isSealed} and ${kid} <> ${current})
            order by user_id limit ${users}::int)
          and ${isSealed} and ${kid} <> ${current}
        order by user_id`,
  );
}

/** Replaces values by their new encryption. A value that was written in the meantime stays. */
export async function replaceSealed(
  database: Database,
  changes: readonly { entry: SealedEntry; sealed: string }[],
): Promise<number> {
  return database.db.transaction(async (tx) => {
    let replaced = 0;
    for (const { entry, sealed: fresh } of changes) {
      const path = JSON.stringify([entry.field, '$sealed']);
      const answer = await tx.execute(
        sql`update profile_user
            set fields = jsonb_set(fields, array(select jsonb_array_elements_text(${path}::jsonb)), to_jsonb(${fresh}::text))
            where user_id = ${entry.userId} and fields -> ${entry.field}::text ->> '$sealed' = ${entry.sealed}
            returning 1`,
      );
      replaced += (answer as unknown as { rows: unknown[] }).rows.length;
    }
    return replaced;
  });
}

/** Users with a pending change that contains an encrypted value. */
export async function sealedInFlight(database: Database): Promise<number> {
  const [row] = await longQuery<{ count: number }>(
    database,
    sql`select count(*)::int as count from profile_user where pending is not null and pending::text like '%"$sealed"%'`,
  );
  return row.count;
}

/** The pool's time limit is made for requests; looking through all rows may take longer. */
function longQuery<T>(database: Database, query: SQL): Promise<T[]> {
  return database.db.transaction(async (tx) => {
    await tx.execute(sql`set local statement_timeout = 0`);
    return ((await tx.execute(query)) as unknown as { rows: T[] }).rows;
  });
}
