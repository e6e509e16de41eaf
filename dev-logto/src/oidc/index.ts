import { exportJWK, generateKeyPair, importJWK, SignJWT } from 'jose';
import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.js';
import { generateId } from '../tenant/ids.js';
import type { SigningKey } from '../tenant/types.js';

export interface IssueTokenOptions {
  kind?: 'access' | 'id' | 'opaque' | 'other-audience' | 'machine' | 'expired';
  client?: string;
  /** Seconds. */
  ttl?: number;
  scope?: string;
}

/** What the OpenID provider offers to the rest of dev-logto. */
export interface Oidc {
  /** A token as the provider would give it for this user. Throws for an unknown user or client. */
  issueToken(userId: string, options?: IssueTokenOptions): Promise<string>;
  /** A new signing key; the present one becomes the previous. */
  rotateKeys(): Promise<void>;
}

export async function registerOidc(app: FastifyInstance, context: Context): Promise<Oidc> {
  const { tenant } = context;
  const rotateKeys = async (): Promise<void> => {
    const signingAlgorithm = context.idTokenSigning;
    const { privateKey, publicKey } = await generateKeyPair(signingAlgorithm, { extractable: true });
    const id = generateId();
    const common = { kid: id, alg: signingAlgorithm, use: 'sig' };
    const key: SigningKey = {
      id,
      privateJwk: { ...(await exportJWK(privateKey)), ...common },
      publicJwk: { ...(await exportJWK(publicKey)), ...common },
      signingAlgorithm,
      status: 'Current',
      createdAt: tenant.clock.now(),
    };
    tenant.signingKeys = [
      key,
      ...tenant.signingKeys.slice(0, 1).map((old) => ({ ...old, status: 'Previous' as const })),
    ];
  };
  if (tenant.signingKeys.length === 0) await rotateKeys();
  const sign = async (claims: Record<string, unknown>, ttl: number): Promise<string> => {
    const key = tenant.signingKeys[0]!;
    const now = tenant.clock.seconds();
    return new SignJWT({ jti: generateId(), iss: `${context.endpoint}/oidc`, iat: now, exp: now + ttl, ...claims })
      .setProtectedHeader({ alg: key.signingAlgorithm, typ: 'at+jwt', kid: key.id })
      .sign(await importJWK(key.privateJwk));
  };
  app.get('/oidc/jwks', () => ({ keys: tenant.signingKeys.map((key) => key.publicJwk) }));
  void app.register((scope, _options, done) => {
    scope.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, parsed) =>
      parsed(null, Object.fromEntries(new URLSearchParams(body as string))),
    );
    scope.post('/oidc/token', async (request) => {
      const form = request.body as Record<string, string>;
      const [id] = Buffer.from((request.headers.authorization ?? '').replace('Basic ', ''), 'base64')
        .toString()
        .split(':');
      const client = tenant.applications.get(form['client_id'] ?? id ?? '');
      const resource = tenant.resourceByIndicator(form['resource'] ?? '');
      if (!client || !resource) throw new Error('invalid_client');
      const scopes = tenant
        .scopesOf(client.roleIds, resource)
        .filter((name) => form['scope']?.split(' ').includes(name));
      const access_token = await sign(
        {
          sub: client.id,
          client_id: client.id,
          aud: resource.indicator,
          ...(scopes.length && { scope: scopes.join(' ') }),
        },
        resource.accessTokenTtl,
      );
      return {
        access_token,
        expires_in: resource.accessTokenTtl,
        token_type: 'Bearer',
        ...(scopes.length && { scope: scopes.join(' ') }),
      };
    });
    done();
  });
  return {
    issueToken: async (userId, { client = 'profile-page', ttl = 3600, scope = '' } = {}) =>
      sign({ sub: userId, client_id: client, aud: 'https://profile.example/api', scope }, ttl),
    rotateKeys,
  };
}
