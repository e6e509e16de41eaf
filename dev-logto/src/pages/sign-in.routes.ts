import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../context.js';
import type { Interactions, VerificationRecord } from '../oidc/interactions.js';
import type { Tenant } from '../tenant/tenant.js';
import type { User } from '../tenant/types.js';
import { sendPage } from './layout.js';
import { consentPage, noSignInPage, signedOutPage, signInPage, type SignInState } from './sign-in.page.js';

type Form = Partial<Record<'identifier' | 'password' | 'userId', string>>;

/** Registers the pages of an authorization request: sign-in, consent and signed out. */
export const registerSignIn = (
  app: FastifyInstance,
  { tenant, passwords }: Context,
  interactions: Interactions,
): void => {
  const showSignIn = async (request: FastifyRequest, reply: FastifyReply, state: SignInState = {}, status = 200) => {
    const view = await interactions.getView(request.raw, reply.raw);
    if (!view) return sendPage(reply, noSignInPage(), 400);
    return sendPage(reply, signInPage(view, [...tenant.users.values()], state), status);
  };
  const continueInteraction = async (
    request: FastifyRequest,
    reply: FastifyReply,
    step: (...exchange: [FastifyRequest['raw'], FastifyReply['raw']]) => Promise<string>,
  ) => {
    if (!(await interactions.getView(request.raw, reply.raw))) return sendPage(reply, noSignInPage(), 400);
    return reply.redirect(await step(request.raw, reply.raw), 303);
  };
  const signIn = (request: FastifyRequest, reply: FastifyReply, user: User, record: VerificationRecord) =>
    continueInteraction(request, reply, (...exchange) => interactions.signIn(user, record, ...exchange));

  app.get('/sign-in', (request, reply) => showSignIn(request, reply));

  app.post<{ Body: Form }>('/sign-in', async (request, reply) => {
    const { identifier = '', password = '' } = request.body;
    const match = findByIdentifier(tenant, identifier.trim());
    if (!match || !(await passwords.verify(match.user.passwordHash, password))) {
      return showSignIn(
        request,
        reply,
        { identifier, error: 'Incorrect account or password. Please check your input.' },
        422,
      );
    }
    if (match.user.isSuspended) {
      return showSignIn(request, reply, { identifier, error: 'This account is suspended.' }, 401);
    }
    return signIn(request, reply, match.user, { type: 'Password', identifier: match.identifier });
  });

  app.post<{ Body: Form }>('/sign-in/as', async (request, reply) => {
    const user = tenant.users.get(request.body.userId ?? '');
    if (!user) return showSignIn(request, reply, { error: 'This user no longer exists.' }, 422);
    if (user.isSuspended) return showSignIn(request, reply, { error: 'This account is suspended.' }, 401);
    return signIn(request, reply, user, { type: 'Development', identifier: { type: 'userId', value: user.id } });
  });

  app.post('/sign-in/cancel', (request, reply) =>
    continueInteraction(request, reply, (...exchange) => interactions.abort(...exchange)),
  );

  const consent = (request: FastifyRequest, reply: FastifyReply) =>
    continueInteraction(request, reply, (...exchange) => interactions.consent(...exchange));

  app.get('/consent', async (request, reply) => {
    const view = await interactions.getView(request.raw, reply.raw);
    return view?.application.isThirdParty && view.user ? sendPage(reply, consentPage(view)) : consent(request, reply);
  });

  app.post('/consent', consent);

  app.get('/signed-out', (_request, reply) => sendPage(reply, signedOutPage()));
};

/** Finds a user by username (case-sensitive, as in a new Logto tenant), email (case-insensitive) or phone digits. */
const findByIdentifier = (
  tenant: Tenant,
  value: string,
): { user: User; identifier: VerificationRecord['identifier'] } | undefined => {
  const email = value.toLowerCase();
  const phone = value.replace(/\D/g, '');
  for (const user of tenant.users.values()) {
    if (user.username !== null && user.username === value) return { user, identifier: { type: 'username', value } };
    if (user.primaryEmail?.toLowerCase() === email) return { user, identifier: { type: 'email', value } };
    if (/^[+\d][\d\s()/.-]*$/.test(value) && user.primaryPhone === phone) {
      return { user, identifier: { type: 'phone', value: phone } };
    }
  }
  return undefined;
};
