import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Context } from '../context.js';
import type { Oidc } from '../oidc/index.js';
import { MANAGEMENT_API_INDICATOR } from '../tenant/seed.js';
import { sendPage } from './layout.js';
import { peoplePage } from './people.page.js';

interface ById {
  Params: { id: string };
}

/** The people page and its buttons. They go by way of the Management API, so that all it does happens too. */
export const registerPeople = (app: FastifyInstance, context: Context, oidc: Oidc): void => {
  const back = (reply: FastifyReply) => reply.redirect('/dev/people', 303);
  const manage = async (method: 'PATCH' | 'DELETE', path: string, body?: object): Promise<void> => {
    const [anyone] = context.tenant.users.keys();
    if (anyone === undefined) return;
    const token = await oidc.issueToken(anyone, { kind: 'machine', resource: MANAGEMENT_API_INDICATOR, scope: 'all' });
    const headers = { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) };
    const url = `${context.endpoint}/api/users/${path}`;
    const { ok, status } = await fetch(url, { method, headers, body: body && JSON.stringify(body) });
    if (!ok && status !== 404) throw new Error(`${method} ${path} answered ${status}`); // Gone already is as good as done.
  };

  app.get('/dev/people', (_request, reply) => sendPage(reply, peoplePage(context)));

  app.post<ById>('/dev/people/:id/suspend', async ({ params }, reply) => {
    await manage('PATCH', `${params.id}/is-suspended`, { isSuspended: true });
    return back(reply);
  });

  app.post<ById>('/dev/people/:id/restore', async ({ params }, reply) => {
    await manage('PATCH', `${params.id}/is-suspended`, { isSuspended: false });
    return back(reply);
  });

  app.post<ById>('/dev/people/:id/delete', async ({ params }, reply) => {
    await manage('DELETE', params.id);
    return back(reply);
  });

  app.post('/dev/people/reset', async (_request, reply) => {
    await context.reset();
    return back(reply);
  });
};
