import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.js';
import { Interactions } from './interactions.js';
import { issueToken, type IssueTokenOptions } from './issue-token.js';
import { createProvider } from './provider.js';
import { SigningKeys, type RotateOptions } from './signing-keys.js';

export type { IssueTokenOptions, RotateOptions };

/** What the OpenID provider offers to the rest of dev-logto. */
export interface Oidc {
  interactions: Interactions;
  /** A token as the provider would give it to this user. Throws for an unknown user or client. */
  issueToken(userId: string, options?: IssueTokenOptions): Promise<string>;
  /** A new signing key; the present one becomes the previous. */
  rotateKeys(options?: RotateOptions): Promise<void>;
}

/** Mounts the OpenID provider at `/oidc`. */
export async function registerOidc(app: FastifyInstance, context: Context): Promise<Oidc> {
  const keys = new SigningKeys(context.tenant, context.idTokenSigning);
  await keys.ensure();
  const serving = followKeys(keys, () => {
    const provider = createProvider(context, keys);
    interactions.follow(provider);
    return { provider, handle: provider.callback() };
  });
  const interactions = new Interactions(() => serving().provider, context);
  serving();

  await app.register(async (scope) => {
    // oidc-provider reads the bodies itself.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
    scope.all('/oidc/*', (request, reply) => {
      reply.hijack();
      const { raw } = request;
      const originalUrl = raw.url!;
      // oidc-provider learns from the difference of the two where it is mounted.
      Object.assign(raw, { originalUrl, url: originalUrl.slice('/oidc'.length) });
      void serving().handle(raw, reply.raw);
    });
  });

  return {
    interactions,
    issueToken: (userId, options) => issueToken(context, keys, serving().provider, userId, options),
    rotateKeys: (options) => keys.rotate(options),
  };
}

/** A provider holds its keys for life: whenever the tenant's keys have changed, a new one takes over. */
const followKeys = <Made>(keys: SigningKeys, make: () => Made): (() => Made) => {
  let made: Made | undefined;
  let madeFor = '';
  return () => {
    const now = keys.all.map(({ id, status }) => `${id} ${status}`).join();
    if (!made || now !== madeFor) [made, madeFor] = [make(), now];
    return made;
  };
};
