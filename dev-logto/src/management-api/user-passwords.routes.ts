import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Context } from '../context.js';
import { parseInput } from './parse-input.js';
import { RequestError } from './request-error.js';
import { getUser, toUserResponseWithHasPassword } from './user-view.js';

interface UserRoute {
  Params: { userId: string };
}

const withPassword = z.object({ password: z.string().min(1) });

/** Routes for a user's password. As in Logto, no password policy and no lockout apply. */
export function userPasswordRoutes(app: FastifyInstance, { tenant, passwords, webhooks }: Context): void {
  app.patch<UserRoute>('/users/:userId/password', async (request) => {
    const { password } = parseInput(withPassword, request.body);
    getUser(tenant, request.params.userId);
    const passwordHash = await passwords.hash(password);
    const user = getUser(tenant, request.params.userId);
    Object.assign(user, { passwordHash, updatedAt: tenant.clock.now() });
    return webhooks.notifyChange('User.Data.Updated', request, toUserResponseWithHasPassword(user));
  });

  app.post<UserRoute>('/users/:userId/password/verify', async (request, reply) => {
    const { password } = parseInput(withPassword, request.body);
    const { passwordHash } = getUser(tenant, request.params.userId);
    if (!(await passwords.verify(passwordHash, password))) {
      throw new RequestError(422, 'session.invalid_credentials');
    }
    return reply.code(204).send();
  });

  app.get<UserRoute>('/users/:userId/has-password', (request) => ({
    hasPassword: getUser(tenant, request.params.userId).passwordHash !== null,
  }));

  app.patch<UserRoute>('/users/:userId/password/expiration', (request) => {
    getUser(tenant, request.params.userId);
    throw new RequestError(400, 'sign_in_experiences.password_expiration_not_enabled');
  });
}
