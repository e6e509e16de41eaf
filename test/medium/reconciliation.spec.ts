import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startDevLogto } from '../../dev-logto/src/index.js';
import { ReconciliationService } from '../../src/domain/users/reconciliation.service.js';
import { MissingUserRepository } from '../../src/domain/users/missing-user.repository.js';
import { Clock } from '../../src/platform/config/clock.js';
import { Database } from '../../src/platform/database/database.js';
import { startStack, usesEmbeddedLogto, type Stack } from '../e2e/harness.js';
import { createPostgresDatabase } from './support/postgres.js';

const KEY = 'a-webhook-signing-key';
const DAY_MS = 24 * 3_600_000;
/** `RECONCILIATION_USERS=10000` for the figures in docs/security.md. */
const USERS = Number(process.env.RECONCILIATION_USERS ?? 400);

const postgres = await createPostgresDatabase();
const targets: [string, string | undefined][] = [['PGlite', undefined]];
if (postgres) targets.push(['PostgreSQL', postgres.url]);

(usesEmbeddedLogto ? describe : describe.skip).each(targets)('reconciliation with Logto, on %s', (_name, url) => {
  const clock = { offset: 0, now: () => Date.now() + clock.offset };
  let stack: Stack;
  let reconciliation: ReconciliationService;

  beforeAll(async () => {
    stack = await startStack({
      environment: { DATABASE_URL: url, LOGTO_WEBHOOK_SIGNING_KEY: KEY, UPSTREAM_CONNECTIONS: '64' },
      overrides: [{ provide: Clock, useValue: clock }],
    });
    reconciliation = stack.app.get(ReconciliationService, { strict: false });
  }, 60_000);
  afterAll(async () => {
    await stack?.stop();
    if (url) await postgres?.drop();
  });
  beforeEach(async () => {
    clock.offset = 0;
    stack.logto!.faults.reset();
    for (const id of [...stack.logto!.tenant.users.keys()]) stack.logto!.tenant.deleteUser(id);
    await query('delete from logto_profile.profile_user');
  });

  const query = (text: string, values: unknown[] = []) =>
    stack.app.get(Database, { strict: false }).query({ text, values });
  const countRows = async () =>
    Number((await query('select count(*) as n from logto_profile.profile_user')).rows[0]!['n']);
  const countMarked = async () =>
    Number(
      (await query('select count(*) as n from logto_profile.profile_user where missing_since is not null')).rows[0]![
        'n'
      ],
    );

  /** Creates users at Logto, each with a row that holds an address. */
  async function createUsers(count: number): Promise<string[]> {
    const { tenant, passwords } = stack.logto!;
    const ids: string[] = [];
    for (let n = 0; n < count; n += 1)
      ids.push((await tenant.addSeedUser({ username: `user${n}` }, passwords.hash)).id);
    await query(
      `insert into logto_profile.profile_user (user_id, fields)
       select id, '{"shippingAddress": {"country": "DE"}}'::jsonb from unnest($1::text[]) as id`,
      [ids],
    );
    return ids;
  }
  const deleteAtLogto = (ids: readonly string[]) => ids.forEach((id) => stack.logto!.tenant.deleteUser(id));

  it('marks a user whose deletion no webhook reported, and erases them later', async () => {
    const [deleted] = await createUsers(5);
    deleteAtLogto([deleted!]);
    expect(await reconciliation.run()).toMatchObject({ known: 5, newlyMissing: 1, marked: 1, erased: 0 });
    clock.offset = 6 * DAY_MS;
    expect(await reconciliation.run()).toMatchObject({ newlyMissing: 0, marked: 0, erased: 0 });
    clock.offset = 8 * DAY_MS;
    expect(await reconciliation.run()).toMatchObject({ newlyMissing: 0, marked: 0, erased: 1 });
    expect(await countRows()).toBe(4);
  });

  it('keeps a marked user whom Logto knows again', async () => {
    const [id] = await createUsers(5);
    const user = stack.logto!.tenant.users.get(id!)!;
    deleteAtLogto([id!]);
    await reconciliation.run();
    expect(await countMarked()).toBe(1);
    stack.logto!.tenant.users.set(id!, user);
    clock.offset = 8 * DAY_MS;
    expect(await reconciliation.run()).toMatchObject({ restored: 1, erased: 0 });
    expect([await countMarked(), await countRows()]).toEqual([0, 5]);
  });

  it('changes nothing when suspiciously many users are missing, such as all of an empty tenant', async () => {
    const ids = await createUsers(60);
    deleteAtLogto(ids);
    expect(await reconciliation.run()).toMatchObject({ known: 60, newlyMissing: 60, limit: 1, marked: 0 });
    expect(await reconciliation.run({ confirm: 59 })).toMatchObject({ newlyMissing: 60, marked: 0 });
    expect(await countMarked()).toBe(0);
    expect(await reconciliation.run({ confirm: 60 })).toMatchObject({ marked: 60, erased: 0 });
  });

  it('erases nobody because Logto responds with errors', async () => {
    const [first, second] = await createUsers(200);
    deleteAtLogto([first!, second!]);
    await reconciliation.run({ confirm: 2 });
    clock.offset = 8 * DAY_MS;
    stack.logto!.faults.add({ operation: 'GET /api/users/:userId', status: 500 });
    expect(await reconciliation.run()).toMatchObject({ unclear: 2, erased: 0 });
    stack.logto!.faults.reset();
    stack.logto!.faults.add({ operation: 'GET /api/users', status: 503 });
    await expect(reconciliation.run()).rejects.toMatchObject({ code: expect.stringContaining('upstream') });
    expect(await countRows()).toBe(200);
  });

  it('changes nothing when it is stopped', async () => {
    const [id] = await createUsers(5);
    deleteAtLogto([id!]);
    await expect(reconciliation.run({ signal: AbortSignal.abort() })).rejects.toThrow();
    expect(await countMarked()).toBe(0);
  });

  it('is due once a day, for one replica', async () => {
    const users = stack.app.get(MissingUserRepository, { strict: false });
    const claim = (ms: number) => users.claimRun('test', new Date(ms), DAY_MS);
    const claims = await Promise.all(Array.from({ length: 5 }, () => claim(DAY_MS)));
    expect(claims.filter(Boolean)).toHaveLength(1);
    expect([await claim(2 * DAY_MS - 1), await claim(2 * DAY_MS), await claim(2 * DAY_MS)]).toEqual([
      false,
      true,
      false,
    ]);
  });

  it(`recovers from ${USERS} deletions of which one webhook in ten is lost`, async () => {
    const ids = await createUsers(USERS);
    for (const [n, id] of ids.entries()) {
      deleteAtLogto([id]);
      if (n % 10 === 0) continue;
      const body = JSON.stringify({
        event: 'User.Deleted',
        createdAt: new Date().toISOString(),
        params: { userId: id },
      });
      const signature = createHmac('sha256', KEY).update(body).digest('hex');
      const headers = { 'content-type': 'application/json', 'logto-signature-sha-256': signature };
      expect((await stack.api('POST', '/webhooks/logto', { body, headers })).status).toBe(204);
    }
    const lost = USERS / 10;
    expect(await countRows()).toBe(lost);
    expect(await reconciliation.run()).toMatchObject({ newlyMissing: lost, marked: 0, erased: 0 });
    expect(await reconciliation.run({ confirm: lost })).toMatchObject({ marked: lost, erased: 0 });
    clock.offset = 8 * DAY_MS;
    expect(await reconciliation.run()).toMatchObject({ marked: 0, erased: lost });
    expect(await countRows()).toBe(0);
  }, 600_000);
});

(postgres && usesEmbeddedLogto ? describe : describe.skip)('a database of another tenant', () => {
  it('is rejected at the start, and nothing in it is changed', async () => {
    const database = (await createPostgresDatabase())!;
    const environment = { DATABASE_URL: database.url };
    const first = await startStack({ environment });
    await first.api('GET', '/v1/profile', { token: await first.tokenFor('alice') });
    await first.stop();
    const other = await startDevLogto({ port: 0 });
    await expect(startStack({ environment, logto: other })).rejects.toThrow('belongs to another Logto tenant');
    await other.stop();
    await database.drop();
  }, 60_000);
});
