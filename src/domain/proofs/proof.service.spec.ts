import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { EmbeddedDatabase } from '../../platform/database/embedded.js';
import { profileUser, verificationRecord } from '../../platform/database/schema.js';
import type { ProblemError } from '../../platform/errors/problem-error.js';
import type { ProofKind } from '../../platform/errors/proof-kinds.js';
import { parseVerificationIds } from '../../platform/http/verification-ids.decorator.js';
import type { AppConfig } from '../../platform/config/app-config.js';
import type { ManagementApiService } from '../../platform/management-api/management-api.service.js';
import type { LogtoUser } from '../../platform/management-api/logto-user.js';
import type { Caller } from '../access/caller.js';
import { UserRowRepository } from '../users/user-row.repository.js';
import { AddressProtectionService } from './address-protection.service.js';
import { ProofService, type ProofNeed } from './proof.service.js';

const caller = { userId: 'alice', clientId: 'page', impersonated: false } as Caller;
const alice = {
  id: 'alice',
  hasPassword: true,
  primaryEmail: 'Alice@Example.com',
  primaryPhone: '447700900123',
} as LogtoUser;
const IDENTITY: ProofNeed = { identity: true };
const newEmail = (address: string): ProofNeed => ({ identity: true, address: { kind: 'email', address } });

let database: EmbeddedDatabase;
let now: number;
let rows: UserRowRepository;
let proofs: ProofService;

beforeAll(async () => {
  database = await EmbeddedDatabase.open('memory://');
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.db.delete(verificationRecord);
  await database.db.delete(profileUser);
  rows = new UserRowRepository(database);
  await rows.ensure('alice');
  now = 1_800_000_000_000;
  proofs = createProofs([]);
});

/** @param factors the second factors at Logto; undefined if Logto does not respond */
const createProofs = (factors: object[] | undefined, mfaUsersProveBy: AppConfig['mfaUsersProveBy'] = 'sign-in') => {
  const listMfaFactors = () => (factors ? Promise.resolve(factors) : Promise.reject(new Error('timeout')));
  const logto = { listMfaFactors } as unknown as ManagementApiService;
  const config = { mfaUsersProveBy, logto: { m2mAppSecret: 'secret' } } as AppConfig;
  return new ProofService(database, rows, { now: () => now }, logto, config, new AddressProtectionService(config));
};

const issue = async (kind: ProofKind, record: { address?: string; provesIdentity: boolean }, as = caller) =>
  (await proofs.issue(as, kind, { ...record, securityEpoch: (await rows.read('alice')).securityEpoch }))!;
const byPassword = (as = caller) => issue('password', { provesIdentity: true }, as);
/** Changes the password on another replica, as far as the database shows it. */
const changePassword = () => rows.revokeAfterPasswordChange('alice', (now += 1_000));
const select = (id: string | string[], need = IDENTITY, user = alice, as = caller) =>
  proofs.select(as, [id].flat(), need, user);
const take = async (id: string | string[], need = IDENTITY) => {
  const selection = await select(id, need);
  await database.db.transaction((tx) => proofs.consume(tx, selection));
};
const stepUp = (required: string[]) => ({ code: 'step_up_required', options: { extensions: { required } } });

describe('a proof of identity', () => {
  it('allows one change', async () => {
    const { verificationId } = await byPassword();
    await take(verificationId);
    await expect(take(verificationId)).rejects.toMatchObject(stepUp(['identity']));
  });

  it('is consumed by one of twenty concurrent changes', async () => {
    const { verificationId } = await byPassword();
    const selection = await select(verificationId);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, () => database.db.transaction((tx) => proofs.consume(tx, selection))),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('is stored only as a hash of its id', async () => {
    const { verificationId } = await byPassword();
    expect(verificationId).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(JSON.stringify(await database.db.select().from(verificationRecord))).not.toContain(verificationId);
  });

  it('expires after ten minutes', async () => {
    const { verificationId, expiresAt } = await byPassword();
    expect(Date.parse(expiresAt)).toBe(now + 600_000);
    now += 599_999;
    await select(verificationId);
    now += 1;
    await expect(select(verificationId)).rejects.toMatchObject(stepUp(['identity']));
  });

  it.each([
    ['user', { userId: 'bob' }],
    ['client', { clientId: 'other-app' }],
  ])('is rejected for another %s', async (_what, other) => {
    const { verificationId } = await byPassword();
    await expect(select(verificationId, IDENTITY, alice, { ...caller, ...other })).rejects.toMatchObject(
      stepUp(['identity']),
    );
  });

  it.each(['password', 'signIn', 'email', 'phone'] as const)('by %s is void after a password change', async (kind) => {
    const [email, phone] = [alice.primaryEmail!, alice.primaryPhone!];
    const address = { password: undefined, signIn: undefined, email, phone }[kind];
    const { verificationId: old } = await issue(kind, { address, provesIdentity: true });
    const selection = await select(old);
    await changePassword();
    await expect(select(old)).rejects.toMatchObject(stepUp(['identity']));
    const take = database.db.transaction((tx) => proofs.consume(tx, selection));
    await expect(take).rejects.toMatchObject(stepUp(['identity']));
    const { verificationId: since } = await issue(kind, { address, provesIdentity: true });
    await select(since);
  });

  it('is not created when the password is changed during the check', async () => {
    const { securityEpoch } = await rows.read('alice');
    await changePassword();
    expect(await proofs.issue(caller, 'password', { provesIdentity: true, securityEpoch })).toBeUndefined();
  });

  it('by a code to the primary email is valid only while the account has that email', async () => {
    const { verificationId } = await issue('email', {
      address: 'alice@example.com',
      provesIdentity: true,
    });
    await select(verificationId);
    await expect(select(verificationId, IDENTITY, { ...alice, primaryEmail: 'new@example.com' })).rejects.toMatchObject(
      stepUp(['identity']),
    );
    await expect(select(verificationId, IDENTITY, { ...alice, primaryEmail: null })).rejects.toMatchObject(
      stepUp(['identity']),
    );
  });

  it('is rejected for an impersonator', async () => {
    const { verificationId } = await byPassword();
    await expect(select(verificationId, IDENTITY, alice, { ...caller, impersonated: true })).rejects.toMatchObject({
      code: 'step_up_required',
      options: { extensions: { proofs: [] } },
    });
  });
});

describe('a proof of an address', () => {
  const verified = (address: string) => issue('email', { address, provesIdentity: false });

  it('proves exactly that address, in any letter case', async () => {
    const [identity, address] = [await byPassword(), await verified('New@example.com')];
    const ids = [identity.verificationId, address.verificationId];
    await expect(select(ids, newEmail('new2@example.com'))).rejects.toMatchObject(stepUp(['address']));
    expect((await select(ids, newEmail('new@example.com'))).hashes).toHaveLength(2);
  });

  it('does not prove identity, not even by the primary email', async () => {
    const { verificationId } = await verified('alice@example.com');
    await expect(select(verificationId)).rejects.toMatchObject(stepUp(['identity']));
  });

  it('cannot be replaced by a proof of identity through that address', async () => {
    const { verificationId } = await issue('email', {
      address: 'alice@example.com',
      provesIdentity: true,
    });
    await expect(select(verificationId, newEmail('alice@example.com'))).rejects.toMatchObject(stepUp(['address']));
  });

  it('is consumed together with the proof of identity, or neither is', async () => {
    const [identity, address] = [await byPassword(), await verified('new@example.com')];
    const both = await select([identity.verificationId, address.verificationId], newEmail('new@example.com'));
    await take(identity.verificationId);
    await expect(database.db.transaction((tx) => proofs.consume(tx, both))).rejects.toMatchObject(
      stepUp(['identity', 'address']),
    );
    await expect(
      select(address.verificationId, { identity: false, address: { kind: 'email', address: 'new@example.com' } }),
    ).resolves.toBeDefined();
  });
});

describe('a step-up response', () => {
  it('names the kinds of proof that the user can give and carries the challenge of RFC 9470', async () => {
    const bob = { id: 'bob', hasPassword: false, primaryEmail: null, primaryPhone: null } as LogtoUser;
    const rejection = await select([], newEmail('x@example.com'), bob).catch((error: unknown) => error as ProblemError);
    expect(rejection).toMatchObject({
      status: 401,
      options: {
        headers: { 'WWW-Authenticate': expect.stringMatching(/^Bearer error="insufficient_user_authentication"/) },
        extensions: { proofs: ['signIn'], required: ['identity', 'address'] },
      },
    });
    expect(await proofs.available(alice)).toEqual(['password', 'email', 'phone', 'signIn']);
  });
});

describe('the Verification-Id header', () => {
  const [a, b] = ['a'.repeat(43), 'b'.repeat(43)];

  it('can contain several ids', () => {
    expect(parseVerificationIds(`${a}, ${b},${a}`)).toEqual([a, b]);
  });

  it('is empty when it is absent, without malformed ids', () => {
    expect(parseVerificationIds(undefined)).toEqual([]);
    expect(parseVerificationIds(`, x, ${a}!, ' or 1=1 --, ${b}`)).toEqual([b]);
  });
});

describe('a user with a second factor', () => {
  const TOTP = [{ id: 'f1', type: 'Totp' }];

  it('proves the identity only by a fresh sign-in', async () => {
    proofs = createProofs(TOTP);
    const [password, signIn] = [await byPassword(), await issue('signIn', { provesIdentity: true })];
    await expect(select(password.verificationId)).rejects.toMatchObject({
      code: 'step_up_required',
      options: { extensions: { proofs: ['signIn'], required: ['identity'] } },
    });
    await expect(select(signIn.verificationId)).resolves.toBeDefined();
    await expect(proofs.requireAvailable('password', alice)).rejects.toMatchObject({ code: 'step_up_required' });
  });

  it('proves the identity in any way if the configuration says so', async () => {
    proofs = createProofs(TOTP, 'any');
    await expect(select((await byPassword()).verificationId)).resolves.toBeDefined();
  });

  it('proves nothing while the factors cannot be looked up', async () => {
    proofs = createProofs(undefined);
    const signIn = await issue('signIn', { provesIdentity: true });
    await expect(select(signIn.verificationId)).rejects.toMatchObject({ code: 'upstream_unavailable' });
  });
});
