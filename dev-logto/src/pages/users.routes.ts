import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Context } from '../context.js';
import type { Oidc } from '../oidc/index.js';
import { MANAGEMENT_API_INDICATOR } from '../tenant/seed.js';
import { sendPage } from './layout.js';
import { usersPage } from './users.page.js';

interface UserRoute {
  Params: { id: string };
}

/**
 * Registers the users page and its actions. The actions on a user call the Management API, so that webhooks are sent. The
 * reset replaces the whole tenant and sends none.
 */
export const registerUserPages = (app: FastifyInstance, context: Context, oidc: Oidc): void => {
  const redirectToUsers = (reply: FastifyReply) => reply.redirect('/dev/people', 303);
  const callManagementApi = async (method: 'PATCH' | 'DELETE', path: string, body?: object): Promise<void> => {
    // `issueToken` needs a user, even for a machine token.
    const [userId] = context.tenant.users.keys();
    if (userId === undefined) return;
    const token = await oidc.issueToken(userId, { kind: 'machine', resource: MANAGEMENT_API_INDICATOR, scope: 'all' });
    const headers = { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) };
    const url = `${context.endpoint}/api/users/${path}`;
    const { ok, status } = await fetch(url, { method, headers, body: body && JSON.stringify(body) });
    // A 404 means that the user has already been deleted.
    if (!ok && status !== 404) throw new Error(`${method} ${path} returned ${status}`);
  };

  app.get('/dev/people', (_request, reply) => sendPage(reply, usersPage(context)));

  app.post<UserRoute>('/dev/people/:id/suspend', async ({ params }, reply) => {
    await callManagementApi('PATCH', `${params.id}/is-suspended`, { isSuspended: true });
    return redirectToUsers(reply);
  });

  app.post<UserRoute>('/dev/people/:id/restore', async ({ params }, reply) => {
    await callManagementApi('PATCH', `${params.id}/is-suspended`, { isSuspended: false });
    return redirectToUsers(reply);
  });

  app.post<UserRoute>('/dev/people/:id/delete', async ({ params }, reply) => {
    await callManagementApi('DELETE', params.id);
    return redirectToUsers(reply);
  });

  app.post('/dev/people/reset', async (_request, reply) => {
    await context.reset();
    return redirectToUsers(reply);
  });
};
