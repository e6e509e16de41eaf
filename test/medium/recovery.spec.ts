import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RecoveryService } from '../../src/domain/changes/recovery.service.js';
import { Database } from '../../src/platform/database/database.js';
import { startStack, type Stack } from '../e2e/harness.js';
import type { TenantUser } from '../e2e/logto-tenant.js';

describe('the background job that resumes abandoned changes', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack();
  }, 60_000);
  afterAll(() => stack?.stop());

  const query = async (text: string, values: unknown[]) =>
    (await stack.app.get(Database, { strict: false }).query({ text, values })).rows;
  const recoverAbandoned = () => stack.app.get(RecoveryService, { strict: false }).recoverAbandoned();
  const hasPending = async ({ id }: TenantUser) =>
    (await query('select pending is not null as it from logto_profile.profile_user where user_id = $1', [id]))[0]!.it;

  /** Creates a user whose change was interrupted before its first call to Logto. */
  async function abandonChange(): Promise<TenantUser> {
    const user = await stack.createUser();
    const pending = {
      changeId: user.id,
      target: { logto: { name: 'Resumed' } },
      before: { logto: { name: null } },
      row: { values: { plain: { shippingAddress: { country: 'DE' } }, encrypted: {} } },
      proofs: [],
    };
    await query(
      `insert into logto_profile.profile_user (user_id, lease, lease_until, pending)
       values ($1, 'crashed', clock_timestamp() - interval '1 second', $2)`,
      [user.id, JSON.stringify(pending)],
    );
    return user;
  }

  it('completes the change of a user', async () => {
    const user = await abandonChange();
    await recoverAbandoned();
    expect(await hasPending(user)).toBe(false);
    const { body } = await stack.api('GET', '/v1/profile', { token: await stack.tokenFor(user.username) });
    expect(body).toMatchObject({ name: 'Resumed', shippingAddress: { country: 'DE' } });
  });

  it('drops the change of a user who no longer exists at Logto', async () => {
    const user = await abandonChange();
    await stack.tenant.call('DELETE', `/users/${user.id}`);
    await recoverAbandoned();
    expect(await hasPending(user)).toBe(false);
    const rows = await query('select fields from logto_profile.profile_user where user_id = $1', [user.id]);
    expect(rows).toEqual([{ fields: {} }]);
  });

  it('resumes the changes of others although those of some users fail again and again', async () => {
    const failing = await Promise.all(Array.from({ length: 60 }, abandonChange));
    for (const { id } of failing) stack.faults.add({ operation: `GET /api/users/${id}`, status: 500 });
    await query(`update logto_profile.profile_user set lease_until = lease_until - interval '1 minute'`, []);
    const user = await abandonChange();
    await recoverAbandoned();
    await recoverAbandoned();
    expect(await hasPending(user)).toBe(false);
    stack.faults.reset();
  });
});
