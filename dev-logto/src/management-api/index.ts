import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.js';
import { Authorizer } from './authorizer.js';
import { hookRoutes } from './hooks.routes.js';
import { emulateLogtoHttp } from './http.js';
import { identityRoutes } from './identities.routes.js';
import { mfaRoutes } from './mfa.routes.js';
import { grantRoutes, sessionRoutes } from './sessions.routes.js';
import { signInExperienceRoutes } from './sign-in-experience.routes.js';
import {
  personalAccessTokenRoutes,
  roleRoutes,
  subjectTokenRoutes,
  userSettingsAndRolesRoutes,
} from './roles-and-tokens.routes.js';
import { userPasswordRoutes } from './user-passwords.routes.js';
import { userRoutes } from './users.routes.js';
import { verificationCodeRoutes } from './verification-codes.routes.js';

const ROUTES = [
  userRoutes,
  userPasswordRoutes,
  userSettingsAndRolesRoutes,
  identityRoutes,
  mfaRoutes,
  sessionRoutes,
  grantRoutes,
  verificationCodeRoutes,
  signInExperienceRoutes,
  hookRoutes,
  personalAccessTokenRoutes,
  subjectTokenRoutes,
  roleRoutes,
];

/** Registers the supported part of Logto's Management API under `/api`. */
export async function registerManagementApi(app: FastifyInstance, context: Context): Promise<void> {
  const authorizer = new Authorizer(context);
  await app.register(
    (api, _options, done) => {
      emulateLogtoHttp(api);
      api.get('/status', (_request, reply) => reply.code(204).send());
      void api.register((guarded, _guardedOptions, ready) => {
        guarded.addHook('onRequest', async (request) => authorizer.authorize(request.headers.authorization));
        for (const routes of ROUTES) routes(guarded, context);
        ready();
      });
      done();
    },
    { prefix: '/api' },
  );
}
