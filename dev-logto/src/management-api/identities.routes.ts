import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Context } from '../context.js';
import type { Identity, User } from '../tenant/types.js';
import { parseInput } from './parse-input.js';
import { toJsonb } from './jsonb.js';
import { RequestError, notFound } from './request-error.js';
import { jsonObject } from './user-schema.js';
import { getUser, toUserResponseWithHasPassword } from './user-view.js';

interface UserRoute {
  Params: { userId: string };
}
interface IdentityRoute {
  Params: { userId: string; target: string };
}

/** Routes for social identities. As in Logto, deleting a user's last sign-in method is allowed. */
export function identityRoutes(app: FastifyInstance, { tenant, raceWindow }: Context): void {
  const link = async (user: User, target: string, identity: Identity): Promise<User['identities']> => {
    const isInUse = [...tenant.users.values()].some(
      (other) => other !== user && other.identities[target]?.userId === identity.userId,
    );
    if (isInUse) throw new RequestError(422, 'user.identity_already_in_use');
    await raceWindow();
    user.identities = toJsonb({ ...user.identities, [target]: identity });
    user.updatedAt = tenant.clock.now();
    return user.identities;
  };

  const getIdentity = ({ userId, target }: IdentityRoute['Params']): [User, Identity] => {
    const user = getUser(tenant, userId);
    const identity = user.identities[target];
    if (!identity) throw new RequestError(404, 'user.identity_not_exist');
    return [user, identity];
  };

  app.get<IdentityRoute>('/users/:userId/identities/:target', (request) => {
    const [, identity] = getIdentity(request.params);
    return { identity };
  });

  app.put<IdentityRoute>('/users/:userId/identities/:target', async (request, reply) => {
    const identity = parseInput(z.object({ userId: z.string(), details: jsonObject.optional() }), request.body);
    const { userId, target } = request.params;
    const user = getUser(tenant, userId);
    const status = user.identities[target] ? 200 : 201;
    return reply.code(status).send(await link(user, target, identity));
  });

  app.post<UserRoute>('/users/:userId/identities', (request) => {
    const body = parseInput(z.object({ connectorId: z.string(), connectorData: jsonObject }), request.body);
    const { connectorId, connectorData } = body;
    const connector = tenant.connectors.get(connectorId);
    if (!connector) throw notFound();
    if (connector.type !== 'Social') {
      throw new RequestError(422, 'session.invalid_connector_id', { values: { connectorId } });
    }
    // As in Logto's mock social connector, `connectorData` is the identity.
    const parsed = z.object({ code: z.string(), userId: z.string() }).passthrough().safeParse(connectorData);
    if (!parsed.success) {
      const data = { message: JSON.stringify(connectorData) };
      throw new RequestError(400, 'connector.invalid_response', { data });
    }
    const { code: _code, userId, ...profile } = parsed.data;
    const user = getUser(tenant, request.params.userId);
    const details = { id: userId, ...profile, rawData: connectorData };
    return link(user, connector.target, { userId, details });
  });

  app.delete<IdentityRoute>('/users/:userId/identities/:target', (request) => {
    const [user] = getIdentity(request.params);
    const { [request.params.target]: _removed, ...identities } = user.identities;
    Object.assign(user, { identities, updatedAt: tenant.clock.now() });
    return toUserResponseWithHasPassword(user);
  });

  app.get<UserRoute>('/users/:userId/all-identities', (request) => {
    const { identities, ssoIdentities } = getUser(tenant, request.params.userId);
    return {
      socialIdentities: Object.entries(identities).map(([target, identity]) => ({ identity, target })),
      ssoIdentities,
    };
  });

  app.get<UserRoute>('/users/:userId/sso-identities/:ssoConnectorId', (request) => {
    getUser(tenant, request.params.userId);
    throw new RequestError(404, 'user.enterprise_sso_identity_not_exists'); // dev-logto has no enterprise sign-in.
  });
}
