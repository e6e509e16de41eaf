import { eq, sql, type SQL } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import { profileUser } from '../../platform/database/schema.js';

/**
 * The condition that a row (a proof, a code, a challenge) was created since the user's proofs were last voided. It is
 * part of the statement that reads or claims the row, so that a revocation by any replica applies immediately.
 */
export const ofCurrentEpoch = (table: { readonly userId: PgColumn; readonly securityEpoch: PgColumn }): SQL =>
  eq(
    table.securityEpoch,
    sql`(select ${profileUser.securityEpoch} from ${profileUser} where ${profileUser.userId} = ${table.userId})`,
  );
