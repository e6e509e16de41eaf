import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Database } from '../../src/platform/database/database.js';
import type { JsonObject } from '../../src/platform/json/json.js';
import { ManagementApiService } from '../../src/platform/management-api/management-api.service.js';
import { UpstreamError } from '../../src/platform/management-api/upstream-error.js';
import { RecoveryService } from '../../src/domain/changes/recovery.service.js';
import { CustomDataStore } from '../../src/domain/fields/stores/custom-data.store.js';
import { DatabaseStore } from '../../src/domain/fields/stores/database.store.js';
import { ExternalStore } from '../../src/domain/fields/stores/external.store.js';
import { FieldStores } from '../../src/domain/fields/stores/field-stores.js';
import { LogtoStore } from '../../src/domain/fields/stores/logto.store.js';
import { startStack, usesEmbeddedLogto, type Stack } from '../e2e/harness.js';
import type { TenantUser } from '../e2e/logto-tenant.js';

/** A CRM with one record per user, in memory. */
class CrmStore extends ExternalStore {
  readonly name = 'crm';
  readonly records = new Map<string, JsonObject>();
  readonly changeIds: string[] = [];
  /** What happens instead of the next writes. */
  faults: ('rejects' | 'applies but does not respond' | 'does not respond')[] = [];

  load(userId: string): Promise<JsonObject> {
    return Promise.resolve(this.records.get(userId) ?? {});
  }

  write(userId: string, values: JsonObject, { changeId }: { changeId: string }): Promise<void> {
    this.changeIds.push(changeId);
    const fault = this.faults.shift();
    if (fault === 'rejects') {
      return Promise.reject(
        new UpstreamError('validation_failed', 'rejected', {
          errors: [{ pointer: '/loyalty', code: 'invalid_value', params: {} }],
        }),
      );
    }
    if (fault !== 'does not respond') this.records.set(userId, { ...this.records.get(userId), ...values });
    return fault ? Promise.reject(new Error('socket hang up')) : Promise.resolve();
  }
}

function catalogueWithLoyalty(): string {
  const sample = readFileSync(new URL('../../profile-fields.yaml', import.meta.url), 'utf8');
  const file = join(mkdtempSync(join(tmpdir(), 'catalogue-')), 'fields.yaml');
  writeFileSync(file, `${sample}\n  loyalty:\n    store: crm\n    schema: { type: string }\n`);
  return file;
}

(usesEmbeddedLogto ? describe : describe.skip)('a store that a team adds', () => {
  const crm = new CrmStore();
  let stack: Stack;
  let user: TenantUser;
  let token: string;

  beforeAll(async () => {
    const useFactory = (logto: ManagementApiService) =>
      new FieldStores([new LogtoStore(logto), new CustomDataStore(logto), crm, new DatabaseStore()]);
    stack = await startStack({
      environment: { PROFILE_FIELDS: catalogueWithLoyalty(), CACHE_MAX_AGE_MS: '600000' },
      overrides: [{ provide: FieldStores, useFactory, inject: [ManagementApiService] }],
    });
  }, 60_000);
  afterAll(() => stack?.stop());
  beforeEach(async () => {
    user = await stack.createUser({ name: 'Before' });
    crm.records.set(user.id, { loyalty: 'silver', internal: 1 });
    crm.changeIds.length = 0;
    token = await stack.tokenFor(user.username);
  });

  const read = async () => {
    const { body } = await stack.api('GET', '/v1/profile', { token, unchecked: true });
    return { name: body.name, loyalty: body.loyalty, city: body.shippingAddress?.locality ?? null };
  };
  const patch = (body: JsonObject) => stack.api('PATCH', '/v1/profile', { token, body, unchecked: true });
  const everywhere = { name: 'After', loyalty: 'gold', shippingAddress: { locality: 'Berlin' } };
  const before = { name: 'Before', loyalty: 'silver', city: null };
  const after = { name: 'After', loyalty: 'gold', city: 'Berlin' };

  async function recover(): Promise<void> {
    const database = stack.app.get(Database, { strict: false });
    await database.query({
      text: 'update logto_profile.profile_user set lease_until = clock_timestamp() where lease is not null',
    });
    await stack.app.get(RecoveryService, { strict: false }).recover(user.id);
  }

  it('is read into the document, and what others write there is seen by the next read', async () => {
    expect(await read()).toEqual(before);
    crm.records.set(user.id, { loyalty: 'bronze' });
    expect((await read()).loyalty).toBe('bronze');
  });

  it('is written alone and together with the other stores, without touching what is not declared', async () => {
    expect((await patch({ loyalty: 'gold' })).body).toMatchObject({ name: 'Before', loyalty: 'gold' });
    const { status, body } = await patch(everywhere);
    expect([status, body.name, body.loyalty]).toEqual([200, 'After', 'gold']);
    expect(await read()).toEqual(after);
    expect((await patch({ loyalty: null })).body.loyalty).toBeNull();
    expect(crm.records.get(user.id)).toEqual({ loyalty: null, internal: 1 });
  });

  it('can reject a change, which then happens in no store', async () => {
    crm.faults = ['rejects'];
    const { status, body } = await patch(everywhere);
    expect([status, body.code]).toEqual([422, 'validation_failed']);
    expect(await read()).toEqual(before);
    expect((await stack.tenant.user(user.id))['name']).toBe('Before');
  });

  it.each(['applies but does not respond', 'does not respond'] as const)(
    'gets the same change again when it %s',
    async (fault) => {
      crm.faults = [fault];
      const { status, body } = await patch(everywhere);
      expect([status, body.code, body.outcome]).toEqual([502, 'upstream_failed', 'unknown']);
      expect(await read()).toEqual(before);
      await recover();
      expect(await read()).toEqual(after);
      expect(new Set(crm.changeIds).size).toBe(1);
      expect(crm.records.get(user.id)).toEqual({ loyalty: 'gold', internal: 1 });
    },
  );
});
