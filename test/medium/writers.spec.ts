import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { startDevLogto, type DevLogto } from '../../dev-logto/src/index.js';
import { Database } from '../../src/platform/database/database.js';
import { inOrder, type Json } from '../../src/platform/json/json.js';
import { mergePatch } from '../../src/domain/profile-document/merge-patch.js';
import { json } from '../data/json-arbitraries.js';
import { RFC_7396_EXAMPLES } from '../data/rfc-7396-examples.js';
import { startStack, type Stack } from '../e2e/harness.js';
import type { TenantUser } from '../e2e/logto-tenant.js';
import { createPostgresDatabase } from './support/postgres.js';

const PROFILE_FIELDS = fileURLToPath(new URL('../data/test-fields.yaml', import.meta.url));
const PASSWORD = 'Str0ng-Passw0rd!x';
const POOL_SIZE = 10;

const postgres = await createPostgresDatabase();
const TARGETS: [string, Record<string, string>][] = [['PGlite', { DATABASE_FOLDER: 'memory://' }]];
if (postgres) TARGETS.push(['PostgreSQL', { DATABASE_URL: postgres.url, DATABASE_POOL_SIZE: String(POOL_SIZE) }]);

let logto: DevLogto;
beforeAll(async () => {
  logto = await startDevLogto({ port: 0 });
});
afterAll(async () => {
  await logto.stop();
  await postgres?.drop();
});

interface Client {
  readonly user: TenantUser;
  read(fresh?: boolean): Promise<Record<string, Json>>;
  patch(body: unknown, headers?: Record<string, string>): Promise<{ status: number; body: Record<string, Json> }>;
  createProof(): Promise<string>;
}

async function signUp(stack: Stack, user?: TenantUser): Promise<Client> {
  const signedUpUser = user ?? (await stack.createUser({ password: PASSWORD }));
  const token = await stack.tokenFor(signedUpUser.username);
  return {
    user: signedUpUser,
    read: async (fresh = true) =>
      (await stack.api('GET', '/v1/profile', { token, headers: fresh ? { 'cache-control': 'no-cache' } : {} })).body,
    patch: (body, headers) => stack.api('PATCH', '/v1/profile', { token, body, headers }),
    createProof: async () =>
      (await stack.api('POST', '/v1/password/verify', { token, body: { password: PASSWORD } })).body.verificationId,
  };
}

const startReplica = (environment: Record<string, string>) =>
  startStack({
    logto,
    environment: {
      PROFILE_FIELDS,
      FIELD_ENCRYPTION_KEYS: `test:${Buffer.alloc(32, 'test key').toString('base64url')}`,
      UPSTREAM_TIMEOUT_MS: '30000',
      UPSTREAM_DEADLINE_MS: '40000',
      LIMIT_REQUESTS_PER_MINUTE: '1000000',
      LIMIT_REQUEST_BURST: '100000',
      ...environment,
    },
  });

describe.each(TARGETS)('merge patches on %s', (_name, environment) => {
  let stack: Stack;
  let client: Client;
  beforeAll(async () => {
    stack = await startReplica(environment);
    client = await signUp(stack);
  }, 60_000);
  afterAll(() => stack?.stop());

  /** Writes values directly to the stores, because a merge patch cannot write null members. */
  async function writeToStores(customData: Json, database: Json): Promise<void> {
    await stack.tenant.call('PATCH', `/users/${client.user.id}/custom-data`, { customData: { anyCustom: customData } });
    await stack.app.get(Database, { strict: false }).query({
      text: `insert into logto_profile.profile_user (user_id, fields) values ($1, $2)
             on conflict (user_id) do update set fields = excluded.fields`,
      values: [client.user.id, JSON.stringify({ anyDatabase: database })],
    });
  }

  it.each(RFC_7396_EXAMPLES)(
    'turn $target with $patch into $result in every store (RFC 7396, Appendix A)',
    async (example) => {
      await writeToStores(example.target, example.target);
      const { body } = await client.patch({ anyCustom: example.patch, anyDatabase: example.patch });
      expect([body.anyCustom, body.anyDatabase]).toEqual([example.result, example.result]);
      expect(await client.read()).toMatchObject({ anyCustom: example.result, anyDatabase: example.result });
    },
  );

  it('have the same result in every store for any document and patch', async () => {
    // The service rejects prototype keys and empty strings. Serializing the values converts -0 to 0.
    const isAccepted = (value: Json) => {
      const text = JSON.stringify(value);
      return !/__proto__|constructor|\\u0000|\\ud[89a-f]/.test(text) && text !== '""';
    };
    const values = json.value.filter(isAccepted).map((value) => JSON.parse(JSON.stringify(value)) as Json);
    await fc.assert(
      fc.asyncProperty(values, values, async (target, patch) => {
        await writeToStores(target, target);
        const { status, body } = await client.patch({ anyCustom: patch, anyDatabase: patch });
        expect(status).toBe(200);
        expect(body.anyCustom).toEqual(inOrder(mergePatch(target, patch)));
        expect(body.anyDatabase).toEqual(body.anyCustom);
        expect(await client.read()).toEqual(body);
      }),
      { numRuns: 100 },
    );
  }, 120_000);

  it('keep what another program writes to Logto while the service writes', async () => {
    await writeToStores({ ours: 1 }, null);
    const call = `PATCH /api/users/${client.user.id}/custom-data`;
    const before = logto.calls.count(call);
    logto.faults.add({ operation: call, times: 1, latency: 500 });
    const patched = client.patch({ anyCustom: { more: 2 }, anyDatabase: 1 });
    while (logto.calls.count(call) === before) await new Promise(setImmediate);
    await stack.tenant.call('PATCH', `/users/${client.user.id}/custom-data`, { customData: { theirs: 'new' } });
    expect((await patched).status).toBe(200);
    expect((await stack.tenant.user(client.user.id)).customData).toMatchObject({
      theirs: 'new',
      anyCustom: { ours: 1, more: 2 },
    });
  });

  it('hide a pending change from readers and show all of it once the response is sent', async () => {
    await client.patch({ name: 'Old', givenName: 'Old', anyDatabase: 'Old' });
    logto.faults.add({ operation: 'PATCH /api/users/:id/profile', times: 1, latency: 1_000 });
    let responded = false;
    const patched = client.patch({ name: 'New', givenName: 'New', anyDatabase: 'New' }).then((response) => {
      responded = true;
      return response;
    });
    let reads = 0;
    while (!responded) {
      const { name, givenName, anyDatabase } = await client.read(reads % 2 === 0);
      if (!responded) expect([name, givenName, anyDatabase]).toEqual(['Old', 'Old', 'Old']);
      reads += 1;
    }
    expect(reads).toBeGreaterThan(3);
    expect((await patched).status).toBe(200);
    expect(await client.read(false)).toMatchObject({ name: 'New', givenName: 'New', anyDatabase: 'New' });
  });

  it('store no sensitive plaintext in the database, neither for a finished change nor for a pending one', async () => {
    const secrets = ['S3CRET-TAX-NUMBER-1', 'S3CRET-TAX-NUMBER-2'];
    await client.patch({ secret: secrets[0], name: 'A' }, { 'verification-id': await client.createProof() });
    await client.patch(
      { secrets: { nested: { number: secrets[1] } } },
      { 'verification-id': await client.createProof(), 'idempotency-key': 'k' },
    );
    logto.faults.add({ operation: 'PATCH /api/users/:id', times: 1, status: 500, effect: 'after' });
    const failed = await client.patch(
      { secret: secrets[0], name: 'B' },
      { 'verification-id': await client.createProof() },
    );
    expect(failed.status).toBe(502);
    const database = stack.app.get(Database, { strict: false });
    const tables = ['profile_user', 'activity', 'idempotency_key', 'verification_record'];
    const dump = await Promise.all(
      tables.map((table) => database.query({ text: `select t::text from logto_profile.${table} t` })),
    );
    const text = JSON.stringify(dump.map(({ rows }) => rows));
    expect(text).toContain('jwe');
    const [{ pending }] = (
      await database.query({ text: 'select count(pending)::int as pending from logto_profile.profile_user' })
    ).rows;
    expect(pending).toBe(1);
    for (const secret of secrets) expect(text).not.toContain(secret);
  });
});

(postgres ? describe : describe.skip)('two replicas on one PostgreSQL', () => {
  let stacks: Stack[];
  beforeAll(async () => {
    const environment = { DATABASE_URL: postgres!.url, DATABASE_POOL_SIZE: String(POOL_SIZE) };
    stacks = [await startReplica(environment), await startReplica(environment)];
  }, 60_000);
  afterAll(async () => {
    for (const stack of stacks ?? []) await stack.stop();
  });

  it('keep all of 50 concurrent patches of different keys', async () => {
    const first = await signUp(stacks[0]!);
    const clients = [first, await signUp(stacks[1]!, first.user)];
    const keys = Array.from({ length: 50 }, (_, index) => `key${index}`);
    const responses = await Promise.all(
      keys.map((key, index) =>
        clients[index % 2]!.patch({ anyCustom: { [key]: index }, anyDatabase: { [key]: index } }),
      ),
    );
    expect(responses.map(({ status }) => status)).toEqual(Array(50).fill(200));
    const expected = Object.fromEntries(keys.map((key, index) => [key, index]));
    expect(await first.read()).toMatchObject({ anyCustom: expected, anyDatabase: expected });
  }, 60_000);

  it('both return an acknowledged write immediately', async () => {
    const first = await signUp(stacks[0]!);
    const clients = [first, await signUp(stacks[1]!, first.user)];
    for (let round = 0; round < 30; round += 1) {
      const change = round % 3 === 0 ? { name: `N${round}` } : { name: `N${round}`, anyDatabase: round };
      await Promise.all(clients.map((client) => client.read(false)));
      await clients[round % 2]!.patch(change);
      for (const client of clients) expect(await client.read(false)).toMatchObject(change);
    }
  }, 60_000);

  it('respond to reads while 200 writers wait for Logto', async () => {
    const [stack] = stacks as [Stack];
    const reader = await signUp(stack);
    const writers: Client[] = [];
    for (let index = 0; index < 200; index += 1) writers.push(await signUp(stack, await stack.createUser()));
    const slowOperation = 'PATCH /api/users/:id';
    const before = logto.calls.count(slowOperation);
    let release!: () => void;
    const until = new Promise<void>((resolve) => (release = resolve));
    const removeFault = logto.faults.add({ operation: slowOperation, until });
    let responded = 0;
    const writes = writers.map(async (writer, index) => {
      const { status } = await writer.patch({ name: 'Slow', anyDatabase: index });
      responded += 1;
      return status;
    });
    while (logto.calls.count(slowOperation) === before) await reader.read();
    for (let reads = 0; reads < 20; reads += 1) await reader.read(reads % 2 === 0);
    expect(responded).toBe(0);
    release();
    removeFault();
    expect(await Promise.all(writes)).toEqual(Array(200).fill(200));
  }, 120_000);
});
