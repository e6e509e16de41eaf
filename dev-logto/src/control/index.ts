import { parsePhoneNumberWithError } from 'libphonenumber-js';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Context } from '../context.js';
import { isCrossSite } from '../loopback-only.js';
import type { Oidc } from '../oidc/index.js';
import { TOKEN_KINDS } from '../oidc/issue-token.js';
import type { Tenant } from '../tenant/tenant.js';
import type { SentMessage } from '../tenant/types.js';

const faultBody = z.object({
  operation: z.string().optional(),
  times: z.number().int().positive().optional(),
  latency: z.number().nonnegative().optional(),
  status: z.number().int().min(200).max(599).optional(),
  body: z.unknown(),
  headers: z.record(z.string()).optional(),
  connection: z.enum(['reset', 'hang', 'garbage', 'truncate']).optional(),
  effect: z.enum(['before', 'after']).optional(),
  stopListening: z.boolean().optional(),
  drop: z.enum(['before', 'after', 'during']).optional(),
  slowBody: z.number().positive().optional(),
  failSends: z.number().int().nonnegative().optional(),
  rejectTokens: z.enum(['none', 'used', 'all']).optional(),
  removeConnectors: z.enum(['email', 'sms']).array().optional(),
  breachedPasswordServiceDown: z.boolean().optional(),
});

const tokenBody = z.object({
  user: z.string(),
  kind: z.enum(TOKEN_KINDS).optional(),
  client: z.string().optional(),
  organization: z.string().optional(),
  ttl: z.number().optional(),
  scope: z.string().optional(),
});

const rotateBody = z
  .object({ signingAlgorithm: z.enum(['ES384', 'RS256']), gracePeriod: z.number().nonnegative() })
  .partial()
  .nullish()
  .transform((options) => options ?? undefined);

const clockBody = z.object({ advance: z.number().optional(), set: z.number().optional() });

const describeError = (error: unknown): string =>
  error instanceof z.ZodError
    ? error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')
    : (error as Error).message;

/** Normalizes an address: an email's domain to lower case, a phone number to E.164 digits without `+`. */
function normalizeAddress(address: string): string {
  const trimmed = address.trim();
  const at = trimmed.lastIndexOf('@');
  if (at !== -1) return trimmed.slice(0, at) + trimmed.slice(at).toLowerCase();
  try {
    return parsePhoneNumberWithError(`+${trimmed.replace(/^\+/, '')}`).number.slice(1);
  } catch {
    return trimmed;
  }
}

/** Finds the latest message to an email address or phone number, in any notation. */
export function findLastMessage(tenant: Tenant, address: string): SentMessage | undefined {
  const normalized = normalizeAddress(address);
  return tenant.sentMessages.findLast(({ to }) => normalizeAddress(to) === normalized);
}

/** Serves the control API under `/dev`: tokens, codes, faults, clock, keys, calls, reset. It needs no authentication. */
export async function registerControlApi(app: FastifyInstance, context: Context, oidc: Oidc): Promise<void> {
  const { tenant, faults, calls } = context;
  await app.register(
    (dev, _options, done) => {
      dev.addHook('onRequest', async (request, reply) => {
        // Other sites open in the developer's browser must not reach the control API.
        if (isCrossSite(request)) await reply.code(403).send();
      });
      dev.setErrorHandler((error, _request, reply) => reply.code(400).send({ message: describeError(error) }));

      dev.post('/token', async (request, reply) => {
        const { user: identifier, ...options } = tokenBody.parse(request.body);
        const user = tenant.findUser(identifier);
        if (!user) return reply.code(404).send({ message: `No such user: ${identifier}` });
        return { token: await oidc.issueToken(user.id, options) };
      });

      dev.get<{ Querystring: { address?: string } }>('/codes', (request, reply) => {
        const message = findLastMessage(tenant, request.query.address ?? '');
        return message ?? reply.code(404).send({ message: 'No code was sent to that address.' });
      });

      dev.get('/faults', () => faults.list());
      dev.post('/faults', (request, reply) => {
        const { failSends, rejectTokens, removeConnectors, breachedPasswordServiceDown, operation, ...fault } =
          faultBody.parse(request.body);
        if (operation !== undefined) faults.add({ operation, ...fault });
        if (failSends !== undefined) faults.failSends(failSends);
        if (rejectTokens) faults.rejectTokens(rejectTokens);
        if (removeConnectors) {
          faults.connectorsRemoved.clear();
          removeConnectors.forEach((channel) => faults.connectorsRemoved.add(channel));
        }
        if (breachedPasswordServiceDown !== undefined) {
          faults.breachedPasswordServiceDown = breachedPasswordServiceDown;
        }
        return reply.code(204).send();
      });
      dev.delete('/faults', (_request, reply) => {
        faults.reset();
        return reply.code(204).send();
      });

      dev.get('/clock', () => ({ now: tenant.clock.now(), offset: tenant.clock.offset }));
      dev.post('/clock', (request) => {
        const { advance, set } = clockBody.parse(request.body);
        if (advance === undefined && set === undefined) tenant.clock.reset();
        if (set !== undefined) tenant.clock.set(set);
        if (advance !== undefined) tenant.clock.advance(advance * 1000);
        return { now: tenant.clock.now(), offset: tenant.clock.offset };
      });

      dev.get('/calls', () => calls.list());
      dev.delete('/calls', (_request, reply) => {
        calls.reset();
        return reply.code(204).send();
      });

      dev.post('/keys/rotate', async (request, reply) => {
        await oidc.rotateKeys(rotateBody.parse(request.body));
        return reply.code(204).send();
      });

      dev.post('/reset', async (_request, reply) => {
        await context.reset();
        return reply.code(204).send();
      });
      done();
    },
    { prefix: '/dev' },
  );
}
