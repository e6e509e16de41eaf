import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Context } from '../context.js';
import type { OidcRecord } from '../tenant/oidc-store.js';
import type { Tenant } from '../tenant/tenant.js';
import { parseInput } from './parse-input.js';
import { RequestError } from './request-error.js';

interface SessionRoute {
  Params: { userId: string; sessionId: string };
}

type Authorizations = Record<string, { grantId?: string }>;

/** Routes for sessions. `:sessionId` is the session's `uid`, not oidc-provider's id or a `sid`. */
export function sessionRoutes(app: FastifyInstance, { tenant }: Context): void {
  app.get<{ Params: { userId: string } }>('/users/:userId/sessions', (request) => ({
    sessions: tenant.oidc
      .all('Session')
      .filter(([, { payload }]) => payload['accountId'] === request.params.userId)
      .map(([, record]) => toSessionResponse(tenant, record)),
  }));

  app.get<SessionRoute>('/users/:userId/sessions/:sessionId', (request) => {
    const { userId, sessionId } = request.params;
    const match = tenant.oidc.findBy('Session', { uid: sessionId, accountId: userId });
    if (!match) throw new RequestError(404, 'oidc.session_not_found');
    return toSessionResponse(tenant, match[1]);
  });

  app.delete<SessionRoute>('/users/:userId/sessions/:sessionId', (request, reply) => {
    const { userId, sessionId } = request.params;
    const query = z.object({ revokeGrantsTarget: z.enum(['all', 'firstParty']).optional() });
    const { revokeGrantsTarget } = parseInput(query, request.query, 'query');
    const [id, session] = tenant.oidc.findBy('Session', { uid: sessionId }) ?? [];
    if (!session || id === undefined) throw new RequestError(404, 'oidc.session_not_found');
    if (session.payload['accountId'] !== userId) throw new RequestError(404, 'oidc.invalid_session_account_id');
    const authorizations = (session.payload['authorizations'] ?? {}) as Authorizations;
    for (const [clientId, { grantId }] of Object.entries(authorizations)) {
      const isKept = revokeGrantsTarget === 'firstParty' && tenant.applications.get(clientId)?.isThirdParty;
      if (revokeGrantsTarget && grantId && !isKept) tenant.revokeGrant(grantId);
    }
    tenant.oidc.destroy('Session', id);
    tenant.sessionExtensions.delete(sessionId);
    return reply.code(204).send();
  });
}

function toSessionResponse(tenant: Tenant, { payload, expiresAt }: OidcRecord) {
  const extension = tenant.sessionExtensions.get(payload['uid'] as string);
  return {
    payload: { authorizations: {}, ...payload },
    lastSubmission: extension?.lastSubmission ?? null,
    clientId: extension?.clientId ?? null,
    accountId: payload['accountId'],
    expiresAt,
  };
}

/** Routes for the grants that a user has given to applications. */
export function grantRoutes(app: FastifyInstance, { tenant }: Context): void {
  app.get<{ Params: { userId: string } }>('/users/:userId/grants', (request) => {
    const query = z.object({ appType: z.enum(['firstParty', 'thirdParty']).optional() });
    const { appType } = parseInput(query, request.query, 'query');
    const grants = tenant.oidc
      .all('Grant')
      .filter(([, { payload }]) => payload['accountId'] === request.params.userId)
      .map(([id, { payload, expiresAt }]) => {
        const application = tenant.applications.get(payload['clientId'] as string);
        return { id, payload, expiresAt, application };
      })
      .filter(({ application }) => !appType || application?.isThirdParty === (appType === 'thirdParty'));
    return {
      grants: grants.map(({ application, ...grant }) => ({
        ...grant,
        application: application && { id: application.id, name: application.name },
      })),
    };
  });

  app.delete<{ Params: { userId: string; grantId: string } }>('/users/:userId/grants/:grantId', (request, reply) => {
    const { userId, grantId } = request.params;
    const grant = tenant.oidc.find('Grant', grantId);
    if (grant?.payload['accountId'] !== userId) throw new RequestError(404, 'oidc.invalid_grant');
    tenant.revokeGrant(grantId);
    for (const [id, { payload, expiresAt }] of tenant.oidc.all('Session')) {
      const authorizations = (payload['authorizations'] ?? {}) as Authorizations;
      const kept = Object.entries(authorizations).filter(([, authorization]) => authorization.grantId !== grantId);
      if (kept.length === Object.keys(authorizations).length) continue;
      // As in Logto, the session continues under a new id without that application.
      const jti = randomBytes(32).toString('base64url');
      const remaining = ((expiresAt ?? Infinity) - tenant.clock.now()) / 1000;
      tenant.oidc.destroy('Session', id);
      const renewed = { ...payload, jti, authorizations: Object.fromEntries(kept) };
      tenant.oidc.upsert('Session', jti, renewed, Number.isFinite(remaining) ? remaining : undefined);
    }
    return reply.code(204).send();
  });
}
