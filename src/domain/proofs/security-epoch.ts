import { eq, sql, type SQL } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import { profileUser } from '../../platform/database/schema.js';

/**
 * Whether a row of the table (a proof, a code, a challenge) was created since the user's last recovery. Part of the statement that
 * reads or takes the row, so that a recovery that has been written voids it, whichever replica wrote it.
 */
export const ofCurrentEpoch = (table: { readonly userId: PgColumn; readonly securityEpoch: PgColumn }): SQL =>
  eq(
    table.securityEpoch,
    sql`(select ${profileUser.securityEpoch} from ${profileUser} where ${profileUser.userId} = ${table.userId})`,
  );
