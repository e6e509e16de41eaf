import {
  decodeJwt,
  decodeProtectedHeader,
  errors,
  jwtVerify,
  type JWTPayload,
  type ProtectedHeaderParameters,
} from 'jose';
import { detailText, type DetailMessage } from '../../platform/errors/messages/messages.js';
import { ProblemError } from '../../platform/errors/problem-error.js';
import type { Caller } from './caller.js';
import { SIGNING_ALGORITHMS, type SigningKey } from './signing-keys.js';

/** The claims of an access token about the caller. */
export type AccessTokenClaims = Omit<Caller, 'ip' | 'row'>;

export interface Expectations {
  readonly issuer: string;
  readonly audience: string;
  readonly now: Date;
}

/** Headers that supply or reference a key: with such a key, anyone could sign tokens (RFC 8725 section 3.10). */
const KEY_HEADERS = ['jku', 'jwk', 'x5u', 'x5c', 'x5t', 'x5t#S256'];

/** The audience of a token that an application requested for an organization, without a resource. */
const ORGANIZATION_AUDIENCE = 'urn:logto:organization:';

/** Why a token is rejected. */
type TokenRejection = Extract<DetailMessage['code'], `token_${string}`>;

const BEARER = /^Bearer +([\w\-.~+/]+=*) *$/i;

/** The token of an `Authorization` header (RFC 6750 section 2.1). Throws `invalid_token` if it is missing. */
export function bearerToken(authorization: string | undefined): string {
  const token = BEARER.exec(authorization ?? '')?.[1];
  if (token) return token;
  // RFC 6750 section 3.1: no error code if the request has no authentication information.
  throw new ProblemError('invalid_token', {
    detail: { code: 'token_missing' },
    headers: { 'WWW-Authenticate': 'Bearer' },
  });
}

/**
 * The error for a rejected token. The reason reveals nothing but the caller's own token, and helps the app's developer.
 */
export function rejectedToken(reason: TokenRejection, headers: Readonly<Record<string, string>> = {}): ProblemError {
  const detail: DetailMessage = { code: reason };
  const challenge = `Bearer error="invalid_token", error_description="${detailText(detail, 'en')}"`;
  return new ProblemError('invalid_token', { detail, headers: { 'WWW-Authenticate': challenge, ...headers } });
}

/**
 * Decodes a token and rejects it if no key could verify it, before a key is looked up: junk must not consume the fetch
 * for unknown key ids.
 * @returns the key id and algorithm
 */
export function inspectAccessToken(token: string, expected: Expectations): { kid: string; algorithm: string } {
  const { header, claims } = decode(token);
  if (KEY_HEADERS.some((name) => name in header)) throw rejectedToken('token_contains_key');
  if (!SIGNING_ALGORITHMS.some((each) => each === header.alg)) {
    throw rejectedToken('token_algorithm_not_accepted');
  }
  if (!/^(application\/)?at\+jwt$/i.test(String(header.typ))) throw rejectedToken('token_type_not_accepted');
  if (typeof header.kid !== 'string') throw rejectedToken('token_without_key_id');
  if (claims.iss !== expected.issuer) throw rejectedToken('token_from_other_issuer');
  const audiences = [claims.aud].flat();
  if (!audiences.includes(expected.audience)) {
    const isForOrganization = audiences.some((each) => String(each).startsWith(ORGANIZATION_AUDIENCE));
    throw rejectedToken(isForOrganization ? 'token_for_organization' : 'token_for_other_audience');
  }
  if (typeof claims.exp !== 'number' || claims.exp * 1000 <= expected.now.getTime()) {
    throw rejectedToken('token_expired');
  }
  readClaims(claims);
  return { kid: header.kid, algorithm: header.alg as string };
}

/**
 * Verifies the signature, off the event loop, and the claims (RFC 9068 section 4).
 * @throws ProblemError `invalid_token`
 */
export async function verifyAccessToken(
  token: string,
  { key, algorithm }: SigningKey,
  expected: Expectations,
): Promise<AccessTokenClaims> {
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: [algorithm],
      issuer: expected.issuer,
      audience: expected.audience,
      typ: 'at+jwt',
      requiredClaims: ['sub', 'client_id', 'iat', 'exp'],
      currentDate: expected.now,
    });
    return readClaims(payload);
  } catch (error) {
    throw error instanceof errors.JOSEError ? rejectedToken('token_rejected') : error;
  }
}

function decode(token: string): { header: ProtectedHeaderParameters; claims: JWTPayload } {
  try {
    return { header: decodeProtectedHeader(token), claims: decodeJwt(token) };
  } catch {
    // Logto issues opaque tokens to applications that request no resource.
    throw rejectedToken('token_opaque');
  }
}

function readClaims(claims: JWTPayload): AccessTokenClaims {
  const { sub, client_id: clientId, scope, iat, exp, act, organization_id: organizationId } = claims;
  if (typeof sub !== 'string' || sub === '' || typeof clientId !== 'string' || clientId === '') {
    throw rejectedToken('token_without_user');
  }
  // Logto issues tokens for any resource to machine-to-machine applications, with their own id as the subject.
  if (sub === clientId) throw rejectedToken('token_of_machine');
  const scopes = typeof scope === 'string' ? scope.split(' ').filter(Boolean) : [];
  return Object.freeze({
    userId: sub,
    clientId,
    scopes: new Set(scopes),
    issuedAt: iat as number,
    expiresAt: exp as number,
    impersonated: act !== undefined,
    ...(typeof organizationId === 'string' && organizationId !== '' && { organizationId }),
  });
}
