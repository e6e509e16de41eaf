import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Client } from 'pg';
import { startDevLogto, type DevLogto } from '../../dev-logto/src/index.js';
import { Database } from '../../src/platform/database/database.js';
import { startStack, type ApiResponse, type Stack } from '../e2e/harness.js';
import type { TenantUser } from '../e2e/logto-tenant.js';
import { createPostgresDatabase } from './support/postgres.js';
import { TcpProxy } from './support/tcp-proxy.js';

const PASSWORD = 'Str0ng-Passw0rd!x';
const POOL_SIZE = 2;
/** Short for the tests in which a statement hangs, and long enough for all others on a busy machine. */
const TIMEOUT_MS = 3_000;

const postgres = await createPostgresDatabase();
const proxy = postgres && (await TcpProxy.start(postgres.url));
const TARGETS: [string, Record<string, string>][] = [['PGlite', { DATABASE_FOLDER: 'memory://' }]];
if (proxy) TARGETS.push(['PostgreSQL', { DATABASE_URL: proxy.url, DATABASE_POOL_SIZE: String(POOL_SIZE) }]);

let logto: DevLogto;
beforeAll(async () => {
  logto = await startDevLogto({ port: 0 });
});
afterAll(async () => {
  await logto.stop();
  await proxy?.reject();
  await postgres?.drop();
});

/** The statements of a change of the row at which a test makes the database fail, and the condition of a trigger for each. */
const MOMENTS = {
  acquire: 'old.lease is distinct from new.lease and new.lease is not null',
  pending: 'old.pending is null and new.pending is not null',
  end: 'old.lease is not null and new.lease is null',
} as const;
type Moment = keyof typeof MOMENTS;

/** What PostgreSQL reports in each case. A trigger raises it, because most of them need a server of their own. */
const SQLSTATES = {
  'a full disk': '53100',
  'too little memory': '53200',
  'a read-only database': '25006',
  'a lock that is not released': '55P03',
  'a statement that takes too long': '57014',
  'a deadlock': '40P01',
  'a failed disk': '58030',
} as const;

describe.each(TARGETS)('on %s', (name, environment) => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({
      logto,
      environment: {
        FIELD_ENCRYPTION_KEYS: `test:${Buffer.alloc(32, 'test key').toString('base64url')}`,
        DATABASE_TIMEOUT_MS: String(TIMEOUT_MS),
        CACHE_MAX_AGE_MS: '0',
        ...environment,
      },
    });
  }, 60_000);
  afterAll(() => stack?.stop());

  let user: TenantUser;
  let token: string;
  beforeEach(async () => {
    user = await stack.createUser({ password: PASSWORD });
    token = await stack.tokenFor(user.username);
    await stack.api('GET', '/v1/profile', { token });
  });

  const query = (text: string) => stack.app.get(Database, { strict: false }).query({ text });
  const patch = (body: object, headers: Record<string, string> = {}) =>
    stack.api('PATCH', '/v1/profile', { token, body, headers });
  const proof = async () => {
    const { body } = await stack.api('POST', '/v1/password/verify', { token, body: { password: PASSWORD } });
    return { 'verification-id': body.verificationId as string };
  };
  const nameAtLogto = async () => (await stack.tenant.user(user.id)).name;

  function expectUnavailable(response: ApiResponse, outcome: 'unknown' | undefined): void {
    expect([response.status, response.body.code, response.body.outcome]).toEqual([
      503,
      'database_unavailable',
      outcome,
    ]);
    expect(response.headers.get('retry-after')).toBe('1');
  }

  /** Once the database works again, the user can read a profile that contains a patch, or nothing of it. */
  async function expectRecovered(expected: object): Promise<void> {
    await query(`update logto_profile.profile_user set lease_until = clock_timestamp() where lease is not null`);
    const read = await stack.api('GET', '/v1/profile', { token, headers: { 'cache-control': 'no-cache' } });
    expect(read).toMatchObject({ status: 200, body: expected });
    expect((await patch({ nickname: 'Again' })).status).toBe(200);
  }

  describe('a database that rejects a statement', () => {
    async function failAt(moment: Moment, sqlState: string): Promise<void> {
      await query(`create function logto_profile.fail() returns trigger language plpgsql as
        $$ begin raise exception 'failed' using errcode = tg_argv[0]; end $$`);
      await query(`create trigger fail before update on logto_profile.profile_user for each row
        when (${MOMENTS[moment]}) execute function logto_profile.fail('${sqlState}')`);
    }
    const repair = () => query('drop function if exists logto_profile.fail cascade');
    afterEach(repair);

    it.each(Object.entries(SQLSTATES))('changes nothing before a change has started: %s', async (_kind, sqlState) => {
      await failAt('acquire', sqlState);
      expectUnavailable(await patch({ name: 'New', shippingAddress: { country: 'DE' } }), undefined);
      await repair();
      await expectRecovered({ name: null, shippingAddress: null });
    });

    it.each(Object.entries(SQLSTATES))(
      'changes nothing if the pending change cannot be recorded, and spares the proof: %s',
      async (_kind, sqlState) => {
        const headers = await proof();
        await failAt('pending', sqlState);
        expectUnavailable(await patch({ name: 'New', taxId: 'DE123456789' }, headers), undefined);
        await repair();
        await expectRecovered({ name: null, taxId: null });
        expect((await patch({ taxId: 'DE123456789' }, headers)).status).toBe(200);
      },
    );

    it.each(Object.entries(SQLSTATES))(
      'reports an unknown outcome once Logto was changed, and the change is completed: %s',
      async (_kind, sqlState) => {
        await failAt('end', sqlState);
        const change = { name: 'New', shippingAddress: { country: 'DE' } };
        expectUnavailable(await patch(change), 'unknown');
        expect(await nameAtLogto()).toBe('New');
        await repair();
        await expectRecovered(change);
      },
    );

    it('reports an unknown outcome after the only call of a change', async () => {
      await failAt('end', '53100');
      expectUnavailable(await patch({ name: 'New' }), 'unknown');
      await repair();
      await expectRecovered({ name: 'New' });
    });

    it('changes nothing if the change concerns only the row', async () => {
      await failAt('end', '53100');
      expectUnavailable(await patch({ shippingAddress: { country: 'DE' } }), undefined);
      await repair();
      await expectRecovered({ shippingAddress: null });
    });

    it('reports an unknown outcome of a new password, which is in force', async () => {
      await failAt('end', '53100');
      const body = { newPassword: 'an0ther-G00d!one', currentPassword: PASSWORD };
      expectUnavailable(await stack.api('PUT', '/v1/password', { token, body }), 'unknown');
      await repair();
      await expectRecovered({ name: null });
      const verify = { token, body: { password: body.newPassword } };
      expect((await stack.api('POST', '/v1/password/verify', verify)).status).toBe(201);
    });

    it('leaves a change that Logto rejected to recovery if it cannot be dropped', async () => {
      const fault = { operation: 'PATCH /api/users/:id', times: 1, status: 422 };
      const headers = await proof();
      logto.faults.add({ ...fault, body: { code: 'user.username_already_in_use', message: 'No.' } });
      await failAt('end', '53100');
      const change = { username: `${user.username}x`, shippingAddress: { country: 'DE' } };
      expectUnavailable(await patch(change, headers), 'unknown');
      await repair();
      await expectRecovered(change);
    });

    it('is logged once, and its recovery', async () => {
      // Ends the outages of the tests before, which are too recent for another one to be logged.
      const now = performance.now.bind(performance);
      jest.spyOn(performance, 'now').mockImplementation(() => now() + 60_000);
      expect((await patch({ name: 'Before' })).status).toBe(200);
      const lines: string[] = [];
      for (const level of ['warn', 'log', 'error'] as const) {
        jest.spyOn(Logger.prototype, level).mockImplementation((line: unknown) => void lines.push(String(line)));
      }
      await failAt('acquire', '53100');
      for (let i = 0; i < 5; i += 1) {
        expectUnavailable(await patch({ name: 'New' }), undefined);
        expect((await stack.api('GET', '/v1/profile', { token })).status).toBe(200);
      }
      await repair();
      expect((await patch({ name: 'New' })).status).toBe(200);
      jest.restoreAllMocks();
      expect(lines).toEqual([
        'The database is unavailable (PATCH /v1/profile: 53100). Further failures of this outage are not logged.',
        expect.stringMatching(/^The database is available again after \d+ s and 5 failures\.$/),
      ]);
    });

    it('fails reads that need the row', async () => {
      await query(`alter table logto_profile.profile_user rename to profile_user_away`);
      await query(`create function logto_profile.unreadable() returns int language plpgsql as
        $$ begin raise exception 'failed' using errcode = '58030'; end $$`);
      await query(`create view logto_profile.profile_user as select * from logto_profile.profile_user_away
        where logto_profile.unreadable() is not null`);
      expectUnavailable(await stack.api('GET', '/v1/profile', { token }), undefined);
      await query(`drop function logto_profile.unreadable cascade`);
      await query(`alter table logto_profile.profile_user_away rename to profile_user`);
      await expectRecovered({ name: null });
    });
  });

  (name === 'PostgreSQL' ? describe : describe.skip)('a database that is out of reach', () => {
    /** The names of the prepared statements of a change. They are part of each execution. */
    const STATEMENTS = { read: 'read-users', acquire: 'acquire-lease', end: 'apply-change' } as const;

    describe.each(['breakOn', 'hangOn'] as const)('because the connection is lost or hangs: %s', (fail) => {
      it('fails a read', async () => {
        const failed = proxy![fail](STATEMENTS.read);
        expectUnavailable(await stack.api('GET', '/v1/profile', { token }), undefined);
        await failed;
        await expectRecovered({ name: null });
      });

      it('changes nothing before a change has started', async () => {
        const failed = proxy![fail](STATEMENTS.acquire);
        expectUnavailable(await patch({ name: 'New' }), undefined);
        await failed;
        await expectRecovered({ name: null });
      });

      it.each([
        { name: 'New' },
        { shippingAddress: { country: 'DE' } },
        { name: 'New', shippingAddress: { country: 'DE' } },
      ])('reports an unknown outcome at the end of a change: %j', async (change) => {
        const failed = proxy![fail](STATEMENTS.end);
        expectUnavailable(await patch(change), 'unknown');
        await failed;
        // A change of the row alone is one statement, which was not received. Any other was made at Logto.
        await expectRecovered('name' in change ? change : { shippingAddress: null });
      });
    });

    it('fails requests while the server rejects connections', async () => {
      await proxy!.reject();
      expectUnavailable(await stack.api('GET', '/v1/profile', { token }), undefined);
      expectUnavailable(await patch({ name: 'New' }), undefined);
      await proxy!.accept();
      await expectRecovered({ name: null });
    });

    it('fails requests while all connections are in use', async () => {
      const { promise: released, resolve: release } = createDeferred();
      const begun = Array.from({ length: POOL_SIZE }, createDeferred);
      const transactions = begun.map(({ resolve }) =>
        stack.app.get(Database, { strict: false }).db.transaction(async () => {
          resolve();
          await released;
        }),
      );
      await Promise.all(begun.map(({ promise }) => promise));
      expectUnavailable(await stack.api('GET', '/v1/profile', { token }), undefined);
      release();
      await Promise.all(transactions);
      await expectRecovered({ name: null });
    });

    it('fails a change while another session has locked the row', async () => {
      const other = new Client({ connectionString: postgres!.url });
      await other.connect();
      await other.query('begin');
      await other.query('select 1 from logto_profile.profile_user for update');
      expectUnavailable(await patch({ name: 'New' }), undefined);
      await other.query('rollback');
      await other.end();
      await expectRecovered({ name: null });
    });

    it('fails a change while the database accepts no writes', async () => {
      const admin = new Client({ connectionString: postgres!.url });
      await admin.connect();
      const setReadOnly = async (value: 'on' | 'off') => {
        await admin.query(`alter database ${new URL(postgres!.url).pathname.slice(1)}
          set default_transaction_read_only = ${value}`);
        await admin.query(`set default_transaction_read_only = off`);
        proxy!.breakAll();
      };
      await setReadOnly('on');
      await expect(query('insert into logto_profile.job_run values ($$x$$, now())')).rejects.toThrow();
      expectUnavailable(await patch({ name: 'New' }), undefined);
      await setReadOnly('off');
      await admin.end();
      await expectRecovered({ name: null });
    });
  });
});

function createDeferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve!: () => void;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}
