import './runtime-warning.js';
import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.js';
import { Interactions } from './interactions.js';
import { issueToken, type IssueTokenOptions } from './issue-token.js';
import { createProvider } from './provider.js';
import { SigningKeys, type RotateOptions } from './signing-keys.js';

export type { IssueTokenOptions, RotateOptions };

/** The OpenID provider's interface to the rest of dev-logto. */
export interface Oidc {
  interactions: Interactions;
  /** Issues a token without a sign-in. Rejects with an Error if the user or client is unknown. */
  issueToken(userId: string, options?: IssueTokenOptions): Promise<string>;
  /** Creates a signing key. The current key becomes the previous one. */
  rotateKeys(options?: RotateOptions): Promise<void>;
}

/** Mounts the OpenID provider at `/oidc`. */
export async function registerOidc(app: FastifyInstance, context: Context): Promise<Oidc> {
  const keys = new SigningKeys(context.tenant, context.idTokenSigning);
  await keys.ensureCurrent();
  const getCurrentProvider = recreateOnKeyChange(keys, () => {
    const provider = createProvider(context, keys);
    interactions.recordSubmissions(provider);
    return { provider, handleRequest: provider.callback() };
  });
  const interactions = new Interactions(() => getCurrentProvider().provider, context);
  getCurrentProvider();

  await app.register(async (scope) => {
    // oidc-provider parses request bodies itself.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
    scope.all('/oidc/*', (request, reply) => {
      reply.hijack();
      const { raw } = request;
      const originalUrl = raw.url!;
      // oidc-provider derives its mount path from the difference between the two URLs.
      Object.assign(raw, { originalUrl, url: originalUrl.slice('/oidc'.length) });
      void getCurrentProvider().handleRequest(raw, reply.raw);
    });
  });

  return {
    interactions,
    issueToken: (userId, options) => issueToken(context, keys, getCurrentProvider().provider, userId, options),
    rotateKeys: (options) => keys.rotate(options),
  };
}

/** Caches a value and creates it again when the signing keys change, because a provider cannot change its keys. */
const recreateOnKeyChange = <Value>(keys: SigningKeys, create: () => Value): (() => Value) => {
  let value: Value | undefined;
  let keysOfValue = '';
  return () => {
    const currentKeys = keys.all.map(({ id, status }) => `${id} ${status}`).join();
    if (!value || currentKeys !== keysOfValue) [value, keysOfValue] = [create(), currentKeys];
    return value;
  };
};
