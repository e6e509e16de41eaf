import { sql } from 'drizzle-orm';
import type { AppConfig } from '../config/app-config.js';
import { ConfigurationError } from '../config/environment-reader.js';
import type { Database } from './database.js';

/**
 * Records in the database which Logto tenant its users belong to, or compares the record. With another tenant every user would look
 * deleted.
 * @throws ConfigurationError if the database belongs to another tenant
 */
export async function checkTenant(
  database: Database,
  { issuer, managementApiResource }: AppConfig['logto'],
): Promise<void> {
  const result = await database.db.execute(
    sql`insert into logto_profile.tenant (issuer, management_api_resource) values (${issuer}, ${managementApiResource})
        on conflict (singleton) do update set singleton = excluded.singleton
        returning issuer, management_api_resource as "managementApiResource"`,
  );
  const [recorded] = (result as unknown as { rows: { issuer: string; managementApiResource: string }[] }).rows;
  if (recorded!.issuer === issuer && recorded!.managementApiResource === managementApiResource) return;
  throw new ConfigurationError([
    `The database belongs to another Logto tenant: issuer ${recorded!.issuer}, Management API ${recorded!.managementApiResource}. ` +
      `The configuration has issuer ${issuer}, Management API ${managementApiResource}. Use a database of its own for each tenant. ` +
      'If the tenant only has a new address, see "When the address of Logto changes" in docs/deploying.md.',
  ]);
}
