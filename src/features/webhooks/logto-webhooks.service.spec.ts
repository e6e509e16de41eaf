import { createHmac } from 'node:crypto';
import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import type { LogtoUserCache } from '../../domain/users/logto-user-cache.js';
import type { SessionEndingService } from '../../domain/access/session-ending.service.js';
import type { ReconciliationService } from '../../domain/users/reconciliation.service.js';
import type { WebhookArrivalsService } from '../../domain/users/webhook-arrivals.service.js';
import type { UserRowRepository } from '../../domain/users/user-row.repository.js';
import type { AppConfig } from '../../platform/config/app-config.js';
import { LogtoWebhooksService } from './logto-webhooks.service.js';

/** The signing key of the recorded webhook. */
const KEY = 'signing-key-of-the-hook';
const SENT_AT = '2026-11-22T22:43:57.006Z';
const webhook = (more: object) => Buffer.from(JSON.stringify({ createdAt: SENT_AT, hookId: 'h', ...more }));
const sign = (body: Buffer, key = KEY) => createHmac('sha256', key).update(body).digest('hex');

let now: number;
const invalidate = jest.fn<LogtoUserCache['invalidate']>();
const confirmDeletion = jest.fn<ReconciliationService['confirmDeletion']>();
const endAll = jest.fn<SessionEndingService['endAll']>();
const revokeTokens = jest.fn<UserRowRepository['revokeTokens']>();
const revokeAfterPasswordChange = jest.fn<UserRowRepository['revokeAfterPasswordChange']>();
const revokeOnSuspension = jest.fn<UserRowRepository['revokeOnSuspension']>();
const revokeAfterSuspension = jest.fn<UserRowRepository['revokeAfterSuspension']>();

const webhooksOf = (webhookSigningKey: string | undefined) =>
  new LogtoWebhooksService(
    { invalidate } as unknown as LogtoUserCache,
    {
      revokeAfterPasswordChange,
      revokeOnSuspension,
      revokeAfterSuspension,
      revokeTokens,
    } as unknown as UserRowRepository,
    { confirmDeletion } as unknown as ReconciliationService,
    { endAll } as unknown as SessionEndingService,
    { record: () => Promise.resolve() } as unknown as WebhookArrivalsService,
    { webhookSigningKey } as AppConfig,
    { now: () => now },
  );
const webhooks = webhooksOf(KEY);

beforeEach(() => {
  now = Date.parse(SENT_AT) + 1_000;
  invalidate.mockReset().mockResolvedValue();
  confirmDeletion.mockReset().mockResolvedValue();
  endAll.mockReset().mockResolvedValue();
  revokeTokens.mockReset().mockResolvedValue();
  revokeAfterPasswordChange.mockReset().mockResolvedValue();
  revokeOnSuspension.mockReset().mockResolvedValue();
  revokeAfterSuspension.mockReset().mockResolvedValue();
});

const untouched = () => {
  expect(invalidate).not.toHaveBeenCalled();
  expect(confirmDeletion).not.toHaveBeenCalled();
};

describe('the signature of a webhook', () => {
  const body = webhook({ event: 'User.Data.Updated', params: { userId: 'u1' }, data: {} });

  it('is the HMAC-SHA-256 of the raw body as hex in any letter case', async () => {
    await webhooks.receive(body, sign(body));
    await webhooks.receive(body, sign(body).toUpperCase());
    expect(invalidate).toHaveBeenCalledTimes(2);
  });

  it('is valid only for the exact bytes of the body', async () => {
    const spaced = Buffer.from(JSON.stringify(JSON.parse(body.toString()), null, 1));
    await expect(webhooks.receive(spaced, sign(body))).rejects.toMatchObject({ code: 'invalid_signature' });
    untouched();
  });

  it.each([
    ['missing', undefined],
    ['empty', ''],
    ['of another key', sign(body, 'other')],
    ['cut', sign(body).slice(0, 62)],
    ['not hex', 'z'.repeat(64)],
    ['doubled', `${sign(body)}, ${sign(body)}`],
  ])('is rejected when %s', async (_what, signature) => {
    await expect(webhooks.receive(body, signature)).rejects.toMatchObject({ code: 'invalid_signature', status: 401 });
    untouched();
  });

  it('is always rejected when no key is configured', async () => {
    const closed = webhooksOf(undefined);
    for (const signature of [sign(body), sign(body, ''), sign(body, 'undefined')]) {
      await expect(closed.receive(body, signature)).rejects.toMatchObject({ code: 'invalid_signature' });
    }
    untouched();
  });

  it('is rejected when any bit of the body or signature is flipped', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(body.length * 8 - 1), fc.nat(255), async (inBody, inSignature) => {
        const turned = Buffer.from(body);
        turned[inBody >> 3]! ^= 1 << (inBody & 7);
        const signature = Buffer.from(sign(body), 'hex');
        signature[inSignature >> 3]! ^= 1 << (inSignature & 7);
        await expect(webhooks.receive(turned, sign(body))).rejects.toMatchObject({ code: 'invalid_signature' });
        await expect(webhooks.receive(body, signature.toString('hex'))).rejects.toMatchObject({
          code: 'invalid_signature',
        });
      }),
    );
    untouched();
  });

  it.each([
    [300_001, 'invalid_signature'],
    [-300_001, 'invalid_signature'],
  ])('is valid only within the replay window: %d ms', async (age, code) => {
    now = Date.parse(SENT_AT) + age;
    await expect(webhooks.receive(body, sign(body))).rejects.toMatchObject({ code });
    untouched();
    now = Date.parse(SENT_AT) + Math.sign(age) * 300_000;
    await webhooks.receive(body, sign(body));
    expect(invalidate).toHaveBeenCalledWith('u1');
  });
});

describe('a signed webhook', () => {
  const receive = (more: object) => {
    const body = webhook(more);
    return webhooks.receive(body, sign(body));
  };

  it.each([
    ['a change by the Management API', { event: 'User.Data.Updated', params: { userId: 'u1' }, data: { id: 'u1' } }],
    [
      'a change of claims, whose data has only the claims',
      { event: 'User.Data.Updated', params: { userId: 'u1' }, data: {} },
    ],
    ['custom data with an id of its own', { event: 'User.Data.Updated', params: { userId: 'u1' }, data: { id: 'x' } }],
    ['a change by the Account API, without params', { event: 'User.Data.Updated', data: { id: 'u1' } }],
    ['a suspension', { event: 'User.SuspensionStatus.Updated', params: { userId: 'u1' }, data: { id: 'u1' } }],
    ['a new user, whose params are empty', { event: 'User.Created', params: {}, data: { id: 'u1' } }],
  ])('invalidates the cached user: %s', async (_what, more) => {
    await receive(more);
    expect(invalidate.mock.calls).toEqual([['u1']]);
    expect(confirmDeletion).not.toHaveBeenCalled();
  });

  it.each(['/users/:userId/password', '/my-account/password'])(
    'voids the proofs from before a password change by %s',
    async (matchedRoute) => {
      await receive({ event: 'User.Data.Updated', matchedRoute, data: { id: 'u1' } });
      expect(revokeAfterPasswordChange.mock.calls).toEqual([['u1', Date.parse(SENT_AT)]]);
      await receive({ event: 'User.Data.Updated', matchedRoute: '/users/:userId', data: { id: 'u1' } });
      expect(revokeAfterPasswordChange).toHaveBeenCalledTimes(1);
      expect(invalidate).toHaveBeenCalledTimes(2);
    },
  );

  it('voids the proofs from before a password reset', async () => {
    await receive({ event: 'PostResetPassword', userId: 'u1', user: { id: 'u1' }, sessionId: 's' });
    expect(revokeAfterPasswordChange.mock.calls).toEqual([['u1', Date.parse(SENT_AT)]]);
  });

  it('revokes access tokens and ends all sessions after a password reset, even if the sessions cannot be ended', async () => {
    endAll.mockRejectedValueOnce(new Error('Logto is down'));
    const reset = receive({ event: 'PostResetPassword', userId: 'u1', user: { id: 'u1' }, sessionId: 's' });
    await expect(reset).rejects.toThrow('Logto is down');
    expect(revokeTokens.mock.calls).toEqual([['u1', Math.floor(Date.parse(SENT_AT) / 1000) + 1]]);
    expect(endAll.mock.calls).toEqual([['u1']]);
  });

  it('treats a change of unknown kind as a possible change of the password', async () => {
    await receive({ event: 'User.Data.Updated', data: { id: 'u1' } });
    expect(revokeAfterPasswordChange.mock.calls).toEqual([['u1', Date.parse(SENT_AT)]]);
    await receive({ event: 'User.Data.Updated', params: { userId: 'u1' }, data: {} });
    expect(revokeAfterPasswordChange).toHaveBeenCalledTimes(1);
  });

  it.each([true, undefined])('voids the proofs of a suspended user: isSuspended %s', async (isSuspended) => {
    const suspension = { event: 'User.SuspensionStatus.Updated', params: { userId: 'u1' } };
    await receive({ ...suspension, data: { id: 'u1', isSuspended } });
    expect(revokeOnSuspension.mock.calls).toEqual([['u1']]);
    expect(invalidate.mock.calls).toEqual([['u1']]);
  });

  it('revokes the tokens from before a suspension once it is lifted', async () => {
    const lifted = { event: 'User.SuspensionStatus.Updated', params: { userId: 'u1' } };
    await receive({ ...lifted, data: { id: 'u1', isSuspended: false } });
    expect(revokeAfterSuspension.mock.calls).toEqual([['u1', Date.parse(SENT_AT)]]);
    expect(revokeOnSuspension).not.toHaveBeenCalled();
  });

  it.each(['a\0b', 'a b', '', 'x'.repeat(129)])('is rejected as malformed with an invalid user id: %j', async (id) => {
    await expect(receive({ event: 'User.Deleted', data: { id } })).rejects.toMatchObject({ code: 'malformed_request' });
    untouched();
  });

  describe.each<unknown>([null, {}, { a: null }, [], ['u1'], 0, 1, false, true])('with %j', (value) => {
    it.each<[string, object]>([
      ['event', { event: value, params: { userId: 'u1' } }],
      ['createdAt', { event: 'User.Deleted', params: { userId: 'u1' }, createdAt: value }],
      ['params.userId', { event: 'User.Deleted', params: { userId: value }, data: { id: 'u1' } }],
      ['params.userId of a new user', { event: 'User.Created', params: { userId: value }, data: { id: 'u1' } }],
      ['data.id', { event: 'User.Data.Updated', data: { id: value } }],
      ['data.id of a new user', { event: 'User.Created', params: {}, data: { id: value } }],
    ])('for %s is rejected as malformed and not treated as absent', async (_where, more) => {
      await expect(receive(more)).rejects.toMatchObject({ code: 'malformed_request' });
      untouched();
    });
  });

  it.each([null, [], ['u1'], 0, 1, false, true, '', 'u1'])(
    'is rejected as malformed when its params or data are %j instead of an object',
    async (value) => {
      for (const more of [{ params: value, data: { id: 'u1' } }, { data: value }]) {
        await expect(receive({ event: 'User.Deleted', ...more })).rejects.toMatchObject({ code: 'malformed_request' });
      }
      untouched();
    },
  );

  it.each([null, {}, [], ['/password'], 0, true])(
    'is rejected as malformed with the route %j',
    async (matchedRoute) => {
      const more = { event: 'User.Data.Updated', matchedRoute, params: { userId: 'u1' } };
      await expect(receive(more)).rejects.toMatchObject({ code: 'malformed_request' });
      expect(revokeAfterPasswordChange).not.toHaveBeenCalled();
      untouched();
    },
  );

  it('confirms a deletion with Logto each time it arrives', async () => {
    const deleted = { event: 'User.Deleted', params: { userId: 'u1' }, data: { id: 'u1' } };
    await receive(deleted);
    await receive(deleted);
    expect(confirmDeletion.mock.calls).toEqual([['u1'], ['u1']]);
  });

  it.each([
    ['another event', { event: 'Organization.Membership.Updated', params: { userId: 'u1' }, data: { id: 'u1' } }],
    ['a sign-in', { event: 'PostSignIn', userId: 'u1', user: { id: 'u1' } }],
    ["the console's test", { event: 'User.Data.Updated', params: { id: 'fake-id' }, data: { result: 'success' } }],
    ['another event, whatever its data', { event: 'Role.Created', params: null, data: [] }],
    ['nothing but an event', { event: 'User.Deleted' }],
  ])('is accepted and ignored: %s', async (_what, more) => {
    await receive(more);
    untouched();
  });

  it.each(['', 'null', '[', '"text"', '{}', '{"event":"User.Deleted","createdAt":"soon"}'])(
    'is rejected as malformed: %s',
    async (text) => {
      const body = Buffer.from(text);
      await expect(webhooks.receive(body, sign(body))).rejects.toMatchObject({ code: 'malformed_request' });
      untouched();
    },
  );

  it('fails when the database fails', async () => {
    invalidate.mockRejectedValue(new Error('down'));
    await expect(receive({ event: 'User.Data.Updated', data: { id: 'u1' } })).rejects.toThrow('down');
  });
});
