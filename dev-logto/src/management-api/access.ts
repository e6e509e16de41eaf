import { createLocalJWKSet, errors, jwtVerify, type JWTPayload } from 'jose';
import type { Context } from '../context.js';
import { MANAGEMENT_API_INDICATOR } from '../tenant/seed.js';
import { RequestError } from './request-error.js';

interface Verified {
  exp: number;
  kid: string | undefined;
  scopes: string[];
}

/**
 * Who may call the Management API: any JWT of this tenant for its resource with the scope `all`. A token
 * is verified once and remembered; its expiry and whether its key is still there are looked at each time.
 */
export class Access {
  #verified = new Map<string, Verified>();

  constructor(private readonly context: Pick<Context, 'tenant' | 'endpoint' | 'faults'>) {}

  /** Resolves for a good `Authorization` header; else throws what Logto answers. */
  check(authorization: string | undefined): void | Promise<void> {
    if (!authorization) throw new RequestError(401, 'auth.authorization_header_missing');
    if (!authorization.startsWith('Bearer ')) {
      throw new RequestError(401, 'auth.authorization_token_type_not_supported', {
        data: { supportedTypes: ['Bearer'] },
      });
    }
    const token = authorization.slice('Bearer '.length);
    if (this.context.faults.refusesToken(token)) {
      throw unauthorized(new errors.JWSSignatureVerificationFailed());
    }
    const known = this.#verified.get(token);
    if (known && this.#stillGood(known)) return permit(known);
    return this.#verify(token).then(permit);
  }

  #stillGood({ exp, kid }: Verified): boolean {
    const { tenant } = this.context;
    return tenant.clock.seconds() < exp && tenant.signingKeys.some((key) => key.id === kid);
  }

  async #verify(token: string): Promise<Verified> {
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
      throw error instanceof errors.JOSEError ? unauthorized(error) : error;
    }
  }
}

function permit({ scopes }: Verified): void {
  if (!scopes.includes('all')) throw new RequestError(403, 'auth.forbidden');
}

function unauthorized(error: errors.JOSEError): RequestError {
  const { code, name, claim, reason, payload } = error as errors.JOSEError & Record<string, unknown>;
  return new RequestError(401, 'auth.unauthorized', { data: { code, name, claim, reason, payload } });
}
