import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startDevLogto, type DevLogto } from '../../dev-logto/src/index.js';
import { Clock } from '../../src/platform/config/clock.js';
import { startStack, type Stack } from '../e2e/harness.js';
import type { TenantUser } from '../e2e/logto-tenant.js';
import { createPostgresDatabase } from './support/postgres.js';

const KEY = 'a-webhook-signing-key';
const MAX_AGE_MS = 300_000;
const PROFILE_FIELDS = fileURLToPath(new URL('../data/test-fields.yaml', import.meta.url));

const postgres = await createPostgresDatabase();

/** Two replicas with a long-lived user cache each, and a webhook for each event to one of them. */
(postgres ? describe : describe.skip)('the user caches of two replicas', () => {
  let logto: DevLogto;
  let stacks: [Stack, Stack];
  let user: TenantUser;
  let token: string;
  let skipped = 0;

  beforeAll(async () => {
    logto = await startDevLogto({ port: 0 });
    const start = () =>
      startStack({
        logto,
        overrides: [{ provide: Clock, useValue: { now: () => Date.now() + skipped } }],
        environment: {
          PROFILE_FIELDS,
          DATABASE_URL: postgres!.url,
          LOGTO_WEBHOOK_SIGNING_KEY: KEY,
          CACHE_MAX_AGE_MS: String(MAX_AGE_MS),
          FIELD_ENCRYPTION_KEYS: `test:${Buffer.alloc(32, 7).toString('base64url')}`,
          LIMIT_REQUESTS_PER_MINUTE: '1000000',
          LIMIT_REQUEST_BURST: '100000',
        },
      });
    stacks = [await start(), await start()];
    for (const [index, { url }] of stacks.entries()) {
      const events = index === 0 ? ['User.Data.Updated'] : ['User.SuspensionStatus.Updated', 'User.Deleted'];
      logto.tenant.addHook({
        name: `replica ${index}`,
        events,
        signingKey: KEY,
        config: { url: `${url}/webhooks/logto` },
      });
    }
  }, 60_000);
  afterAll(async () => {
    for (const stack of stacks ?? []) await stack.stop();
    await logto.stop();
    await postgres?.drop();
  });
  beforeEach(async () => {
    skipped = 0;
    user = await stacks[0].createUser();
    token = await stacks[0].tokenFor(user.username);
    await logto.webhooks.settled();
  });

  const pickRandom = <T>(items: readonly T[]): T => items[Math.floor(Math.random() * items.length)]!;
  const read = async (stack: Stack) => (await stack.api('GET', '/v1/profile', { token })).body;
  const countLogtoReads = () => logto.calls.count(`GET /api/users/${user.id}`);

  it('never serve a user from before an acknowledged change, on any replica', async () => {
    let written = 0;
    let elsewhere = 0;
    let done = false;
    const writing = async () => {
      for (let n = 1; n <= 60; n += 1) {
        const body = n % 2 ? { name: String(n) } : { name: String(n), anyDatabase: n };
        expect((await pickRandom(stacks).api('PATCH', '/v1/profile', { token, body })).status).toBe(200);
        written = n;
      }
      done = true;
    };
    const writingElsewhere = async () => {
      for (; !done; elsewhere += 1) {
        await stacks[0].tenant.call('PATCH', `/users/${user.id}/custom-data`, { customData: { anyCustom: elsewhere } });
      }
    };
    const reading = async () => {
      while (!done) {
        const least = written;
        const { name, anyDatabase } = await read(pickRandom(stacks));
        expect(Number(name)).toBeGreaterThanOrEqual(least);
        expect(Number(anyDatabase)).toBeGreaterThanOrEqual(least - 1);
        // Both values are from the same change, unless that change did not write to the database.
        expect(Number(name) - Number(anyDatabase)).toBe(Number(name) % 2);
      }
    };
    await Promise.all([writing(), writingElsewhere(), ...Array.from({ length: 4 }, reading)]);

    await logto.webhooks.settled();
    for (const stack of stacks) expect((await read(stack)).anyCustom).toBe(elsewhere - 1);
  }, 60_000);

  it('serve a cached user until a webhook reports a change to any replica', async () => {
    await Promise.all(stacks.map(read));
    const before = countLogtoReads();
    for (let n = 0; n < 10; n += 1) await read(pickRandom(stacks));
    expect(countLogtoReads()).toBe(before);
    await stacks[0].tenant.call('PATCH', `/users/${user.id}`, { name: 'Elsewhere' });
    await logto.webhooks.settled();
    for (const stack of stacks) expect((await read(stack)).name).toBe('Elsewhere');
  });

  it('expire after CACHE_MAX_AGE_MS when webhooks were lost', async () => {
    await Promise.all(stacks.map(read));
    for (const hook of logto.tenant.hooks.values()) hook.enabled = false;
    await stacks[0].tenant.call('PATCH', `/users/${user.id}`, { name: 'Unnoticed' });
    skipped = MAX_AGE_MS + 1;
    for (const stack of stacks) expect((await read(stack)).name).toBe('Unnoticed');
    for (const hook of logto.tenant.hooks.values()) hook.enabled = true;
  });
});
