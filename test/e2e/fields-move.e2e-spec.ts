import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eq } from 'drizzle-orm';
import { Database } from '../../src/platform/database/database.js';
import { profileUser } from '../../src/platform/database/schema.js';
import { FieldCatalogue } from '../../src/domain/fields/catalogue/field-catalogue.js';
import { buildCatalogue } from '../../src/domain/fields/catalogue/load-catalogue.js';
import { moveField, moveServicesOf, type MoveOptions } from '../../src/domain/field-moves/move-field.js';
import { createPostgresDatabase } from '../medium/support/postgres.js';
import { startStack, type Stack } from './harness.js';
import type { NewUser, TenantUser } from './logto-tenant.js';
import { stores } from '../support/stores.js';

const postgres = await createPostgresDatabase();
const TARGETS: [string, string | undefined][] = [['PGlite', undefined]];
if (postgres) TARGETS.push(['PostgreSQL', postgres.url]);

const catalogue = buildCatalogue(
  {
    fields: {
      name: { store: 'logto' },
      nickname: { store: 'logto', previously: { store: 'database' } },
      newsletter: { store: 'database', schema: { type: 'boolean' }, previously: { store: 'customData' } },
      taxId: {
        store: 'database',
        sensitive: true,
        mask: 'last4',
        schema: { type: 'string' },
        previously: { store: 'customData' },
      },
      theme: { store: 'customData', schema: { type: 'string' }, previously: { store: 'database' } },
    },
  },
  stores,
);

describe.each(TARGETS)('a field that moves to another store on %s', (_name, url) => {
  let stack: Stack;

  beforeAll(async () => {
    const overrides = [{ provide: FieldCatalogue, useValue: catalogue }];
    stack = await startStack({ environment: { DATABASE_URL: url }, overrides });
  }, 60_000);
  afterAll(async () => {
    await stack?.stop();
    if (url) await postgres?.drop();
  });

  const getDatabase = () => stack.app.get(Database).db;
  const readFields = async ({ id }: TenantUser) => {
    const [row] = await getDatabase().select().from(profileUser).where(eq(profileUser.userId, id));
    return { ...row?.fields, ...row?.encryptedFields };
  };
  const readCustomData = async ({ id }: TenantUser) => (await stack.tenant.user(id)).customData;
  const read = async ({ username }: TenantUser) => {
    const token = await stack.tokenFor(username);
    return (await stack.api('GET', '/v1/profile', { token, headers: { 'cache-control': 'no-cache' } })).body;
  };
  const patch = async ({ username }: TenantUser, body: unknown) =>
    stack.api('PATCH', '/v1/profile', { token: await stack.tokenFor(username), body });
  const move = (name: string, options: Partial<MoveOptions> = {}) =>
    moveField(moveServicesOf(stack.app), name, { apply: true, pageSize: 3, ...options });
  const createUsers = (count: number, data: NewUser) =>
    Promise.all(Array.from({ length: count }, () => stack.createUser(data)));

  it('is read from its old store and moves when it is written', async () => {
    const user = await stack.createUser({ customData: { newsletter: true, other: 1 } });
    expect(await read(user)).toMatchObject({ newsletter: true });
    expect((await patch(user, { newsletter: false })).body).toMatchObject({ newsletter: false });
    expect(await readFields(user)).toEqual({ newsletter: false });
    expect(await readCustomData(user)).toEqual({ newsletter: null, other: 1 });
  });

  it('is stored as null when it is removed, so that the old value does not reappear', async () => {
    const user = await stack.createUser({ customData: { newsletter: true } });
    expect((await patch(user, { newsletter: null })).body).toMatchObject({ newsletter: null });
    expect(await readFields(user)).toEqual({ newsletter: null });
    await stack.tenant.call('PATCH', `/users/${user.id}/custom-data`, { customData: { newsletter: true } });
    expect(await read(user)).toMatchObject({ newsletter: null });
  });

  it('stays where it is in a dry run, which only counts values', async () => {
    const [user] = await createUsers(1, { customData: { newsletter: true } });
    const counts = await move('newsletter', { apply: false });
    expect(counts.moved).toBeGreaterThanOrEqual(1);
    expect(counts.users).toBe(counts.total);
    expect(await readFields(user)).toEqual({});
    expect(await readCustomData(user)).toEqual({ newsletter: true });
  });

  it('moves for all users, including suspended ones, and stays readable in the meantime', async () => {
    const users = await createUsers(7, { customData: { newsletter: true, other: 1 } });
    const [suspended] = await createUsers(1, { customData: { newsletter: false } });
    await stack.tenant.call('PATCH', `/users/${suspended.id}/is-suspended`, { isSuspended: true });

    let finished = false;
    const moving = move('newsletter').finally(() => (finished = true));
    const readValues = new Set<unknown>();
    while (!finished) for (const user of users) readValues.add((await read(user)).newsletter);
    expect((await moving).failed).toEqual([]);

    expect([...readValues]).toEqual([true]);
    for (const user of users) {
      expect(await readFields(user)).toEqual({ newsletter: true });
      expect(await readCustomData(user)).toEqual({ newsletter: null, other: 1 });
      expect(await read(user)).toMatchObject({ newsletter: true });
    }
    expect(await readFields(suspended)).toEqual({ newsletter: false });
    expect(await move('newsletter')).toMatchObject({ moved: 0, failed: [] });
  });

  it('continues to move from the page where the command was stopped', async () => {
    await createUsers(7, { customData: { newsletter: true } });
    const abort = new AbortController();
    const first = await move('newsletter', { signal: abort.signal, onProgress: () => abort.abort() });
    expect(first).toMatchObject({ users: 3, nextPage: 2 });
    const rest = await move('newsletter', { fromPage: first.nextPage });
    expect(rest.users).toBe(rest.total - 3);
    expect(first.moved + rest.moved).toBe(7);
  });

  it('is encrypted if it has become sensitive', async () => {
    const user = await stack.createUser({ customData: { taxId: 'DE123456789' } });
    expect(await read(user)).toMatchObject({ taxId: { masked: '•••• 6789' } });
    await move('taxId');
    expect(JSON.stringify(await readFields(user))).not.toContain('DE123456789');
    expect(await readFields(user)).toMatchObject({ taxId: { mask: '•••• 6789' } });
    expect(await readCustomData(user)).toEqual({ taxId: null });
    expect(await read(user)).toMatchObject({ taxId: { masked: '•••• 6789' } });
  });

  it('stays in the old store if its value violates the new schema', async () => {
    const user = await stack.createUser({ customData: { newsletter: 'weekly' } });
    expect(await move('newsletter')).toMatchObject({ moved: 0, invalid: [user.id] });
    expect(await readCustomData(user)).toEqual({ newsletter: 'weekly' });
    await stack.tenant.call('DELETE', `/users/${user.id}`);
  });

  it('moves from the database to Logto', async () => {
    const user = await stack.createUser();
    await getDatabase()
      .insert(profileUser)
      .values({ userId: user.id, fields: { theme: 'dark', nickname: 'Al' } });
    expect(await read(user)).toMatchObject({ theme: 'dark', nickname: 'Al' });
    await move('theme');
    await move('nickname');
    expect(await readFields(user)).toEqual({ nickname: null, theme: null });
    expect(await stack.tenant.user(user.id)).toMatchObject({
      customData: { theme: 'dark' },
      profile: { nickname: 'Al' },
    });
    expect(await read(user)).toMatchObject({ theme: 'dark', nickname: 'Al' });
  });

  it('is skipped for users that Logto cannot return', async () => {
    const [firstUser, brokenUser, lastUser] = await createUsers(3, { customData: { newsletter: true } });
    await stack.tenant.call('PATCH', `/users/${brokenUser.id}`, { name: '😀'.repeat(65) }).catch(() => undefined);
    const result = await move('newsletter');
    expect(result).toMatchObject({ unreadable: 1, failed: [] });
    for (const user of [firstUser, lastUser]) expect(await readFields(user)).toEqual({ newsletter: true });
    await stack.tenant.call('DELETE', `/users/${brokenUser.id}`).catch(() => undefined);
  });

  it('is rejected without a previous store in the catalogue', async () => {
    await expect(move('name')).rejects.toThrow('has no previous store');
    await expect(move('shoeSize')).rejects.toThrow('no field shoeSize');
  });
});
