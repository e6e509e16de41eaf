import { createHmac, generateKeyPairSync, sign as signRaw } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { JWTHeaderParameters, JWTPayload } from 'jose';
import { AUDIENCE, validClaims, ISSUER, createKey, sign, type TestKey } from '../../../test/support/tokens.js';
import type { AppConfig } from '../../platform/config/app-config.js';
import { AccessTokenStrategy } from './access-token.strategy.js';
import { SigningKeys } from './signing-keys.js';

const config = { logto: { issuer: ISSUER }, apiResource: AUDIENCE } as AppConfig;
const NOW = 1_800_000_000_000;
/** The keys can be fetched again after this time. */
const FETCH_INTERVAL_MS = 1_000;

let key: TestKey;
let foreign: TestKey;
let served: TestKey[];
let fetches: number;
let now: number;
let keys: SigningKeys;
let strategy: AccessTokenStrategy;

beforeAll(async () => {
  Logger.overrideLogger(false);
  [key, foreign] = await Promise.all([createKey('current'), createKey('current')]);
});
beforeEach(async () => {
  now = NOW - FETCH_INTERVAL_MS;
  served = [key];
  fetches = 0;
  const clock = { now: () => now };
  keys = new SigningKeys('', clock, async () => {
    fetches += 1;
    return { keys: served.map(({ jwk }) => jwk) };
  });
  strategy = new AccessTokenStrategy(config, keys, clock);
  await keys.refresh();
  fetches = 0;
  now = NOW;
});

const verify = (authorization?: string) => strategy.verify({ headers: { authorization } });
const verifyToken = (token: string) => verify(`Bearer ${token}`);
const tokenWith = (claims: JWTPayload = {}, header: Partial<JWTHeaderParameters> = {}, by = key) =>
  sign(by, { ...validClaims(now), ...claims }, header);
const rejected = { code: 'invalid_token', status: 401 };

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
/** Assembles a token that no library would sign. */
const forge = (header: object, makeSignature: (input: string) => string, claims: object = validClaims(NOW)) => {
  const input = `${encode({ typ: 'at+jwt', kid: 'current', ...header })}.${encode(claims)}`;
  return `${input}.${makeSignature(input)}`;
};

describe('a valid access token', () => {
  it('identifies the caller', async () => {
    expect(await verifyToken(await tokenWith())).toEqual({
      userId: 'alice0000001',
      clientId: 'profile-page',
      scopes: new Set(['read', 'write']),
      issuedAt: NOW / 1000,
      expiresAt: NOW / 1000 + 60,
      impersonated: false,
    });
  });

  it('may have several audiences, no scopes and the long form of its type', async () => {
    const claims = { aud: ['https://other.example', AUDIENCE], scope: '' };
    const caller = await verifyToken(await tokenWith(claims, { typ: 'application/at+jwt' }));
    expect(caller.scopes.size).toBe(0);
  });

  it('identifies the organization of the caller, if it has one', async () => {
    expect((await verifyToken(await tokenWith({ organization_id: 'org000000001' }))).organizationId).toBe(
      'org000000001',
    );
    for (const organization_id of [undefined, '', 1, ['org000000001']]) {
      expect(await verifyToken(await tokenWith({ organization_id }))).not.toHaveProperty('organizationId');
    }
  });

  it('marks the caller as impersonated if it has an act claim', async () => {
    expect((await verifyToken(await tokenWith({ act: { sub: 'admin0000001' } }))).impersonated).toBe(true);
  });

  it.each(['ES256', 'ES512', 'RS256'])('may be signed with %s', async (alg) => {
    const other = await createKey('other', alg);
    served = [key, other];
    expect((await verifyToken(await tokenWith({}, {}, other))).userId).toBe('alice0000001');
  });

  it.each(['bearer', 'BEARER', 'Bearer  '])('is accepted after the scheme "%s"', async (scheme) => {
    expect((await verify(`${scheme} ${await tokenWith()}`)).userId).toBe('alice0000001');
  });
});

describe('a request is rejected', () => {
  it.each([undefined, '', 'Bearer', 'Bearer ', 'Basic YTpi', 'Token abc', 'Bearer a b'])(
    'without an error code when it has no bearer token (%p)',
    async (authorization) => {
      await expect(verify(authorization)).rejects.toMatchObject({
        ...rejected,
        options: { headers: { 'WWW-Authenticate': 'Bearer' } },
      });
    },
  );

  it.each(['opaque', 'a.b', 'a.b.c', '..', 'a.b.c.d.e', `${encode({ alg: 'ES384' })}.${encode([])}.x`])(
    'with the malformed token %s',
    async (token) => {
      await expect(verifyToken(token)).rejects.toMatchObject({
        ...rejected,
        options: { headers: { 'WWW-Authenticate': expect.stringMatching(/^Bearer error="invalid_token"/) } },
      });
    },
  );

  it.each<[string, JWTPayload]>([
    ['another issuer', { iss: 'https://evil.example/oidc' }],
    ['an issuer with a slash more', { iss: `${ISSUER}/` }],
    ['no issuer', { iss: undefined }],
    ['another audience', { aud: 'https://other.example/api' }],
    ['an audience that begins like ours', { aud: `${AUDIENCE}/admin` }],
    [
      'an organization as its audience',
      { aud: 'urn:logto:organization:org000000001', organization_id: 'org000000001' },
    ],
    ['no audience', { aud: undefined }],
    ['an expiry in the past', { exp: NOW / 1000 - 1 }],
    ['an expiry of now', { exp: NOW / 1000 }],
    ['no expiry', { exp: undefined }],
    ['an expiry that is text', { exp: '9999999999' as unknown as number }],
    ['a time before which it is not valid', { nbf: NOW / 1000 + 30 }],
    ['no time of issue', { iat: undefined }],
    ['no subject', { sub: undefined }],
    ['an empty subject', { sub: '' }],
    ['a subject that is no text', { sub: 7 as unknown as string }],
    ['no client', { client_id: undefined }],
    ["a machine's subject", { sub: 'm2m-profile-service', client_id: 'm2m-profile-service' }],
  ])('with a token that has %s', async (_what, claims) => {
    await expect(verifyToken(await tokenWith(claims))).rejects.toMatchObject(rejected);
  });

  it.each<[string, Partial<JWTHeaderParameters>]>([
    ['no type: an ID token', { typ: undefined }],
    ['the type of an ID token', { typ: 'JWT' }],
    ['the type of a logout token', { typ: 'logout+jwt' }],
    ['no key id', { kid: undefined }],
    ['a key of its own to fetch', { jku: 'https://evil.example/jwks' }],
    ['a certificate of its own to fetch', { x5u: 'https://evil.example/cert' }],
    ['a certificate of its own', { x5c: ['MIIB'] }],
    ['an extension we must understand and do not', { crit: ['b64'], b64: false }],
  ])('with a token whose header has %s', async (_what, header) => {
    const token = await tokenWith({}, header).catch(() => forge(header, () => 'AAAA'));
    await expect(verifyToken(token)).rejects.toMatchObject(rejected);
  });

  it('with a token that brings its own key', async () => {
    const token = await tokenWith({}, { jwk: foreign.jwk as never }, foreign);
    await expect(verifyToken(token)).rejects.toMatchObject(rejected);
  });

  it('with a token signed by another key under a known id', async () => {
    await expect(verifyToken(await tokenWith({}, {}, foreign))).rejects.toMatchObject(rejected);
  });

  it('with an unsigned token', async () => {
    for (const alg of ['none', 'None', 'NONE', '']) {
      await expect(verifyToken(forge({ alg }, () => ''))).rejects.toMatchObject(rejected);
    }
  });

  it.each(['HS256', 'HS384', 'HS512'])('with an %s token whose secret is the public key', async (alg) => {
    for (const secret of [JSON.stringify(key.jwk), key.jwk.x!, '']) {
      const mac = (input: string) =>
        createHmac(`sha${alg.slice(2)}`, secret)
          .update(input)
          .digest('base64url');
      await expect(verifyToken(forge({ alg }, mac))).rejects.toMatchObject(rejected);
    }
  });

  it.each(['PS256', 'RS384', 'EdDSA', 'ES256K'])('with a token signed with %s', async (alg) => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const token = forge({ alg }, (input) => signRaw('sha256', Buffer.from(input), privateKey).toString('base64url'));
    await expect(verifyToken(token)).rejects.toMatchObject(rejected);
  });

  it('with a token whose algorithm is not that of its key', async () => {
    for (const alg of ['ES256', 'ES512', 'RS256']) {
      await expect(verifyToken(forge({ alg }, () => 'AAAA'))).rejects.toMatchObject(rejected);
    }
  });

  it('with a signature of zeros only', async () => {
    const zeros = Buffer.alloc(96).toString('base64url');
    await expect(verifyToken(forge({ alg: 'ES384' }, () => zeros))).rejects.toMatchObject(rejected);
  });

  it('with a token in which any character was changed', async () => {
    const [header, payload, signature] = (await tokenWith()).split('.');
    const other = encode({ ...validClaims(now), sub: 'bob000000001' });
    await expect(verifyToken(`${header}.${other}.${signature}`)).rejects.toMatchObject(rejected);
    await expect(verifyToken(`${header}.${payload}.${signature!.slice(0, -4)}AAAA`)).rejects.toMatchObject(rejected);
  });

  it('without fetching keys if no key could make its token valid', async () => {
    for (const claims of [{ iss: 'x' }, { aud: 'x' }, { exp: 1 }, { sub: 'a', client_id: 'a' }]) {
      await verifyToken(await tokenWith(claims, { kid: 'unknown' })).catch(() => undefined);
    }
    await verifyToken(forge({ alg: 'none', kid: 'unknown' }, () => '')).catch(() => undefined);
    expect(fetches).toBe(0);
  });
});

describe('a token that is sent several times concurrently', () => {
  it('is verified once, with the same result for all requests', async () => {
    const verifications = jest.spyOn(crypto.subtle, 'verify');
    const token = await tokenWith();
    const claims = await Promise.all([verifyToken(token), verifyToken(token), verifyToken(token)]);
    expect(new Set(claims).size).toBe(1);
    expect(verifications).toHaveBeenCalledTimes(1);
    const bad = await tokenWith({}, {}, foreign);
    const results = await Promise.allSettled([verifyToken(bad), verifyToken(bad)]);
    expect(results).toEqual(Array(2).fill({ status: 'rejected', reason: expect.objectContaining(rejected) }));
    expect(verifications).toHaveBeenCalledTimes(2);
    await expect(verifyToken(bad)).rejects.toMatchObject(rejected);
    expect(verifications).toHaveBeenCalledTimes(3);
    verifications.mockRestore();
  });
});

describe('a verified token', () => {
  it('is not verified again', async () => {
    const token = await tokenWith();
    const first = await verifyToken(token);
    expect(await verifyToken(token)).toBe(first);
  });

  it('is rejected from the second in which it expires', async () => {
    const token = await tokenWith();
    await verifyToken(token);
    now += 59_999;
    await verifyToken(token);
    now += 1;
    await expect(verifyToken(token)).rejects.toMatchObject(rejected);
  });

  it('is rejected as soon as its key is no longer published', async () => {
    const token = await tokenWith();
    await verifyToken(token);
    served = [await createKey('next')];
    await keys.refresh();
    now += FETCH_INTERVAL_MS;
    await expect(verifyToken(token)).rejects.toMatchObject(rejected);
  });

  it('is rejected when its key id has other key material', async () => {
    const token = await tokenWith();
    await verifyToken(token);
    served = [foreign];
    await keys.refresh();
    await expect(verifyToken(token)).rejects.toMatchObject(rejected);
  });

  it('does not validate another token with the same claims', async () => {
    const token = await tokenWith();
    await verifyToken(token);
    await expect(verifyToken(`${token.slice(0, -4)}AAAA`)).rejects.toMatchObject(rejected);
  });
});

it('two applications in one process do not share verified tokens', async () => {
  const elsewhere = { ...config, apiResource: 'https://elsewhere.example/api' } as AppConfig;
  const other = new AccessTokenStrategy(elsewhere, keys, { now: () => now });
  const token = await tokenWith();
  await expect(other.verify({ headers: { authorization: `Bearer ${token}` } })).rejects.toMatchObject(rejected);
  expect((await verifyToken(token)).userId).toBe('alice0000001');
});
