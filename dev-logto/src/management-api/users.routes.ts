import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Context } from '../context.js';
import type { User, UserProfile } from '../tenant/types.js';
import { parseInput } from './parse-input.js';
import { toJsonb } from './jsonb.js';
import { paginate } from './pagination.js';
import { RequestError } from './request-error.js';
import {
  checkIdentifiersUnused,
  checkLengths,
  checkUniqueIndexes,
  jsonObject,
  mergeProfile,
  normalizePhone,
  userCreate,
  userPatch,
  userProfile,
} from './user-schema.js';
import { searchUsers } from './user-search.js';
import { toPublicUser, getUser, toUserResponseWithHasPassword } from './user-view.js';

interface UserRoute {
  Params: { userId: string };
}

/** Routes for users: basic fields, profile and custom data. */
export function userRoutes(app: FastifyInstance, { tenant, passwords, webhooks, raceWindow }: Context): void {
  const updateUser = (user: User, change: Partial<User>): User =>
    Object.assign(user, change, { updatedAt: tenant.clock.now() });

  app.get('/users', (request, reply) => {
    const users = searchUsers(tenant, request.query as Record<string, string | string[]>);
    return paginate(request, reply, users).map(toUserResponseWithHasPassword);
  });

  app.get<UserRoute>('/users/:userId', (request, reply) => {
    const user = getUser(tenant, request.params.userId);
    const { includeSsoIdentities, includePasswordHash } = request.query as Record<string, string>;
    void reply.send({
      ...toUserResponseWithHasPassword(user),
      ...(includeSsoIdentities === 'true' && { ssoIdentities: user.ssoIdentities }),
      ...(includePasswordHash === 'true' && {
        passwordDigest: user.passwordHash,
        passwordAlgorithm: user.passwordHash && 'Argon2i',
      }),
    });
  });

  app.post('/users', async (request) => {
    const {
      password,
      avatar,
      customData = {},
      profile = {},
      primaryPhone,
      ...rest
    } = parseInput(userCreate, request.body);
    const basicFields = {
      ...rest,
      avatar: avatar || null,
      ...(primaryPhone !== undefined && { primaryPhone: normalizePhone(primaryPhone) }),
    };
    checkIdentifiersUnused(tenant, basicFields);
    checkLengths(basicFields);
    const passwordHash = password === undefined ? null : await passwords.hash(password);
    await raceWindow();
    checkUniqueIndexes(tenant, basicFields);
    const user = tenant.addUser({
      ...basicFields,
      customData: toJsonb(customData),
      profile: profile as UserProfile,
      passwordHash,
    });
    return webhooks.notifyChange('User.Created', request, toUserResponseWithHasPassword(user));
  });

  app.patch<UserRoute>('/users/:userId', async (request) => {
    const { customData, profile, ...input } = parseInput(userPatch, request.body ?? {});
    const user = getUser(tenant, request.params.userId);
    const basicFields = Object.fromEntries(
      Object.entries(input).map(([key, value]) => [key, value === '' ? null : value]),
    ) as Partial<User>;
    if (basicFields.primaryPhone) basicFields.primaryPhone = normalizePhone(basicFields.primaryPhone);
    checkIdentifiersUnused(tenant, basicFields, user);
    const change: Partial<User> = {
      ...basicFields,
      ...(customData && { customData: toJsonb(customData) }),
      ...(profile && { profile: profile as UserProfile }),
    };
    if (Object.keys(change).length === 0) throw new RequestError(422, 'entity.invalid_input');
    checkLengths(basicFields);
    if (basicFields.primaryEmail) {
      await raceWindow();
      getUser(tenant, user.id);
      checkUniqueIndexes(tenant, basicFields, user);
    }
    updateUser(user, change);
    return webhooks.notifyChange('User.Data.Updated', request, toUserResponseWithHasPassword(user));
  });

  app.delete<UserRoute>('/users/:userId', (request, reply) => {
    const user = getUser(tenant, request.params.userId);
    tenant.deleteUser(user.id);
    webhooks.notifyDeletion('User.Deleted', request, toPublicUser(user));
    void reply.code(204).send();
  });

  app.patch<UserRoute>('/users/:userId/is-suspended', (request) => {
    const { isSuspended } = parseInput(z.object({ isSuspended: z.boolean() }), request.body);
    const user = updateUser(getUser(tenant, request.params.userId), { isSuspended });
    if (isSuspended) {
      tenant.oidc.destroyWhere((model, { accountId }) => model === 'RefreshToken' && accountId === user.id);
    }
    return webhooks.notifyChange('User.SuspensionStatus.Updated', request, toUserResponseWithHasPassword(user));
  });

  app.get<UserRoute>('/users/:userId/custom-data', (request) => getUser(tenant, request.params.userId).customData);

  app.patch<UserRoute>('/users/:userId/custom-data', (request) => {
    const { customData } = parseInput(z.object({ customData: jsonObject }), request.body);
    const user = getUser(tenant, request.params.userId);
    updateUser(user, { customData: toJsonb({ ...user.customData, ...customData }) });
    return webhooks.notifyChange('User.Data.Updated', request, user.customData);
  });

  app.patch<UserRoute>('/users/:userId/profile', (request) => {
    const { profile } = parseInput(z.object({ profile: userProfile }), request.body);
    const user = getUser(tenant, request.params.userId);
    updateUser(user, { profile: mergeProfile(user.profile, profile as UserProfile) });
    return webhooks.notifyChange('User.Data.Updated', request, user.profile);
  });
}
