import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import passport from 'passport';
import { Strategy, type JwtFromRequestFunction } from 'passport-jwt';
import { AppConfig } from '../../platform/config/app-config.js';
import { Clock } from '../../platform/config/clock.js';
import { keyProvider, replaceJwtVerifier } from '../../platform/patches/jwt-verifier.js';
import {
  bearerToken,
  inspectAccessToken,
  rejectedToken,
  verifyAccessToken,
  type AccessTokenClaims,
  type Expectations,
} from './access-token.js';
import { SigningKeys, type SigningKey } from './signing-keys.js';
import { VerifiedTokenCache } from './verified-token-cache.js';

/** The part of a request that identifies the caller. */
export interface Credentials {
  readonly headers: { readonly authorization?: string };
}

interface Verification {
  readonly key: SigningKey;
  readonly expected: Expectations;
}

interface Verified {
  readonly token: string;
  readonly key: SigningKey;
  readonly claims: AccessTokenClaims;
}

replaceJwtVerifier(async (token, { key, expected }: Verification): Promise<Verified> => {
  return { token, key, claims: await verifyAccessToken(token, key, expected) };
});

const fromAuthorization: JwtFromRequestFunction<Credentials> = ({ headers }) => bearerToken(headers.authorization);

/** Checks access tokens of Logto's users for this API (RFC 9068) with passport-jwt. */
@Injectable()
export class AccessTokenStrategy extends PassportStrategy(Strategy, 'access-token') {
  // Set by the base constructor, before our own fields are initialized.
  declare private passport: passport.Authenticator;
  private readonly verifiedTokens: VerifiedTokenCache;
  private readonly pending = new Map<string, Promise<AccessTokenClaims>>();

  constructor(
    private readonly config: AppConfig,
    private readonly keys: SigningKeys,
    private readonly clock: Clock,
  ) {
    super({
      jwtFromRequest: fromAuthorization,
      secretOrKeyProvider: keyProvider((token) => this.findKey(token)),
    });
    this.verifiedTokens = new VerifiedTokenCache(keys, clock);
  }

  /**
   * Returns the claims of the caller. Concurrent requests with one token share a check: a page sends several when it
   * opens.
   * @throws ProblemError `invalid_token`, `upstream_unavailable` while Logto's keys are not known, or `overloaded` if too
   * many requests wait for them
   */
  verify(credentials: Credentials): Promise<AccessTokenClaims> {
    const { authorization = '' } = credentials.headers;
    const pending = this.pending.get(authorization);
    if (pending) return pending;
    const check = this.check(credentials).finally(() => this.pending.delete(authorization));
    this.pending.set(authorization, check);
    return check;
  }

  private check({ headers }: Credentials): Promise<AccessTokenClaims> {
    return new Promise((resolve, reject) => {
      const done = (error: unknown, claims?: AccessTokenClaims | false, rejection?: unknown) =>
        claims ? resolve(claims) : reject((error ?? rejection) as Error);
      // Not the request itself: passport adds session methods to the object that it receives.
      this.passport.authenticate('access-token', { session: false }, done)({ headers }, undefined, reject);
    });
  }

  /** Each application has its own instance: passport's global registry would mix up two applications in one process. */
  getPassportInstance(): passport.Authenticator {
    this.passport = new passport.Passport();
    return this.passport;
  }

  override authenticate(credentials: never): void {
    const claims = this.verifiedTokens.get(fromAuthorization(credentials) as string);
    if (claims) this.success(claims);
    else super.authenticate(credentials);
  }

  /** The last step of passport-jwt, with the result of the verifier above. */
  validate({ token, key, claims }: Verified): AccessTokenClaims {
    this.verifiedTokens.add(token, claims, key);
    return claims;
  }

  private async findKey(token: string): Promise<Verification> {
    const expected = {
      issuer: this.config.logto.issuer,
      audience: this.config.apiResource,
      now: new Date(this.clock.now()),
    };
    const { kid, algorithm } = inspectAccessToken(token, expected);
    const key = await this.keys.find(kid);
    if (key?.algorithm !== algorithm) throw rejectedToken('token_key_unknown');
    return { key, expected };
  }
}
