import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { LogtoUserCache } from '../../src/domain/users/logto-user-cache.js';
import { UserLeaseRepository, type LeaseUse, type RowChange } from '../../src/domain/changes/user-lease.repository.js';
import { UserRowRepository } from '../../src/domain/users/user-row.repository.js';
import type { WebhookArrivalsService } from '../../src/domain/users/webhook-arrivals.service.js';
import { EncryptedValue } from '../../src/domain/fields/encryption/encrypted-value.js';
import type { AppConfig } from '../../src/platform/config/app-config.js';
import type { RowValues } from '../../src/platform/database/schema.js';
import { onEachDatabase } from './support/each-database.js';

/** Values as the row keeps them. */
const values = (plain: RowValues['plain'], encrypted: RowValues['encrypted'] = {}) => ({
  values: { plain, encrypted },
});
const LONG_MS = 60_000;

describe("a user's row", () => {
  onEachDatabase((database) => {
    let rows: UserRowRepository;
    let leases: UserLeaseRepository;
    let userId: string;
    beforeEach(() => {
      rows = new UserRowRepository(database.current);
      leases = new UserLeaseRepository(database.current);
      userId = randomUUID();
    });

    /** A use of a lease in which Logto was called. */
    const CALLED = { acquired: 0, called: true };
    const finish = (lease: string, change: RowChange, use: LeaseUse = CALLED) =>
      leases.apply(userId, lease, change, { durable: false, ...use });
    const countRows = async (table: string) =>
      (
        await database.current.query({
          text: `select 1 from logto_profile.${table} where user_id = $1`,
          values: [userId],
        })
      ).rows.length;

    it('is read as empty while it is missing', async () => {
      const empty = {
        exists: false,
        fields: {},
        fieldsVersion: 0,
        logtoVersion: 0,
        unchangedSince: -Infinity,
        securityEpoch: 0,
        clientCutoffs: {},
        callStarted: false,
      };
      expect(await rows.read(userId)).toEqual(empty);
    });

    it('grants one of twenty concurrent requests for the lease', async () => {
      const results = await Promise.all(
        Array.from({ length: 20 }, () => leases.acquire(userId, randomUUID(), LONG_MS)),
      );
      expect(results.filter(Boolean)).toHaveLength(1);
    });

    it('grants the lease again once it was released or has expired', async () => {
      await leases.acquire(userId, 'first', LONG_MS);
      await leases.release(userId, 'first', CALLED);
      expect(await leases.acquire(userId, 'second', 0)).toBeDefined();
      expect((await rows.read(userId)).lease).toBeUndefined();
      expect(await leases.acquire(userId, 'third', LONG_MS)).toBeDefined();
      expect((await rows.read(userId)).lease).toBe('third');
    });

    it('renews an expired lease that nobody else has acquired, and invalidates the cached user', async () => {
      await leases.acquire(userId, 'paused', 0);
      const { logtoVersion } = await rows.read(userId);
      expect(await leases.renew(userId, 'paused', LONG_MS, false)).toBe(false);
      expect(await leases.renewExpired(userId, 'paused', LONG_MS, false)).toBe(true);
      const renewed = await rows.read(userId);
      expect(renewed.lease).toBe('paused');
      expect(renewed.logtoVersion).toBeGreaterThan(logtoVersion);
      expect(await leases.renew(userId, 'paused', LONG_MS, false)).toBe(true);
      expect((await rows.read(userId)).logtoVersion).toBe(renewed.logtoVersion);
    });

    it('accepts writes only from the holder of the lease', async () => {
      await leases.acquire(userId, 'slow', 0);
      await leases.acquire(userId, 'holder', LONG_MS);
      const before = await rows.read(userId);
      expect(await finish('slow', values({ a: 1 }))).toBeUndefined();
      expect(await leases.renew(userId, 'slow', LONG_MS, false)).toBe(false);
      expect(await leases.renewExpired(userId, 'slow', LONG_MS, false)).toBe(false);
      expect(await leases.release(userId, 'slow', CALLED)).toBe(false);
      await leases.expire(userId, 'slow', 0);
      const pending = database.current.db.transaction((tx) => leases.writePending(tx, userId, 'slow', { a: 1 }));
      expect(await pending).toBe(false);
      expect(await rows.read(userId)).toEqual({ ...before, unchangedSince: expect.any(Number) });
    });

    it('keeps, replaces and clears values, and bumps fieldsVersion only if a value changes', async () => {
      await leases.acquire(userId, 'a', LONG_MS);
      expect(await finish('a', values({ one: 1, two: { deep: [true, null] }, three: null }))).toBe(1);
      await leases.acquire(userId, 'b', LONG_MS);
      expect(await finish('b', values({ one: 'new', two: null }))).toBe(2);
      await leases.acquire(userId, 'c', LONG_MS);
      expect(await finish('c', {})).toBe(2);
      expect(await rows.read(userId)).toMatchObject({
        fields: { one: 'new', two: null, three: null },
        fieldsVersion: 2,
      });
    });

    it('keeps a value either plain or encrypted, and never takes a plain one for an encrypted one', async () => {
      const encrypted = { jwe: 'e30..', mask: '••••' };
      await leases.acquire(userId, 'a', LONG_MS);
      await finish('a', values({ one: encrypted, two: 2 }, { three: encrypted }));
      const first = (await rows.read(userId)).fields;
      expect(first).toEqual({ one: encrypted, two: 2, three: new EncryptedValue('e30..', '••••') });
      expect([first['one'] instanceof EncryptedValue, first['three'] instanceof EncryptedValue]).toEqual([false, true]);
      await leases.acquire(userId, 'b', LONG_MS);
      await finish('b', values({ three: null }, { two: encrypted }));
      expect((await rows.read(userId)).fields).toEqual({
        one: encrypted,
        two: new EncryptedValue('e30..', '••••'),
        three: null,
      });
    });

    it('bumps the Logto version when a change begins, when it ends and when Logto reports a change', async () => {
      const versions: number[] = [];
      const recordVersion = async () => versions.push((await rows.read(userId)).logtoVersion);
      await recordVersion();
      await leases.acquire(userId, 'a', LONG_MS);
      await recordVersion();
      await finish('a', {});
      await recordVersion();
      await rows.bumpLogtoVersion(userId);
      await recordVersion();
      expect(versions).toEqual([0, 1, 2, 4]);
    });

    it('has the same Logto version after a change that did not call Logto, unless something else bumped it', async () => {
      await rows.ensure(userId);
      await rows.bumpLogtoVersion(userId);
      const { logtoVersion: before } = await rows.read(userId);
      const acquire = async (lease: string) => (await leases.acquire(userId, lease, LONG_MS))!.logtoVersion;
      await finish('a', values({ a: 1 }), { acquired: await acquire('a'), called: false });
      expect(await rows.read(userId)).toMatchObject({ logtoVersion: before, fields: { a: 1 } });
      await leases.release(userId, 'b', { acquired: await acquire('b'), called: false });
      expect((await rows.read(userId)).logtoVersion).toBe(before);
      const acquired = await acquire('c');
      await rows.bumpLogtoVersion(userId);
      await leases.release(userId, 'c', { acquired, called: false });
      expect((await rows.read(userId)).logtoVersion).toBeGreaterThan(acquired);
    });

    it('records the first call under a lease', async () => {
      await leases.acquire(userId, 'a', LONG_MS);
      expect((await rows.read(userId)).callStarted).toBe(false);
      await leases.renew(userId, 'a', LONG_MS, true);
      expect((await rows.read(userId)).callStarted).toBe(true);
      await leases.expire(userId, 'a', 0);
      expect((await leases.acquire(userId, 'b', LONG_MS))?.callStarted).toBe(false);
    });

    it('never reuses a version that was lost in a crash of the database', async () => {
      await leases.acquire(userId, 'first', LONG_MS);
      const { logtoVersion: versionAtStart } = await rows.read(userId);
      await finish('first', {});
      const { logtoVersion: lostVersion } = await rows.read(userId);
      await database.current.query({
        text: `update logto_profile.profile_user set logto_version = $2, lease = 'first', lease_until = clock_timestamp()
               where user_id = $1`,
        values: [userId, versionAtStart],
      });
      const laterVersions: number[] = [];
      // Only while nobody holds the lease are users cached under a version.
      const recordVersion = async () => laterVersions.push((await rows.read(userId)).logtoVersion);
      for (const called of [false, true, false, true]) {
        for (const isBumped of [false, true]) {
          const { logtoVersion: acquired } = (await leases.acquire(userId, 'later', LONG_MS))!;
          if (isBumped) await rows.bumpLogtoVersion(userId);
          await leases.release(userId, 'later', { acquired, called });
          await recordVersion();
          await rows.bumpLogtoVersion(userId);
          await recordVersion();
        }
      }
      expect(laterVersions).not.toContain(lostVersion);
    });

    it('reports when the last change began or ended, except for the one that acquires the lease', async () => {
      const HOUR_MS = 3_600_000;
      const ageRow = () =>
        database.current.query({
          text: `update logto_profile.profile_user set changed_at = changed_at - interval '1 hour',
                 lease_until = lease_until - interval '1 minute' where user_id = $1`,
          values: [userId],
        });
      const hourAgo = () => performance.now() - HOUR_MS;
      expect((await leases.acquire(userId, 'first', LONG_MS))?.unchangedSince).toBe(Infinity);
      const before = performance.now();
      await leases.release(userId, 'first', CALLED);
      expect((await rows.read(userId)).unchangedSince).toBeGreaterThan(before - 1);
      await ageRow();
      expect((await rows.read(userId)).unchangedSince).toBeLessThan(hourAgo() + 1);
      expect((await leases.acquire(userId, 'second', 59_999))?.unchangedSince).toBeLessThan(hourAgo() + 1);
      await ageRow();
      // The lease has expired, and its holder may have changed something until then.
      expect((await rows.read(userId)).unchangedSince).toBeGreaterThan(hourAgo() + HOUR_MS / 2);
      const third = await leases.acquire(userId, 'third', LONG_MS);
      expect(third?.unchangedSince).toBeGreaterThan(hourAgo() + HOUR_MS / 2);
      expect(third?.unchangedSince).not.toBe(Infinity);
    });

    it('is found as abandoned if it has a pending change and its lease has expired', async () => {
      await leases.acquire(userId, 'a', LONG_MS);
      await database.current.db.transaction((tx) => leases.writePending(tx, userId, 'a', { target: 1 }));
      expect(await leases.findAbandoned(1_000)).not.toContain(userId);
      await leases.expire(userId, 'a', 0);
      expect(await leases.findAbandoned(1_000)).toContain(userId);
      const state = await leases.acquire(userId, 'b', LONG_MS);
      expect(state?.pending).toEqual({ target: 1 });
      await finish('b', {});
      expect((await rows.read(userId)).pending).toBeUndefined();
    });

    it('stores a change, its activity and its idempotency key together or not at all', async () => {
      const change = {
        activity: { action: 'profile_changed' as const, clientId: 'page', fields: ['name', 'taxId'] },
        idempotency: { key: 'k', requestHash: 'h', expiresAt: new Date().toISOString() },
      };
      expect(await finish('nobody', change)).toBeUndefined();
      expect([await countRows('activity'), await countRows('idempotency_key')]).toEqual([0, 0]);
      for (const lease of ['a', 'b']) {
        await leases.acquire(userId, lease, LONG_MS);
        await finish(lease, change);
      }
      expect([await countRows('activity'), await countRows('idempotency_key')]).toEqual([2, 1]);
    });

    it('keeps a bounded number of idempotency keys, the newest ones', async () => {
      await leases.acquire(userId, 'a', LONG_MS);
      await database.current.query({
        text: `insert into logto_profile.idempotency_key (user_id, key, request_hash, expires_at)
               select $1, 'key' || n, 'h', clock_timestamp() + n * interval '1 second' from generate_series(1, 1500) as n`,
        values: [userId],
      });
      const expiresAt = new Date(Date.now() + 24 * 3_600_000).toISOString();
      await finish('a', { idempotency: { key: 'newest', requestHash: 'h', expiresAt } });
      const text = 'select key from logto_profile.idempotency_key where user_id = $1';
      const keys = (await database.current.query({ text, values: [userId] })).rows.map(({ key }) => key);
      expect(keys).toHaveLength(1_001);
      expect(keys).toEqual(expect.arrayContaining(['newest', 'key1500', 'key501']));
    });

    it('is removed if it is empty, and is erased with its activities when the account is deleted', async () => {
      await rows.ensure(userId);
      await rows.ensure(userId);
      await rows.removeEmpty(userId);
      expect((await rows.read(userId)).exists).toBe(false);
      expect(rows.knows(userId)).toBe(false);
      await leases.acquire(userId, 'a', LONG_MS);
      const activity = { action: 'profile_changed' as const, clientId: 'page', fields: ['one'] };
      await finish('a', { ...values({ one: 1 }), activity });
      await rows.removeEmpty(userId);
      expect((await rows.read(userId)).exists).toBe(true);
      expect(rows.knows(userId)).toBe(true);
      const cache = new LogtoUserCache(
        rows,
        database.current,
        { now: () => 0 },
        {} as AppConfig,
        {} as WebhookArrivalsService,
      );
      await cache.erase(userId);
      expect([await countRows('profile_user'), await countRows('activity')]).toEqual([0, 0]);
    });
  });
});
