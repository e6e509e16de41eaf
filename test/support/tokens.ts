import {
  exportJWK,
  generateKeyPair,
  SignJWT,
  type CryptoKey,
  type JWK,
  type JWTHeaderParameters,
  type JWTPayload,
} from 'jose';

export const ISSUER = 'https://logto.example/oidc';
export const AUDIENCE = 'https://profile.example/api';

/** A signing key of a fictitious Logto. */
export interface TestKey {
  readonly kid: string;
  readonly alg: string;
  readonly jwk: JWK;
  readonly privateKey: CryptoKey;
}

/** Creates a signing key. @param hasAlg whether its JWK contains `alg`; keys of Logto may lack it */
export async function createKey(kid: string, alg = 'ES384', hasAlg = true): Promise<TestKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid, use: 'sig', ...(hasAlg && { alg }) };
  return { kid, alg, jwk, privateKey };
}

/** Claims of an access token that is valid for a minute from `now` (milliseconds). */
export const validClaims = (now: number): JWTPayload => ({
  iss: ISSUER,
  aud: AUDIENCE,
  sub: 'alice0000001',
  client_id: 'profile-page',
  scope: 'read write',
  jti: 'token-1',
  iat: Math.floor(now / 1000),
  exp: Math.floor(now / 1000) + 60,
});

/** Signs an access token as Logto does; a claim or header of undefined is omitted. */
export const sign = (key: TestKey, claims: JWTPayload, header: Partial<JWTHeaderParameters> = {}): Promise<string> =>
  new SignJWT(claims).setProtectedHeader({ alg: key.alg, typ: 'at+jwt', kid: key.kid, ...header }).sign(key.privateKey);
