import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Context } from '../context.js';
import { generateId } from '../tenant/ids.js';
import type { PersonalAccessToken, Role } from '../tenant/types.js';
import { parseInput } from './parse-input.js';
import { paginate } from './pagination.js';
import { RequestError, notExistsWithId, notFound } from './request-error.js';
import { getUser, toUserResponse } from './user-view.js';

interface UserRoute {
  Params: { userId: string };
}

const SUBJECT_TOKEN_TTL_SECONDS = 600;

const flags = z.object({ skipped: z.boolean().optional() });
const logtoConfigPatch = z.object({
  mfa: flags.extend({ enabled: z.boolean().optional(), skipMfaOnSignIn: z.boolean().optional() }).optional(),
  passkeySignIn: flags.optional(),
});

/** Routes for a user's settings, roles and organizations. */
export function userSettingsAndRolesRoutes(app: FastifyInstance, { tenant, webhooks }: Context): void {
  app.get<UserRoute>('/users/:userId/logto-configs', (request) =>
    toConfigResponse(getUser(tenant, request.params.userId).logtoConfig),
  );

  app.patch<UserRoute>('/users/:userId/logto-configs', (request) => {
    const { mfa, passkeySignIn } = parseInput(logtoConfigPatch, request.body);
    const user = getUser(tenant, request.params.userId);
    const old = toConfigResponse(user.logtoConfig);
    user.logtoConfig = {
      mfa: { ...old.mfa, ...mfa },
      passkeySignIn: { ...old.passkeySignIn, ...passkeySignIn },
    };
    user.updatedAt = tenant.clock.now();
    webhooks.notifyEvent('User.Data.Updated', request, toUserResponse(user));
    return toConfigResponse(user.logtoConfig);
  });

  app.get<UserRoute>('/users/:userId/organizations', (request) => {
    getUser(tenant, request.params.userId);
    return []; // dev-logto has no organizations.
  });

  app.get<UserRoute>('/users/:userId/roles', (request, reply) => {
    const { roleIds } = getUser(tenant, request.params.userId);
    return paginate(request, reply, roleIds).map((id) => toRoleResponse(tenant.roles.get(id)!));
  });

  app.post<UserRoute>('/users/:userId/roles', (request, reply) => {
    const { roleIds } = parseInput(z.object({ roleIds: z.string().min(1).array() }), request.body);
    const user = getUser(tenant, request.params.userId);
    const unknown = roleIds.find((id) => !tenant.roles.has(id));
    if (unknown !== undefined) throw notExistsWithId('roles', unknown);
    const addedRoleIds = roleIds.filter((id) => !user.roleIds.includes(id));
    user.roleIds.push(...addedRoleIds);
    return reply.code(201).send({ roleIds, addedRoleIds });
  });

  app.delete<{ Params: { userId: string; roleId: string } }>('/users/:userId/roles/:roleId', (request, reply) => {
    const user = getUser(tenant, request.params.userId);
    if (!user.roleIds.includes(request.params.roleId)) throw notFound();
    user.roleIds = user.roleIds.filter((id) => id !== request.params.roleId);
    return reply.code(204).send();
  });
}

interface TokenRoute {
  Params: { userId: string; name: string };
}

/** Routes for personal access tokens. No endpoint accepts these tokens. */
export function personalAccessTokenRoutes(app: FastifyInstance, { tenant }: Context): void {
  const findToken = ({ userId, name }: TokenRoute['Params']) => {
    const user = getUser(tenant, userId);
    const token = user.personalAccessTokens.find((candidate) => candidate.name === name);
    if (!token) throw notFound();
    return { user, token };
  };
  const checkNameUnused = (userId: string, name: string): void => {
    if (getUser(tenant, userId).personalAccessTokens.some((token) => token.name === name)) {
      throw new RequestError(422, 'user.personal_access_token_name_exists');
    }
  };

  app.get<UserRoute>(
    '/users/:userId/personal-access-tokens',
    (request) => getUser(tenant, request.params.userId).personalAccessTokens,
  );

  app.post<UserRoute>('/users/:userId/personal-access-tokens', (request, reply) => {
    const body = z.object({ name: z.string().min(1), expiresAt: z.number().nullable().default(null) });
    const { name, expiresAt } = parseInput(body, request.body);
    const { userId } = request.params;
    if (expiresAt !== null && expiresAt <= tenant.clock.now()) {
      const details = 'The value of `expiresAt` must be in the future.';
      throw new RequestError(400, 'request.invalid_input', { values: { details } });
    }
    checkNameUnused(userId, name);
    const token: PersonalAccessToken = {
      tenantId: 'default',
      userId,
      name,
      value: `pat_${randomBytes(24).toString('base64url')}`,
      createdAt: tenant.clock.now(),
      expiresAt,
    };
    getUser(tenant, userId).personalAccessTokens.push(token);
    return reply.code(201).send(token);
  });

  app.patch<TokenRoute>('/users/:userId/personal-access-tokens/:name', (request) => {
    const { name } = parseInput(z.object({ name: z.string().min(1) }), request.body);
    const { token } = findToken(request.params);
    if (name !== token.name) checkNameUnused(request.params.userId, name);
    return Object.assign(token, { name });
  });

  app.delete<TokenRoute>('/users/:userId/personal-access-tokens/:name', (request, reply) => {
    const { user, token } = findToken(request.params);
    user.personalAccessTokens = user.personalAccessTokens.filter((other) => other !== token);
    return reply.code(204).send();
  });
}

/** Routes for subject tokens, which the token endpoint exchanges for a user's access token (RFC 8693). */
export function subjectTokenRoutes(app: FastifyInstance, { tenant }: Context): void {
  app.post('/subject-tokens', (request, reply) => {
    const body = z.object({ userId: z.string(), context: z.record(z.unknown()).optional() });
    const { userId, context = {} } = parseInput(body, request.body);
    if (!tenant.users.has(userId)) throw new RequestError(404, 'entity.relation_foreign_key_not_found');
    const id = `sub_${randomBytes(24).toString('base64url')}`;
    const expiresAt = tenant.clock.now() + SUBJECT_TOKEN_TTL_SECONDS * 1000;
    tenant.subjectTokens.set(id, { id, userId, context, expiresAt, consumedAt: null });
    return reply.code(201).send({ subjectToken: id, expiresIn: SUBJECT_TOKEN_TTL_SECONDS });
  });
}

/** The route that creates a role. */
export function roleRoutes(app: FastifyInstance, { tenant }: Context): void {
  app.post('/roles', (request) => {
    const body = z.object({
      name: z.string().min(1),
      description: z.string().min(1),
      type: z.enum(['User', 'MachineToMachine']).default('User'),
      scopeIds: z.string().array().default([]),
    });
    const role: Role = { id: generateId(), isDefault: false, ...parseInput(body, request.body) };
    tenant.roles.set(role.id, role);
    return toRoleResponse(role);
  });
}

const toRoleResponse = ({ id, name, description, type, isDefault }: Role) => ({
  tenantId: 'default',
  id,
  name,
  description,
  type,
  isDefault,
});

function toConfigResponse(config: Record<string, unknown>) {
  return {
    mfa: { skipped: false, skipMfaOnSignIn: false, ...(config['mfa'] as object) },
    passkeySignIn: { skipped: false, ...(config['passkeySignIn'] as object) },
  };
}
