import { sql, type SQL } from 'drizzle-orm';
import type { Database } from '../../../platform/database/database.js';
import type { EncryptedJson } from '../../../platform/database/schema.js';
import type { Json } from '../../../platform/json/json.js';

/** An encrypted value in a user's row. */
export interface EncryptedEntry {
  readonly userId: string;
  readonly field: string;
  /** A compact JWE. */
  readonly jwe: string;
}

/** The values that one key encrypted. */
export interface ValuesOfKey {
  readonly kid: string;
  readonly count: number;
  /** One of them. */
  readonly sample: EncryptedEntry;
}

const jwe = sql`value ->> 'jwe'`;
const header = sql`translate(split_part(${jwe}, '.', 1), '-_', '+/')`;
/** The `kid` of a compact JWE, read by the database: its header is base64url without padding. */
const kid = sql`(convert_from(decode(rpad(${header}, (ceil(length(${header}) / 4.0) * 4)::int, '='), 'base64'), 'UTF8')::jsonb ->> 'kid')`;
const entries = sql`jsonb_each(encrypted_fields) as entry(name, value)`;

/** Counts encrypted values by the ID of their key. Reads every row. */
export async function countByKey(database: Database): Promise<ValuesOfKey[]> {
  interface Row extends EncryptedEntry {
    kid: string;
    count: number;
  }
  const rows = await longQuery<Row>(
    database,
    sql`select kid, count(*)::int as count, (array_agg(user_id))[1] as "userId", (array_agg(name))[1] as field,
          (array_agg(jwe))[1] as jwe
        from (select ${kid} as kid, user_id, name, ${jwe} as jwe from logto_profile.profile_user, ${entries}) as found
        group by kid order by kid`,
  );
  return rows.map(({ kid, count, ...sample }) => ({ kid, count, sample }));
}

/** Values that another key than `current` encrypted, of the next users after `afterUser`, at most `users` of them. */
export async function findOfOtherKeys(
  database: Database,
  current: string,
  afterUser: string,
  users: number,
): Promise<EncryptedEntry[]> {
  return longQuery<EncryptedEntry>(
    database,
    sql`select user_id as "userId", name as field, ${jwe} as jwe
        from logto_profile.profile_user, ${entries}
        where user_id in (
            select user_id from logto_profile.profile_user
            where user_id > ${afterUser} and exists (select 1 from ${entries} where ${kid} <> ${current})
            order by user_id limit ${users}::int)
          and ${kid} <> ${current}
        order by user_id`,
  );
}

/** Replaces values by their new encryption. A value that was written in the meantime stays. Returns how many were replaced. */
export async function replaceEncrypted(
  database: Database,
  changes: readonly { readonly entry: EncryptedEntry; readonly jwe: string }[],
): Promise<number> {
  return updateEach(
    database,
    changes.map(({ entry, jwe: renewed }) => {
      const path = JSON.stringify([entry.field, 'jwe']);
      return sql`update logto_profile.profile_user
            set encrypted_fields = jsonb_set(encrypted_fields,
              array(select jsonb_array_elements_text(${path}::jsonb)), to_jsonb(${renewed}::text))
            where user_id = ${entry.userId} and encrypted_fields -> ${entry.field}::text ->> 'jwe' = ${entry.jwe}
            returning 1`;
    }),
  );
}

/** A value in clear in a user's row. */
export interface PlainEntry {
  readonly userId: string;
  readonly field: string;
  readonly value: Json;
}

/** Counts values of these fields that are in clear, or encrypted. Reads every row. */
export async function countValues(
  database: Database,
  form: 'plain' | 'encrypted',
  names: readonly string[],
): Promise<number> {
  if (names.length === 0) return 0;
  const [row] = await longQuery<{ count: number }>(
    database,
    sql`select count(*)::int as count from logto_profile.profile_user, ${valuesOf(form, names)}`,
  );
  return row!.count;
}

/** Values of these fields that are in clear, of the next users after `afterUser`, at most `users` of them. */
export const findPlain = (
  database: Database,
  names: readonly string[],
  afterUser: string,
  users: number,
): Promise<PlainEntry[]> => findValues(database, sql`name as field, value`, valuesOf('plain', names), afterUser, users);

/** Encrypted values of these fields, as `findPlain`. */
export const findEncrypted = (
  database: Database,
  names: readonly string[],
  afterUser: string,
  users: number,
): Promise<EncryptedEntry[]> =>
  findValues(database, sql`name as field, ${jwe} as jwe`, valuesOf('encrypted', names), afterUser, users);

/** Replaces values in clear by encrypted ones. A value that was written in the meantime stays. Returns how many were replaced. */
export const encryptPlain = (
  database: Database,
  changes: readonly { readonly entry: PlainEntry; readonly encrypted: EncryptedJson }[],
): Promise<number> =>
  updateEach(
    database,
    changes.map(
      ({ entry: { userId, field, value }, encrypted }) => sql`update logto_profile.profile_user
        set fields = fields - ${field}::text, fields_version = fields_version + 1,
          encrypted_fields = encrypted_fields || jsonb_build_object(${field}::text, ${JSON.stringify(encrypted)}::jsonb)
        where user_id = ${userId} and fields -> ${field}::text = ${JSON.stringify(value)}::jsonb returning 1`,
    ),
  );

/** Replaces encrypted values by values in clear, as `encryptPlain`. */
export const decryptEncrypted = (
  database: Database,
  changes: readonly { readonly entry: EncryptedEntry; readonly value: Json }[],
): Promise<number> =>
  updateEach(
    database,
    changes.map(
      ({ entry: { userId, field, jwe: stored }, value }) => sql`update logto_profile.profile_user
        set encrypted_fields = encrypted_fields - ${field}::text, fields_version = fields_version + 1,
          fields = fields || jsonb_build_object(${field}::text, ${JSON.stringify(value)}::jsonb)
        where user_id = ${userId} and encrypted_fields -> ${field}::text ->> 'jwe' = ${stored} returning 1`,
    ),
  );

const valuesOf = (form: 'plain' | 'encrypted', names: readonly string[]): SQL => {
  const column = form === 'plain' ? sql`fields` : sql`encrypted_fields`;
  return sql`lateral (select * from jsonb_each(${column}) as entry(name, value)
    where value <> 'null' and name in (select jsonb_array_elements_text(${JSON.stringify(names)}::jsonb))) as found`;
};

const findValues = <T>(database: Database, columns: SQL, from: SQL, afterUser: string, users: number): Promise<T[]> =>
  longQuery<T>(
    database,
    sql`select user_id as "userId", ${columns} from logto_profile.profile_user, ${from}
        where user_id in (select distinct user_id from logto_profile.profile_user, ${from}
          where user_id > ${afterUser} order by user_id limit ${users}::int)
        order by user_id`,
  );

const updateEach = (database: Database, statements: readonly SQL[]): Promise<number> =>
  database.db.transaction(async (tx) => {
    let replaced = 0;
    for (const statement of statements) {
      replaced += ((await tx.execute(statement)) as unknown as { rows: unknown[] }).rows.length;
    }
    return replaced;
  });

/** Counts users with a pending change that contains an encrypted value. */
export async function countPendingEncrypted(database: Database): Promise<number> {
  const [row] = await longQuery<{ count: number }>(
    database,
    sql`select count(*)::int as count from logto_profile.profile_user
        where pending #> '{row,values,encrypted}' <> '{}'::jsonb`,
  );
  return row!.count;
}

/** Runs a query over all rows, which may take longer than the pool's time limit for requests allows. */
function longQuery<T>(database: Database, query: SQL): Promise<T[]> {
  return database.db.transaction(async (tx) => {
    await tx.execute(sql`set local statement_timeout = 0`);
    return ((await tx.execute(query)) as unknown as { rows: T[] }).rows;
  });
}
