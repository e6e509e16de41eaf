import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Context } from '../context.js';
import { generateSigningKey } from '../tenant/ids.js';
import type { Hook } from '../tenant/types.js';
import type { HookLog } from '../webhooks/webhooks.js';
import { parseInput } from './parse-input.js';
import { toJsonb } from './jsonb.js';
import { paginate } from './pagination.js';
import { RequestError, notExistsWithId, notFound } from './request-error.js';

const EVENTS = [
  'PostRegister',
  'PostSignIn',
  'PostSignInAdaptiveMfaTriggered',
  'PostResetPassword',
  'User.Created',
  'User.Deleted',
  'User.Data.Updated',
  'User.SuspensionStatus.Updated',
  'Role.Created',
  'Role.Deleted',
  'Role.Data.Updated',
  'Role.Scopes.Updated',
  'Scope.Created',
  'Scope.Deleted',
  'Scope.Data.Updated',
  'Organization.Created',
  'Organization.Deleted',
  'Organization.Data.Updated',
  'Organization.Membership.Updated',
  'OrganizationRole.Created',
  'OrganizationRole.Deleted',
  'OrganizationRole.Data.Updated',
  'OrganizationRole.Scopes.Updated',
  'OrganizationScope.Created',
  'OrganizationScope.Deleted',
  'OrganizationScope.Data.Updated',
  'Identifier.Lockout',
  'Message.RateLimited',
  'Grant.LimitExceeded',
] as const;

const config = z.object({
  url: z.string(),
  headers: z.record(z.string()).optional(),
  retries: z.number().int().min(0).max(3).optional(),
});
const events = z.enum(EVENTS).array().min(1);
const newHook = z.object({
  name: z.string().max(256).optional(),
  event: z.enum(EVENTS).optional(),
  events: events.optional(),
  config,
  enabled: z.boolean().optional(),
});
const hookPatch = z
  .object({ name: z.string().max(256), event: z.enum(EVENTS), events, config, enabled: z.boolean() })
  .partial();

interface HookRoute {
  Params: { id: string };
}

export function hookRoutes(app: FastifyInstance, { tenant, webhooks }: Context): void {
  const getHook = (id: string): Hook => {
    const hook = tenant.hooks.get(id);
    if (!hook) throw notExistsWithId('hooks', id);
    return hook;
  };
  // Logto returns a different error for an unknown hook when updating it.
  const getHookToUpdate = (id: string): Hook => {
    const hook = tenant.hooks.get(id);
    if (!hook) throw new RequestError(404, 'entity.not_exists', { values: { name: 'hook' } });
    return hook;
  };
  const toHookResponse = (hook: Hook, query: unknown) => {
    if ((query as Record<string, string>)['includeExecutionStats'] !== 'true') return hook;
    const logs = webhooks.logs.filter(({ hookId }) => hookId === hook.id);
    const successCount = logs.filter(({ succeeded }) => succeeded).length;
    return { ...hook, executionStats: { successCount, requestCount: logs.length } };
  };

  app.get('/hooks', (request) => [...tenant.hooks.values()].map((hook) => toHookResponse(hook, request.query)));

  app.get<HookRoute>('/hooks/:id', (request) => toHookResponse(getHook(request.params.id), request.query));

  app.post('/hooks', (request, reply) => {
    const input = parseInput(newHook, request.body);
    const subscribedEvents = input.events ?? (input.event ? [input.event] : []);
    if (subscribedEvents.length === 0) throw new RequestError(400, 'hook.missing_events');
    const { name = '', event = null, enabled = true } = input;
    const hook = tenant.addHook({ name, events: subscribedEvents, config: input.config });
    Object.assign(hook, { event, enabled });
    return reply.code(201).send(hook);
  });

  app.patch<HookRoute>('/hooks/:id', (request) => {
    const change = parseInput(hookPatch, request.body);
    if (Object.keys(change).length === 0) throw new RequestError(422, 'entity.invalid_input');
    return Object.assign(getHookToUpdate(request.params.id), change);
  });

  app.patch<HookRoute>('/hooks/:id/signing-key', (request) =>
    Object.assign(getHookToUpdate(request.params.id), { signingKey: generateSigningKey() }),
  );

  app.delete<HookRoute>('/hooks/:id', (request, reply) => {
    if (!tenant.hooks.delete(request.params.id)) throw notFound();
    return reply.code(204).send();
  });

  app.post<HookRoute>('/hooks/:id/test', async (request, reply) => {
    const body = parseInput(z.object({ events, config }), request.body);
    const { id, signingKey } = getHook(request.params.id);
    for (const event of body.events) {
      const response = await webhooks
        .post({ config: body.config, signingKey }, createTestPayload(event, id, tenant.clock.now()))
        .catch((error: unknown) => {
          const values = { message: String(error) };
          throw new RequestError(422, 'hook.send_test_payload_failed', { values });
        });
      if (!response.ok) {
        const data = { responseStatus: response.status, responseBody: await response.text() };
        throw new RequestError(422, 'hook.endpoint_responded_with_error', { data });
      }
    }
    return reply.code(204).send();
  });

  app.get<HookRoute>('/hooks/:id/recent-logs', (request, reply) => {
    const logs = webhooks.logs.filter(({ hookId }) => hookId === request.params.id);
    return paginate(request, reply, logs).map(toLogResponse);
  });
}

const createTestPayload = (event: string, hookId: string, now: number) => ({
  event,
  hookId,
  createdAt: new Date(now).toISOString(),
  userAgent: 'fake-user-agent',
  path: '/fake-path/:id',
  method: 'POST',
  status: 200,
  params: { id: 'fake-id' },
  data: { result: 'success' },
});

function toLogResponse({ id, event, hookId, succeeded, body, response, error, createdAt }: HookLog) {
  const key = `TriggerHook.${event}`;
  const result = succeeded ? 'Success' : 'Error';
  return {
    id,
    key,
    payload: toJsonb({ key, result, error, hookId, response, hookRequest: { body } }),
    createdAt,
  };
}
