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

/** Each replica has a long-lived user cache. Logto sends the webhooks of an event to only one of them. */
(postgres ? describe : describe.skip)('the user caches of two replicas', () => {
  let logto: DevLogto;
  let stacks: [Stack, Stack];
  let user: TenantUser;
  let token: string;
  let clockOffsetMs = 0;

  beforeAll(async () => {
    logto = await startDevLogto({ port: 0 });
    const start = () =>
      startStack({
        logto,
        overrides: [{ provide: Clock, useValue: { now: () => Date.now() + clockOffsetMs } }],
        environment: {
          PROFILE_FIELDS,
          DATABASE_URL: postgres!.url,
          LOGTO_WEBHOOK_SIGNING_KEY: KEY,
          CACHE_MAX_AGE_MS: String(MAX_AGE_MS),
          FIELD_ENCRYPTION_KEYS: `test:${Buffer.alloc(32, 'test key').toString('base64url')}`,
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
    clockOffsetMs = 0;
    user = await stacks[0].createUser();
    token = await stacks[0].tokenFor(user.username);
    await logto.webhooks.settled();
  });

  const pickRandom = <T>(items: readonly T[]): T => items[Math.floor(Math.random() * items.length)]!;
  const read = async (stack: Stack) => (await stack.api('GET', '/v1/profile', { token })).body;
  const countLogtoReads = () => logto.calls.count(`GET /api/users/${user.id}`);

  it('never return a user from before an acknowledged change', async () => {
    let lastAcknowledged = 0;
    let customDataWrites = 0;
    let done = false;
    const writeThroughService = async () => {
      for (let n = 1; n <= 60; n += 1) {
        const body = n % 2 ? { name: String(n) } : { name: String(n), anyDatabase: n };
        expect((await pickRandom(stacks).api('PATCH', '/v1/profile', { token, body })).status).toBe(200);
        lastAcknowledged = n;
      }
      done = true;
    };
    const writeToLogto = async () => {
      for (; !done; customDataWrites += 1) {
        await stacks[0].tenant.call('PATCH', `/users/${user.id}/custom-data`, {
          customData: { anyCustom: customDataWrites },
        });
      }
    };
    const readRepeatedly = async () => {
      while (!done) {
        const minimum = lastAcknowledged;
        const { name, anyDatabase } = await read(pickRandom(stacks));
        expect(Number(name)).toBeGreaterThanOrEqual(minimum);
        expect(Number(anyDatabase)).toBeGreaterThanOrEqual(minimum - 1);
        // Both values are from the same change, unless that change did not write to the database.
        expect(Number(name) - Number(anyDatabase)).toBe(Number(name) % 2);
      }
    };
    await Promise.all([writeThroughService(), writeToLogto(), ...Array.from({ length: 4 }, readRepeatedly)]);

    await logto.webhooks.settled();
    for (const stack of stacks) expect((await read(stack)).anyCustom).toBe(customDataWrites - 1);
  }, 60_000);

  it('return a cached user until any replica receives a webhook about a change', async () => {
    await Promise.all(stacks.map(read));
    const before = countLogtoReads();
    for (let n = 0; n < 10; n += 1) await read(pickRandom(stacks));
    expect(countLogtoReads()).toBe(before);
    await stacks[0].tenant.call('PATCH', `/users/${user.id}`, { name: 'Elsewhere' });
    await logto.webhooks.settled();
    for (const stack of stacks) expect((await read(stack)).name).toBe('Elsewhere');
  });

  it('expire after CACHE_MAX_AGE_MS if webhooks are lost', async () => {
    await Promise.all(stacks.map(read));
    for (const hook of logto.tenant.hooks.values()) hook.enabled = false;
    await stacks[0].tenant.call('PATCH', `/users/${user.id}`, { name: 'Unnoticed' });
    clockOffsetMs = MAX_AGE_MS + 1;
    for (const stack of stacks) expect((await read(stack)).name).toBe('Unnoticed');
    for (const hook of logto.tenant.hooks.values()) hook.enabled = true;
  });
});
