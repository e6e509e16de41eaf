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
import { VerifiedTokenCache } from './verified-token-cache.js';
import { SigningKeys, type SigningKey } from './signing-keys.js';

/** All of a request that decides who makes it. */
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

/** Access tokens of Logto's users for this API (RFC 9068), by passport-jwt. */
@Injectable()
export class AccessTokenStrategy extends PassportStrategy(Strategy, 'access-token') {
  // The base constructor sets it, before a field of ours could be initialised.
  declare private passport: passport.Authenticator;
  private readonly remembered: VerifiedTokenCache;
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
    this.remembered = new VerifiedTokenCache(keys, clock);
  }

  /**
   * Who sends these credentials. A page that starts sends several requests with one new token: they share one check.
   * @throws ProblemError `invalid_token`, or `upstream_unavailable` while Logto's keys are not known.
   */
  verify(credentials: Credentials): Promise<AccessTokenClaims> {
    const { authorization = '' } = credentials.headers;
    const present = this.pending.get(authorization);
    if (present) return present;
    const check = this.check(credentials).finally(() => this.pending.delete(authorization));
    this.pending.set(authorization, check);
    return check;
  }

  private check({ headers }: Credentials): Promise<AccessTokenClaims> {
    return new Promise((resolve, reject) => {
      const answer = (error: unknown, claims?: AccessTokenClaims | false, refusal?: unknown) =>
        claims ? resolve(claims) : reject((error ?? refusal) as Error);
      // Not the request itself: passport writes session methods on what it is given.
      this.passport.authenticate('access-token', { session: false }, answer)({ headers }, undefined, reject);
    });
  }

  /** Of an application its own: passport's global registry would mix up two in one process. */
  getPassportInstance(): passport.Authenticator {
    this.passport = new passport.Passport();
    return this.passport;
  }

  override authenticate(credentials: never): void {
    const remembered = this.remembered.get(fromAuthorization(credentials) as string);
    if (remembered) this.success(remembered);
    else super.authenticate(credentials);
  }

  /** passport-jwt's last step, with what the verifier above found. */
  validate({ token, key, claims }: Verified): AccessTokenClaims {
    this.remembered.add(token, claims, key);
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
