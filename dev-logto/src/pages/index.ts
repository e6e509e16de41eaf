import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.js';
import { isCrossSite } from '../loopback-only.js';
import type { Oidc } from '../oidc/index.js';
import { mailboxPage, messageList } from './mailbox.page.js';
import { sendPage } from './layout.js';
import { overviewPage } from './overview.page.js';
import { registerUserPages } from './users.routes.js';
import { registerSignIn } from './sign-in.routes.js';

/** Registers the web pages: overview (`/`), sign-in, consent, mailbox and users. */
export async function registerPages(app: FastifyInstance, context: Context, oidc: Oidc): Promise<void> {
  const { tenant } = context;
  await app.register(async (pages) => {
    pages.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
      done(null, Object.fromEntries(new URLSearchParams(body as string))),
    );
    pages.addHook('preHandler', async (request, reply) => {
      if (request.method === 'POST' && isCrossSite(request))
        await reply.code(403).type('text/plain').send('Cross-site form submissions are not allowed.');
    });
    const messages = () => [...tenant.sentMessages].reverse();
    pages.get('/favicon.ico', (_request, reply) => reply.code(204).send());
    pages.get('/', (_request, reply) => sendPage(reply, overviewPage(context)));
    pages.get('/dev/mailbox', (_request, reply) => sendPage(reply, mailboxPage(messages())));
    pages.get('/dev/mailbox/messages', (_request, reply) =>
      reply
        .headers({ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' })
        .send(messageList(messages()).toString()),
    );
    registerSignIn(pages, context, oidc.interactions);
    registerUserPages(pages, context, oidc);
  });
}
