import { createLocalJWKSet, errors, jwtVerify, type JWTPayload } from 'jose';
import type { Context } from '../context.js';
import { MANAGEMENT_API_INDICATOR } from '../tenant/seed.js';
import { RequestError } from './request-error.js';

interface VerifiedToken {
  exp: number;
  kid: string | undefined;
  scopes: string[];
}

/**
 * Authorizes calls to the Management API. Accepts any JWT that this tenant issued for the Management API
 * with the scope `all`. The signature is verified once per token; the expiry and the key are checked on each call.
 */
export class Authorizer {
  #verified = new Map<string, VerifiedToken>();

  constructor(private readonly context: Pick<Context, 'tenant' | 'endpoint' | 'faults'>) {}

  /** Accepts a valid `Authorization` header. Throws, or rejects, with Logto's error for any other. */
  authorize(authorization: string | undefined): void | Promise<void> {
    if (!authorization) throw new RequestError(401, 'auth.authorization_header_missing');
    if (!authorization.startsWith('Bearer ')) {
      throw new RequestError(401, 'auth.authorization_token_type_not_supported', {
        data: { supportedTypes: ['Bearer'] },
      });
    }
    const token = authorization.slice('Bearer '.length);
    if (this.context.faults.isTokenRejected(token)) {
      throw toUnauthorizedError(new errors.JWSSignatureVerificationFailed());
    }
    const cached = this.#verified.get(token);
    if (cached && this.#isStillValid(cached)) return requireScopeAll(cached);
    return this.#verify(token).then(requireScopeAll);
  }

  #isStillValid({ exp, kid }: VerifiedToken): boolean {
    const { tenant } = this.context;
    return tenant.clock.seconds() < exp && tenant.signingKeys.some((key) => key.id === kid);
  }

  async #verify(token: string): Promise<VerifiedToken> {
    const { tenant, endpoint } = this.context;
    const keys = createLocalJWKSet({ keys: tenant.signingKeys.map((key) => key.publicJwk) });
    try {
      const { payload, protectedHeader } = await jwtVerify<JWTPayload & { scope?: string }>(token, keys, {
        issuer: `${endpoint}/oidc`,
        audience: MANAGEMENT_API_INDICATOR,
        currentDate: new Date(tenant.clock.now()),
      });
      const verified = {
        exp: payload.exp ?? Infinity,
        kid: protectedHeader.kid,
        scopes: payload.scope?.split(' ') ?? [],
      };
      if (this.#verified.size >= 10_000) this.#verified.clear();
      this.#verified.set(token, verified);
      return verified;
    } catch (error) {
      throw error instanceof errors.JOSEError ? toUnauthorizedError(error) : error;
    }
  }
}

function requireScopeAll({ scopes }: VerifiedToken): void {
  if (!scopes.includes('all')) throw new RequestError(403, 'auth.forbidden');
}

function toUnauthorizedError(error: errors.JOSEError): RequestError {
  const { code, name, claim, reason, payload } = error as errors.JOSEError & Record<string, unknown>;
  return new RequestError(401, 'auth.unauthorized', { data: { code, name, claim, reason, payload } });
}
